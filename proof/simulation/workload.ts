import { Fault } from '../../src/kernel/errors.js';
import { isDeleted, type LiveMessage, type Message } from '../../src/protocol/resources.js';
import type { Act } from '../history/history.js';
import { type Answered, AuthorityWork } from './authority-work.js';
import type { Random } from './random.js';
import type { SimDevice } from './sim-device.js';
import type { SimCommunity, World } from './world.js';

const weights = {
  send: 42,
  send_in_view: 10,
  resend: 9,
  edit: 10,
  delete: 5,
  react: 9,
  mark_read: 8,
  typing: 4,
  presence: 4,
  hide: 4,
  show: 5,
  sync: 3,
  remove: 4,
  come_back: 7,
  look: 6,
  setting: 6,
  authority: 60,
} as const;
type OpKind = keyof typeof weights;

/** A send goes on until it is answered for good: the run becomes quiet long before. */
const withinMs = 600_000;
const emoji = ['👍', '🎉', '😀'] as const;

interface Sent {
  device: SimDevice;
  thread: string;
  nonce: string;
  content: string;
}

/** What people do during a run. Each operation draws from a fork of its own, so that leaving one out changes no other. */
export class Workload {
  readonly #world: World;
  readonly #random: Random;
  readonly #sent: Sent[] = [];
  /** States that a member may have chosen: several while it is not known which came through. */
  readonly chosen = new Map<string, Set<string>>();
  readonly #authority: AuthorityWork;
  readonly #pending = new Set<Promise<void>>();
  /** Sends that ended otherwise than they may. */
  readonly stuck: string[] = [];
  done = 0;

