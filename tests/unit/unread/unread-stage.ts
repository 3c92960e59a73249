import type { Access } from '../../../src/actors/domain/community/messages.js';
import type { Caller } from '../../../src/catalogue/caller.js';
import { Reads } from '../../../src/features/reads/reads.js';
import { Threads } from '../../../src/features/threads/threads.js';
import { newId } from '../../../src/kernel/ids.js';
import type { Thread } from '../../../src/protocol/resources.js';
import type { Store } from '../../../src/store/contracts.js';
import { aMember } from '../domain/a-member.js';
import { Stage } from '../domain/stage.js';

/** One community, what its people do, and how they see what is unread: by one thread, by joining it, by the list. */
export class UnreadStage {
  readonly stage = new Stage();
  /** Calls of the store by the doors' side, by name. */
  readonly calls = new Map<string, number>();
  #threads!: Threads;
  #reads!: Reads;

  static async open(): Promise<UnreadStage> {
    const unread = new UnreadStage();
    const { stage } = unread;
    const store = counted(stage.store, unread.calls);
    const deps = { store, actors: stage.actors, clock: stage.clock };
    unread.#threads = new Threads(deps);
    unread.#reads = new Reads(deps);
    await stage.store.members.insert(aMember(stage.owner, 'owner'));
    await stage.open();
    await unread.pass();
    return unread;
  }

  /** Time goes on, so that what comes next is later. */
  pass(ms = 10): Promise<void> {
    return this.stage.clock.advance(ms);
  }

  /** Figures have come to the store. */
  settle(): Promise<void> {
    return this.pass(10_000);
  }

  async join(name: string): Promise<string> {
    const member = newId(9);
    await this.stage.store.members.insert(aMember(member, name));
    await this.comeBack(member);
    return member;
  }

  async comeBack(member: string): Promise<void> {
    await this.stage.askCommunity({ type: 'join', by: member });
    await this.pass();
  }

  async leave(member: string): Promise<void> {
    await this.stage.askCommunity({ type: 'leave', by: member });
    await this.pass();
  }

  async say(text: string, by?: string): Promise<string> {
    const { message } = await this.stage.send(text, newId(4), by);
    await this.pass();
    return message.id;
  }

  async remove(messageId: string, by = this.stage.owner): Promise<void> {
    await this.stage.ask({ type: 'delete', by, message_id: messageId });
    await this.pass();
  }

  async markRead(member: string, seq?: number): Promise<number> {
    const { read_seq } = await this.#reads.mark(callerOf(member), { thread_id: this.stage.thread, seq });
    await this.pass();
    return read_seq;
  }

  async markAllRead(member: string, community_id?: string): Promise<void> {
    await this.#reads.markAll(callerOf(member), { community_id });
    await this.pass();
  }

  get(member: string): Promise<Thread> {
    return this.#threads.get(callerOf(member), this.stage.thread);
  }

  async opened(member: string): Promise<Thread> {
    return (await this.stage.ask<{ thread: Thread }>({ type: 'open', by: member })).thread;
  }

  async list(member: string, limit?: number): Promise<Thread[]> {
    return (await this.#threads.list(callerOf(member), this.stage.community, { limit })).items;
  }

  /** By every way in which it shows, once figures are settled; they must agree. */
  async unread(member: string): Promise<number | undefined> {
    const shown = [(await this.get(member)).me, (await this.opened(member)).me];
    await this.settle();
    shown.push((await this.list(member)).find(({ id }) => id === this.stage.thread)?.me);
    const counts = new Set(shown.map((me) => me?.unread_count));
    if (counts.size > 1) throw new Error(`unread by get, open and list: ${shown.map((me) => me?.unread_count).join(', ')}`);
    return shown[0]?.unread_count;
  }

  access(member: string): Promise<Access> {
    return this.stage.askCommunity<Access>({ type: 'access', member_id: member });
  }

  async stop(): Promise<void> {
    await this.stage.actors.stop();
  }
}

const callerOf = (member_id: string): Caller => ({
  member_id,
  session_id: 's',
  is_admin: false,
  token_expires_at: Number.MAX_SAFE_INTEGER,
  address: 'a',
  request_id: 'r',
});

const counted = (store: Store, calls: Map<string, number>): Store =>
  new Proxy(store, {
    get: (target, repository: string) => {
      const own = Reflect.get(target, repository) as object;
      if (typeof own !== 'object') return own;
      return new Proxy(own, {
        get: (inner, name: string) => {
          const call: unknown = Reflect.get(inner, name);
          if (typeof call !== 'function') return call;
          return (...args: unknown[]) => {
            const key = `${repository}.${name}`;
            calls.set(key, (calls.get(key) ?? 0) + 1);
            return call.apply(inner, args);
          };
        },
      });
    },
  });
