import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../src/client/index.js';
import type { AuthorityAct, Final } from '../history/history.js';
import { Person, type PersonParts } from './person.js';
import { below, oneOf } from './random.js';

const guests = 5;
const roles = ['first', 'second'];
const grants = [[], ['mention_all'], ['administrator']] as const;
/** Between two changes, and between two messages, ms. */
const actMs = [700, 1_500] as const;
const sendMs = [250, 500] as const;
/** A send is given up after so long. */
const withinMs = 30_000;
const mostThreads = 6;

/**
 * A community of closed threads. Its owner changes who views them, by roles, overrides and by name, and people talk in them; each has a
 * device that follows the community, opens what it may view from now on, and goes on talking in what it may not view any more.
 */
export class ClosedRooms {
  readonly owner: Person;
  readonly guests: Person[];
  community = '';
  readonly threads: string[] = [];
  readonly #roles: string[] = [];
  readonly #parts: PersonParts;
  readonly #abort = new AbortController();
  #under: Promise<unknown> = Promise.resolve();
  #count = 0;

  constructor(parts: (nth: number) => PersonParts) {
    this.#parts = parts(0);
    this.owner = new Person('keeper', parts(0));
    this.guests = Array.from({ length: guests }, (_, nth) => new Person(`guest${nth}`, parts(nth + 1)));
  }

  get people(): Person[] {
    return [this.owner, ...this.guests];
  }

  /** Everybody is a member, and one thread is closed to some. */
  async found(): Promise<void> {
    const { operations } = this.owner.client;
    for (const person of this.people) await person.signUp();
    this.community = (await operations.createCommunity({ name: 'Closed rooms', is_public: true })).id;
    const community_id = this.community;
    for (const guest of this.guests) await guest.client.operations.joinAsMember({ community_id });
    for (const name of roles) this.#roles.push((await operations.createRole({ community_id, name, nonce: `role-${name}` })).id);
    this.threads.push((await operations.createThread({ community_id, title: 'Open' })).id);
    const people = this.guests.slice(0, 3).map(({ id }) => id);
    this.threads.push((await operations.createThread({ community_id, title: 'Closed', is_private: true, member_ids: people })).id);
    for (const person of this.people) this.#follow(person);
  }

  start(): void {
    this.#under = Promise.all([this.#change(), this.#talk()]);
  }

  /** When it resolves nothing is under way any more. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#under;
    for (const person of this.people) for (const thread of [...person.views.keys()]) hide(person, thread);
  }

  /** What lists and searches show to everybody, once all is quiet. */
  async sights(): Promise<NonNullable<Final['sights']>> {
    const found: NonNullable<Final['sights']>[number][] = [];
    const { community } = this;
    for (const { id: member, client } of this.people) {
      const list = await client.operations.listThreads({ community_id: community, limit: 100 });
      found.push({ member, community, by: 'list_threads', threads: list.items.map(({ id }) => id) });
      const search = async (place: { community_id: string } | { thread_id: string }): Promise<string[]> => {
        const { items } = await client.operations.searchMessages({ q: 'message', limit: 100, ...place });
        return items.map(({ message }) => message.thread_id);
      };
      const hits = await search({ community_id: community });
      // Of those that are not there for somebody nothing is found.
      for (const thread_id of this.threads) hits.push(...(await search({ thread_id }).catch(() => [])));
      found.push({ member, community, by: 'search_messages', threads: [...new Set(hits)] });
    }
    return found;
  }

