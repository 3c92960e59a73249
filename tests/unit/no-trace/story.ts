import type { Thread } from '../../../src/protocol/resources.js';
import { House } from './house.js';
import { Person } from './person.js';

export const names = ['owner', 'insider', 'other', 'outside', 'former', 'taken', 'stranger'] as const;
export type Name = (typeof names)[number];
/**
 * Who may not view the closed thread: never could; did, and left the community and came back; did, and was taken out;
 * is outside it all.
 */
export const askers = ['outside', 'former', 'taken', 'stranger'] as const satisfies readonly Name[];

/** Ids of what is closed: in a world without it, of nothing that ever was. */
export interface Closed {
  thread: string;
  /** Another one, which was deleted. */
  gone: string;
  /** In it: of those who are inside, of those who were, and one that was deleted. */
  messages: string[];
  /** Of those who were inside, that it brought them. */
  notifications: string[];
}

export interface Known {
  community: string;
  thread: string;
  message: string;
  role: string;
  invite: string;
  code: string;
  people: Record<Name, string>;
  closed: Closed;
}

type Message = { id: string };

/** A community in which the same happens in every world, and what happens in its closed threads only where there are any. */
export class Story {
  readonly people = {} as Record<Name, Person>;
  known!: Known;
  readonly #closed: Closed = { thread: '', gone: '', messages: [], notifications: [] };
  #acts = 0;
  #lately = '';

  private constructor(
    readonly house: House,
    /** Absent: the closed threads are here. */
    private readonly elsewhere: Closed | undefined,
  ) {}

  /** `elsewhere`: what was closed in the other world. There is nothing of it here. */
  static async open(elsewhere?: Closed): Promise<Story> {
    return new Story(await House.open(), elsewhere);
  }

  async close(): Promise<void> {
    for (const person of Object.values(this.people)) person.close();
    await this.house.close();
  }

  /** An act in all worlds, a second after the one before. */
  async #all<T>(act: () => Promise<T>): Promise<T> {
    await this.house.pass(1_000);
    this.house.name(`act ${++this.#acts}`);

