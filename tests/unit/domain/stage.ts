import { pino } from 'pino';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import { domainKinds } from '../../../src/actors/domain/kinds.js';
import type { Fanout, Gone, Nudge, Recheck } from '../../../src/actors/domain/ports.js';
import { type Send, threadAddress } from '../../../src/actors/domain/thread/messages.js';
import { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { newId } from '../../../src/kernel/ids.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import type { MessageRecord, MessageRepository, Store, WriteOutcome } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';

/** The domain's actors in one process on the memory store, with time and the store's answers in the test's hand. */

type Append = MessageRepository['append'];

export class Stage {
  readonly clock = new FakeClock();
  #claim = { epoch: 1, since: this.clock.monotonic() };
  readonly base: Store;
  readonly store: Store;
  readonly published: { room: string; event: string; payload: Record<string, unknown>; audience?: string | undefined }[] = [];
  readonly nudged: { thread: string; rings: boolean }[] = [];
  readonly evicted: string[] = [];
  readonly evictedFromThread: string[] = [];
  readonly rechecked: Recheck[] = [];
  /** What the workers were told to clear away. */
  readonly gone: Gone[] = [];
  readonly actors: LocalActorSystem;
  readonly owner = newId(1);
  readonly community = newId(2);
  readonly thread = newId(3);
  /** Where a test begins a closed one. */
  readonly closed = newId(6);
  /** Set to stand between the actors and the store's append or change. */
  append: ((real: Append, records: readonly MessageRecord[]) => Promise<WriteOutcome[]>) | undefined;
  change: ((real: MessageRepository['change'], record: MessageRecord, ifRev: number) => Promise<WriteOutcome>) | undefined;

  constructor() {
    this.base = createMemoryStore({ clock: this.clock });
    const real = this.base.messages;
    const messages = new Proxy(real, {
      get: (target, name) => {
        if (name === 'append')
          return (records: MessageRecord[]) => (this.append ? this.append(real.append.bind(real), records) : real.append(records));
        if (name === 'change') {
          return (record: MessageRecord, ifRev: number) =>
            this.change ? this.change(real.change.bind(real), record, ifRev) : real.change(record, ifRev);
        }
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    this.store = { ...this.base, messages, ping: () => this.base.ping() };
    const fanout: Fanout = {
      publish: (room, event, payload, options) =>
        void this.published.push({
          ...{ room, event, payload: payload as Record<string, unknown> },
          ...(options?.audience && { audience: options.audience }),
        }),
      reached: () => undefined,
      evict: (memberId, _communityId, options) => void (options?.threadId ? this.evictedFromThread : this.evicted).push(memberId),
      recheck: (place) => void this.rechecked.push(place),
      close: () => undefined,
    };
    const nudge: Nudge = {
      changed: (thread, rings = true) => void this.nudged.push({ thread, rings }),
      deleted: (what) => void this.gone.push(what),
    };
    this.actors = this.#system(fanout, nudge);
  }

  #system(fanout: Fanout, nudge: Nudge): LocalActorSystem {
    const logger = pino({ level: 'silent' });
    return new LocalActorSystem({
      kinds: domainKinds({ store: this.store, fanout, nudge }),
      clock: this.clock,
      logger,
      telemetry: new Telemetry(),
      claimOf: () => this.#claim,
    });
  }

  /** The thread's owner ends, and the next one begins when it is needed, under the next epoch. */
  async changeOwner(how: 'handoff' | 'lost'): Promise<void> {
    await this.during(this.actors.catalog.evacuate(({ kind }) => kind === 'thread', how));
    this.#claim = { epoch: this.#claim.epoch + 1, since: this.clock.monotonic() };
  }

  /** A community with its owner and one thread. */
  async open(): Promise<this> {
    const address = communityAddress(this.community);
    await this.actors.ask(address, {
      type: 'create',
      by: this.owner,
      name: 'c',
      description: null,
      is_public: true,
      tags: [],
      avatar_url: null,
    } as never);
    await this.actors.ask(address, {
      type: 'create_thread',
      by: this.owner,
      thread_id: this.thread,
      title: 't',
      content: null,
      tags: [],
    } as never);
    return this;
  }

  async send(
    content: string,
    nonce = newId(4),
    by = this.owner,
  ): Promise<{ message: { id: string; seq: number; rev: number }; created: boolean }> {
    const message: Send = { type: 'send', by, message_id: newId(5), content, reply_to: null, attachments: [], mentions: [], nonce };
    return this.actors.ask<Send>(threadAddress(this.thread), message, { timeoutMs: 60_000 });
  }

  ask<R = unknown>(message: Record<string, unknown> & { type: string }): Promise<R> {
    return this.actors.ask(threadAddress(this.thread), message, { timeoutMs: 60_000 }) as Promise<R>;
  }

  inClosed<R = unknown>(message: Record<string, unknown> & { type: string }): Promise<R> {
    return this.actors.ask(threadAddress(this.closed), message, { timeoutMs: 60_000 }) as Promise<R>;
  }

  askCommunity<R = unknown>(message: Record<string, unknown> & { type: string }): Promise<R> {
    return this.actors.ask(communityAddress(this.community), message, { timeoutMs: 60_000 }) as Promise<R>;
  }

  /** Lets time pass until a promise is settled. */
  async during<T>(promise: Promise<T>, stepMs = 100): Promise<T> {
    let settled = false;
    const mark = () => {
      settled = true;
    };
    promise.then(mark, mark);
    for (let i = 0; i < 1000 && !settled; i++) await this.clock.advance(stepMs);
    return promise;
  }

  /** The thread's messages as the store has them. */
  stored(): Promise<MessageRecord[]> {
    return this.base.messages.range(this.thread, 0, 1000);
  }

  events(name: string): { id: string; seq: number; rev: number }[] {
    return this.published.filter((p) => p.event === name).map((p) => p.payload.message as { id: string; seq: number; rev: number });
  }
}