  #follow(person: Person): void {
    const join = (): void => void person.client.emit('join_community', { community_id: this.community }).catch(() => undefined);
    person.client.connection.onState(({ phase }) => {
      if (phase === 'online') join();
    });
    join();
    person.client.on('new_thread', ({ thread }) => show(person, thread.id));
    for (const thread of this.threads) show(person, thread);
  }

  async #change(): Promise<void> {
    while (await this.#pause(actMs)) {
      const act = this.#next();
      await this.owner.byRest(
        act,
        () => this.#carryOut(act),
        (thread) => (thread === undefined ? {} : { thread }),
      );
    }
  }

  async #talk(): Promise<void> {
    const underWay = new Set<Promise<unknown>>();
    while (await this.#pause(sendMs)) {
      const person = oneOf(this.#parts.random, this.people);
      const content = `message ${++this.#count} of ${person.name}`;
      const sent = person.client.send(oneOf(this.#parts.random, this.threads), { content }, { withinMs });
      const done = sent.catch((thrown: unknown) => void Fault.from(thrown)).finally(() => underWay.delete(done));
      underWay.add(done);
    }
    await Promise.all(underWay);
  }

  async #pause([least, most]: readonly [number, number]): Promise<boolean> {
    const ms = least + this.#parts.random() * (most - least);
    await sleep(ms, undefined, { signal: this.#abort.signal }).catch(() => undefined);
    return !this.#abort.signal.aborted;
  }

  #next(): AuthorityAct {
    const { random } = this.#parts;
    const { community } = this;
    const thread = oneOf(random, this.threads.slice(1));
    const whom = oneOf(random, this.guests).id;
    const role = oneOf(random, this.#roles);
    const dice = random();
    if (dice < 0.04 && this.threads.length < mostThreads) {
      return { do: 'begin_closed', community, people: this.guests.filter(() => random() < 0.5).map(({ id }) => id) };
    }
    if (dice < 0.28) return { do: 'let_in', community, thread, whom };
    if (dice < 0.52) return { do: 'take_out', community, thread, whom };
    if (dice < 0.7) return { do: 'override', community, thread: oneOf(random, this.threads), ...this.#override(whom, role) };
    if (dice < 0.8) return { do: 'give_role', community, whom, role };
    if (dice < 0.9) return { do: 'take_role', community, whom, role };
    return { do: 'change_role', community, role, permissions: oneOf(random, grants) };
  }

  /** Also of the thread that begins open. */
  #override(whom: string, role: string): { subject: string; allow: string[]; deny: string[] } {
    const { random } = this.#parts;
    const subject = oneOf(random, [`role:${this.community}`, `role:${role}`, `role:${role}`, `member:${whom}`]);
    const say = subject.endsWith(this.community) ? (random() < 0.8 ? 1 : 2) : below(random, 3);
    return { subject, allow: say === 0 ? ['view'] : [], deny: say === 1 ? ['view'] : [] };
  }

  /** Answers the thread that was begun. */
  async #carryOut(act: AuthorityAct): Promise<string | undefined> {
    const { operations } = this.owner.client;
    const community_id = this.community;
    switch (act.do) {
      case 'begin_closed': {
        const { id } = await operations.createThread({ community_id, title: 'Begun', is_private: true, member_ids: [...act.people] });
        this.threads.push(id);
        this.#parts.recorder.closed.add(id);
        return id;
      }
      case 'let_in':
        await operations.addThreadMember({ thread_id: act.thread, member_id: act.whom });
        break;
      case 'take_out':
        await operations.removeThreadMember({ thread_id: act.thread, member_id: act.whom });
        break;
      case 'override': {
        const { thread: thread_id, subject, allow, deny } = act;
        if (allow.length + deny.length === 0) await operations.deleteOverride({ thread_id, subject });
        else await operations.setOverride({ thread_id, subject, allow: [...allow] as 'view'[], deny: [...deny] as 'view'[] });
        break;
      }
      case 'give_role':
        await operations.giveRole({ community_id, member_id: act.whom, role_id: act.role });
        break;
      case 'take_role':
        await operations.takeRole({ community_id, member_id: act.whom, role_id: act.role });
        break;
      case 'change_role':
        await operations.updateRole({ community_id, role_id: act.role, permissions: [...act.permissions] as 'view'[] });
        break;
    }
    return undefined;
  }
}

const hide = (person: Person, thread: string): void => {
  if (person.views.delete(thread)) person.client.closeThread(thread);
};

/** One that has come to its end is opened anew. */
const show = (person: Person, thread: string): void => {
  if (person.views.get(thread)?.status === 'gone') hide(person, thread);
  if (!person.views.has(thread)) person.views.set(thread, person.client.openThread(thread));
};