    const done = await act();
    await this.house.quiet();
    return done;
  }

  /** An act that belongs to what is closed. It takes the same time where it is not carried out. */
  async #in(act: () => Promise<unknown>): Promise<void> {
    await this.#all(async () => this.elsewhere ?? act());
  }

  /** Until those who were inside are not any more. */
  async begin(): Promise<void> {
    const { people } = this;
    for (const name of names) await this.#all(async () => (people[name] = await Person.signUp(this.house, name)));
    const { owner, insider, outside, former, taken, stranger } = people;
    await this.#all(() => Promise.all([outside, stranger, owner, insider, people.other].map((person) => person.connect())));
    const community = (await this.#all(() => owner.act<Message>('create_community', { name: 'Sea', tags: ['sea'] }))).id;
    for (const name of ['insider', 'other', 'outside', 'former', 'taken'] as const) {
      await this.#all(() => people[name].act('join_as_member', { community_id: community }));
    }
    const role = await this.#all(() => owner.act<Message>('create_role', { community_id: community, name: 'Crew', mentionable: true }));
    await this.#all(() => owner.act('give_role', { community_id: community, role_id: role.id, member_id: insider.id }));
    const invite = await this.#all(() => owner.act<{ id: string; code: string }>('create_invite', { community_id: community }));
    const thread = (await this.#all(() => owner.act<Message>('create_thread', { community_id: community, title: 'Open whale' }))).id;
    const message = (await this.#all(() => this.#say(insider, thread, 'a whale for @outside and @former'))).id;
    await this.#all(() => outside.act('join_community', { community_id: community }));
    await this.#all(() => outside.act('join_thread', { thread_id: thread }));
    const ids = Object.fromEntries(names.map((name) => [name, people[name].id])) as Record<Name, string>;
    this.known = {
      ...{ community, thread, message, role: role.id, invite: invite.id, code: invite.code, people: ids },
      closed: this.elsewhere ?? this.#closed,
    };
    await this.#closing();
    await this.#all(() => former.act('leave_as_member', { community_id: community }));
    await this.#in(() => insider.act('remove_thread_member', { thread_id: this.#closed.thread, member_id: taken.id }));
    await this.#all(() => former.act('join_as_member', { community_id: community }));
    await this.#remembered();
  }

  /**
   * The community's actor has those who ask in memory from here on. When it last looked one of them up hangs on what it was asked of them,
   * by threads as well; all of them ask for something themselves before long.
   */
  async #remembered(): Promise<void> {
    const { community } = this.known;
    for (const name of askers) await this.#all(() => this.people[name].act('get_community', { community_id: community }));
  }

  /** All have their connections, and listen to what is open. */
  async listen(): Promise<void> {
    const { people, known } = this;
    const { former, taken } = people;
    await this.#all(() => Promise.all([former, taken].map((person) => person.connect())));
    for (const person of [former, taken]) {
      await this.#all(() => person.act('join_community', { community_id: known.community }));
      await this.#all(() => person.act('join_thread', { thread_id: known.thread }));
    }
    for (const name of askers) await this.#all(() => people[name].hearHeads());
    await this.house.pass(60_000);
  }

  /** The closed threads come to be, with those inside who will not be. */
  async #closing(): Promise<void> {
    const { people, known } = this;
    const { insider, other, former, taken } = people;
    const closed = this.#closed;
    const begin = (title: string) =>
      insider.act<Thread>('create_thread', {
        ...{ community_id: known.community, title, content: 'for @outside, @stranger and @taken', is_private: true },
        member_ids: [other.id, former.id, taken.id],
      });
    await this.#in(async () => (closed.thread = (await begin('Closed whale')).id));
    for (const person of [insider, taken, former, other]) {
      await this.#in(async () => {
        const text = 'a secret whale of @outside, @stranger, @former, @taken, @insider and @other';
        closed.messages.push((await this.#say(person, closed.thread, text)).id);
      });
    }
    for (const person of [former, taken]) {
      await this.#in(() => person.act('add_reaction', { message_id: closed.messages[0], emoji: '👍' }));
      await this.#in(() => person.act('mark_read', { thread_id: closed.thread, seq: 2 }));
      await this.#in(async () => {
        const { items } = await person.act<{ items: { id: string; thread_id: string }[] }>('list_notifications');
        closed.notifications.push(...items.filter((one) => one.thread_id === closed.thread).map(({ id }) => id));
      });
    }
    await this.#in(() => people.owner.act('pin_thread', { thread_id: closed.thread, is_pinned: true }));
    await this.#in(() => insider.act('delete_message', { message_id: closed.messages[0] }));
    await this.#in(async () => (closed.gone = (await begin('Gone')).id));
    await this.#in(() => this.#say(taken, closed.gone, 'a secret whale'));
    await this.#in(() => insider.act('delete_thread', { thread_id: closed.gone }));
  }

  /** What goes on in closed threads while others listen and ask. */
  async live(): Promise<void> {
    const { people, known } = this;
    const { insider, other, owner, taken } = people;
    const { thread } = this.#closed;
    const of = { thread_id: thread };
    await this.#in(() => insider.act('join_thread', of));
    await this.#in(() => insider.act('join_community', { community_id: known.community }));
    await this.#in(async () => (this.#lately = (await this.#say(other, thread, 'again @outside @former @taken @stranger')).id));
    await this.#in(() => other.act('edit_message', { message_id: this.#lately, content: 'a secret, edited, of @former' }));
    await this.#in(() => insider.act('add_reaction', { message_id: this.#lately, emoji: '🐋' }));
    await this.#in(() => this.#answer(insider, thread, this.#closed.messages[1]));
    await this.#in(() => this.#answer(insider, thread, this.#closed.messages[2]));
    await this.#in(() => insider.act('typing', of));
    await this.#in(() => insider.act('stop_typing', of));
    await this.#in(() => other.act('mark_read', of));
    await this.#in(() => owner.act('pin_thread', { ...of, is_pinned: false }));
    await this.#in(() => insider.act('update_thread', { ...of, title: 'Closed krill', content: 'of @taken and @outside', tags: ['sea'] }));
    await this.#in(() => owner.act('set_override', { ...of, subject: `role:${known.role}`, allow: ['view'], deny: ['post'] }));
    await this.#in(() => owner.act('delete_override', { ...of, subject: `role:${known.role}` }));
    await this.#in(() => owner.act('set_override', { ...of, subject: `member:${taken.id}`, deny: ['view', 'post'] }));
    await this.#in(() => insider.act('remove_thread_member', { ...of, member_id: other.id }));
    await this.#in(() => insider.act('add_thread_member', { ...of, member_id: other.id }));
    const made = { id: '' };
    await this.#in(async () => {
      const input = { community_id: known.community, title: 'Another', is_private: true, member_ids: [other.id] };
      made.id = (await insider.act<Thread>('create_thread', input)).id;
    });
    await this.#in(() => this.#say(other, made.id, 'a secret of @outside'));
    await this.#in(() => insider.act('delete_thread', { thread_id: made.id }));
    await this.#all(() => this.#say(insider, known.thread, 'a whale in the open'));
    // As long as nodes tell each other where threads stand.
    await this.house.pass(40_000);
    await this.#remembered();
  }

  /** Between two questions something goes on inside. */
  async meanwhile(): Promise<void> {
    await this.#in(() => this.#say(this.people.insider, this.#closed.thread, 'a secret whale, and @outside'));
  }

  #say(by: Person, thread_id: string, content: string): Promise<Message> {
    return by.act<Message>('send_message', { thread_id, content });
  }

  #answer(by: Person, thread_id: string, reply_to: string | undefined): Promise<Message> {
    return by.act<Message>('send_message', { thread_id, content: 'a secret answer', reply_to });
  }
}