  /** `operations`: those of the plan that are left out are not in it. */
  constructor(world: World, plan: readonly { index: number; at: number }[]) {
    this.#world = world;
    this.#random = world.random.fork('workload');
    this.#authority = new AuthorityWork(world, (device, act, work) => this.#ask(device, act, work));
    for (const { index, at } of plan) {
      world.time.after(at, () => {
        const work = this.#run(index).finally(() => {
          this.#pending.delete(work);
          this.done++;
        });
        this.#pending.add(work);
      });
    }
  }

  get idle(): boolean {
    return this.#pending.size === 0;
  }

  async #run(index: number): Promise<void> {
    const random = this.#random.fork(`op ${index}`);
    const kind = random.weighted(weights);
    const device = random.pick(this.#world.devices);
    await this.#operate(kind, index, device, random);
  }

  #operate(kind: OpKind, index: number, device: SimDevice, random: Random): Promise<void> {
    const thread = random.pick(this.#threadsFor(device, random.chance(0.05)));
    switch (kind) {
      case 'send':
      case 'send_in_view':
        return this.#send(kind, index, device, thread, random);
      case 'resend':
        return this.#resend(device, random);
      case 'edit':
      case 'delete':
      case 'react':
        return this.#alter(kind, index, device, random);
      case 'mark_read':
        return this.#markRead(device, random);
      case 'typing':
        return quietly(device.client.emit('typing', { thread_id: thread }));
      case 'presence':
        return this.#presence(device, random.pick(['online', 'idle', 'dnd'] as const));
      case 'hide':
        device.hide(thread);
        return Promise.resolve();
      case 'show':
        device.show(thread);
        return Promise.resolve();
      case 'sync':
        return quietly(device.client.emit('sync_thread', { thread_id: thread, after_rev: random.int(0, 5) }));
      case 'remove':
        return this.#remove(random);
      case 'come_back':
        return this.#comeBack(random);
      case 'look':
        return this.#look(device, thread, random);
      case 'setting':
        return this.#setting(index, device, random);
      case 'authority':
        return this.#authority.act(index, random);
    }
  }

  /** Mostly those that one has open, else those of one's communities, or any: what is refused must leave nothing behind. */
  #threadsFor({ memberId, views }: SimDevice, any: boolean): string[] {
    const { communities } = this.#world;
    const open = [...views].filter(([, view]) => view.status !== 'gone').map(([thread]) => thread);
    if (!any && open.length > 1) return open;
    const own = communities.filter(({ members }) => members.includes(memberId));
    return (any || own.length === 0 ? communities : own).flatMap(({ threads }) => threads);
  }

  async #send(kind: 'send' | 'send_in_view', index: number, device: SimDevice, thread: string, random: Random): Promise<void> {
    const mention = random.chance(0.15) ? ` @m${random.int(0, this.#world.members.length - 1)}` : '';
    const known = device.views.get(thread)?.state.messages ?? [];
    const reply_to = known.length > 0 && random.chance(0.15) ? random.pick(known).id : undefined;
    const content = `message ${index} of ${device.name}${mention}`;
    const nonce = `nonce-${index}`;
    this.#sent.push({ device, thread, nonce, content });
    const view = kind === 'send_in_view' ? device.views.get(thread) : undefined;
    const draft = { content, nonce, reply_to };
    if (!view) {
      await this.#sending(device, thread, nonce, content, () => device.client.send(thread, draft, { withinMs }));
      return;
    }
    let ended = await this.#sending(device, thread, nonce, content, () => view.send(draft), true);
    while (!ended && !view.isClosed && view.state.pending.some((one) => one.nonce === nonce && one.fault)) {
      await this.#world.time.sleep(random.between(200, 2_000));
      ended = await this.#sending(device, thread, nonce, content, async () => (await view.retry(nonce)) as Message, true);
    }
  }

  /** The same message again, from this or another device of its author: as after an answer that was lost. */
  async #resend(device: SimDevice, random: Random): Promise<void> {
    const mine = this.#sent.filter((sent) => sent.device.memberId === device.memberId);
    if (mine.length === 0) return;
    const { thread, nonce, content } = random.pick(mine);
    await this.#sending(device, thread, nonce, content, () => device.client.send(thread, { content, nonce }, { withinMs }));
  }

  async #sending(
    device: SimDevice,
    thread: string,
    nonce: string,
    content: string,
    send: () => Promise<Message>,
    mayGiveUp = false,
  ): Promise<boolean> {
    const fault = await this.#ask(device, { do: 'send', thread, nonce, content }, async () => ({ message: await send() }));
    if (fault?.retryable && !mayGiveUp) this.stuck.push(`a send of ${device.name} ended with ${fault.code}: ${fault.message}`);
    return !fault?.retryable;
  }

  async #alter(kind: 'edit' | 'delete' | 'react', index: number, device: SimDevice, random: Random): Promise<void> {
    const shown = [...device.views].flatMap(([, view]) => view.state.messages).filter((m): m is LiveMessage => !isDeleted(m));
    const mine = kind === 'react' ? shown : shown.filter((message) => message.author === device.memberId);
    const from = mine.length > 0 || random.chance(0.8) ? mine : shown;
    if (from.length === 0) return;
    const { id: message_id, thread_id: thread } = random.pick(from);
    const { client } = device;
    if (kind === 'edit') {
      const content = `edit ${index}`;
      await this.#ask(device, { do: 'edit', thread, message: message_id, content }, () =>
        client.emit('edit_message', { message_id, content }),
      );
    } else if (kind === 'delete') {
      await this.#ask(device, { do: 'delete', thread, message: message_id }, () => client.emit('delete_message', { message_id }));
    } else {
      const on = random.chance(0.7);
      const sign = random.pick(emoji);
      await this.#ask(device, { do: 'react', thread, message: message_id, emoji: sign, on }, () =>
        client.emit(on ? 'add_reaction' : 'remove_reaction', { message_id, emoji: sign }),
      );
    }
  }

  async #markRead(device: SimDevice, random: Random): Promise<void> {
    const views = [...device.views].filter(([, view]) => view.state.messages.length > 0);
    if (views.length === 0) return;
    const [thread_id, view] = random.pick(views);
    const { seq } = random.pick(view.state.messages);
    await this.#ask(device, { do: 'mark_read', thread: thread_id, seq }, () => device.client.emit('mark_read', { thread_id, seq }));
  }

  async #setting(index: number, device: SimDevice, random: Random): Promise<void> {
    const setting = { key: `key${random.int(0, 3)}`, value: `value ${index}` };
    await this.#ask(device, { do: 'put_setting', ...setting }, async () => {
      if (random.chance(0.5)) await device.client.operations.putSetting(setting);
      else await device.client.emit('put_setting', setting);
      return {};
    });
  }

  async #presence(device: SimDevice, state: 'online' | 'idle' | 'dnd'): Promise<void> {
    const before = this.chosen.get(device.memberId) ?? new Set(['online']);
    this.chosen.set(device.memberId, new Set([...before, state]));
    await quietly(device.client.emit('set_presence', { state }));
  }

  /** The owner removes or bans somebody, or somebody leaves. */
  async #remove(random: Random): Promise<void> {
    const community = random.pick(this.#world.communities);
    const owner = await this.#world.ownerOf(community.id);
    const others = community.members.filter((member) => member !== owner);
    if (others.length === 0) return;
    const whom = random.pick(others);
    const how = random.pick(['kick', 'ban', 'leave'] as const);
    const device = this.#world.deviceOf(how === 'leave' ? whom : owner);
    const act: Act = { do: 'remove', community: community.id, whom, how };
    const params = { community_id: community.id, member_id: whom };
    const { client } = device;
    await this.#ask(device, act, async () => {
      if (how === 'leave') await client.operations.leaveAsMember({ community_id: community.id });
      else if (how === 'kick') await client.operations.removeMember(params);
      else await client.operations.changeMembership({ ...params, is_banned: true });
      return {};
    });
  }

  async #comeBack(random: Random): Promise<void> {
    const community = random.pick(this.#world.communities);
    const gone: string[] = [];
    for (const member of community.members) if (!(await this.#world.belongs(community.id, member))) gone.push(member);
    if (gone.length === 0) return;
    await this.joinAgain(community, random.pick(gone));
  }

  /** Answers whether it worked. */
  async joinAgain(community: SimCommunity, member: string): Promise<boolean> {
    const owner = this.#world.deviceOf(await this.#world.ownerOf(community.id));
    const params = { community_id: community.id, member_id: member };
    // Harmless for who was not banned.
    const asked = await owner.client.operations.changeMembership({ ...params, is_banned: false }).then(
      () => null,
      (thrown: unknown) => Fault.from(thrown),
    );
    if (asked?.retryable) return false;
    const device = this.#world.deviceOf(member);
    const act: Act = { do: 'join', community: community.id, whom: member };
    const fault = await this.#ask(device, act, async () => {
      const { operations } = device.client;
      if (community.isPublic) await operations.joinAsMember({ community_id: community.id });
      else {
        // A private community takes in only whom its owner sends a link.
        const { code } = await owner.client.operations.createInvite({ community_id: community.id });
        await operations.acceptInvite({ code });
      }
      return {};
    });
    if (fault) return false;
    for (const one of this.#world.devices) {
      if (one.memberId !== member) continue;
      for (const thread of community.threads) {
        if (!one.views.has(thread)) continue;
        one.hide(thread);
        one.show(thread);
      }
    }
    return true;
  }

  /** Asks for what may tell of threads, whoever may view them. */
  async #look({ client, memberId: member_id }: SimDevice, thread_id: string, random: Random): Promise<void> {
    const { operations } = client;
    const community_id = this.#world.communityOf(thread_id).id;
    const ways = [
      () => operations.getThread({ thread_id }),
      () => operations.listThreads({ community_id }),
      () => operations.listMessages({ thread_id }),
      () => operations.searchMessages({ q: 'message', community_id }),
      () => operations.searchMessages({ q: 'message' }),
      () => operations.searchThreads({ q: 'closed' }),
      () => operations.listNotifications({}),
      () => operations.getMemberActivity({ member_id: random.pick(this.#world.members) }),
      () => operations.getMemberActivity({ member_id }),
    ];
    await quietly(random.pick(ways)());
  }

  /** Records a call and its answer; the Fault when it failed. */
  async #ask(device: SimDevice, act: Act, work: () => Promise<Answered>): Promise<Fault | undefined> {
    const { recorder } = this.#world;
    const op = recorder.nextOp();
    recorder.record({ kind: 'call', op, client: device.name, member: device.memberId, act });
    const before = device.requests;
    // Requests for something else may be among them: then it may have been tried again as well.
    const tries = () => (device.requests > before + 1 ? { again: true } : {});
    try {
      const found = await work();
      recorder.record({ kind: 'answer', op, outcome: 'ok', ...found, ...tries() });
      return undefined;
    } catch (thrown) {
      const fault = Fault.from(thrown);
      recorder.record({ kind: 'answer', op, outcome: fault.code === 'timeout' ? 'unknown' : 'refused', code: fault.code, ...tries() });
      return fault;
    }
  }
}

const quietly = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    () => undefined,
  );

/** When which operation is begun. */
export const planOperations = (random: Random, count: number, withinMs: number): { index: number; at: number }[] =>
  Array.from({ length: count }, (_, index) => ({ index, at: random.between(0, withinMs) })).sort((a, b) => a.at - b.at);
