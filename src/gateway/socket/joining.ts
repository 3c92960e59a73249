import { communityAddress, type GetAccess, type GetCommunity } from '../../actors/domain/community/messages.js';
import { demandMember } from '../../actors/domain/community/policy.js';
import type { ActorSystem } from '../../actors/runtime/actor.js';
import type { Caller } from '../../catalogue/caller.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { AckData } from '../../protocol/events.js';
import { communityRoom, threadRoom } from '../../protocol/rooms.js';
import { Turnstile } from '../limits/turnstile.js';
import type { MessageOperations } from '../operations/messages.js';
import type { ThreadDirectory } from '../thread-directory.js';
import type { Subscriber } from './subscriber.js';

/** How long a join waits for this node's subscription of the room. */
const subscribeMs = 5_000;
/** Joins of all sockets of this node. */
const crowd = { atOnce: 256, waiting: 4_096 };

/**
 * Subscribes first and reads after, so that nothing falls between: access is asked for, the socket joins the room, the node's
 * subscription is in effect, and only then is read what there is (which asks for permission anew). When anything fails, the
 * room is left again. Joins beyond a bounded crowd are refused with `overloaded`.
 */
export class Joining {
  readonly #actors: ActorSystem;
  readonly #threads: ThreadDirectory;
  readonly #messages: Pick<MessageOperations, 'open'>;
  readonly #effective: (room: string, ms: number) => Promise<boolean>;
  readonly #opened: (threadId: string, headRev: number) => void;
  readonly #turnstile: Turnstile;

  constructor(parts: {
    clock: Clock;
    actors: ActorSystem;
    threads: ThreadDirectory;
    messages: Pick<MessageOperations, 'open'>;
    /** Whether events to a room reach this node, once they do. */
    effective: (room: string, ms: number) => Promise<boolean>;
    /** A join_thread was answered with this head. */
    opened: (threadId: string, headRev: number) => void;
  }) {
    this.#actors = parts.actors;
    this.#threads = parts.threads;
    this.#messages = parts.messages;
    this.#effective = parts.effective;
    this.#opened = parts.opened;
    this.#turnstile = new Turnstile({ clock: parts.clock, bounds: crowd });
  }

  community(subscriber: Subscriber, caller: Caller, communityId: string): Promise<AckData<'join_community'>> {
    return this.#turnstile.pass(() => this.#community(subscriber, caller, communityId));
  }

  thread(
    subscriber: Subscriber,
    caller: Caller,
    input: { thread_id: string; after_rev?: number | undefined },
  ): Promise<AckData<'join_thread'>> {
    return this.#turnstile.pass(() => this.#thread(subscriber, caller, input));
  }

  async #community(subscriber: Subscriber, caller: Caller, communityId: string): Promise<AckData<'join_community'>> {
    await this.#demandMember(caller, communityId);
    const community = await this.#subscribe(subscriber, communityRoom(communityId), communityId, () =>
      this.#actors.ask<GetCommunity>(communityAddress(communityId), { type: 'get', by: caller.member_id }),
    );
    return { community };
  }

  async #thread(
    subscriber: Subscriber,
    caller: Caller,
    input: { thread_id: string; after_rev?: number | undefined },
  ): Promise<AckData<'join_thread'>> {
    const communityId = await this.#threads.communityOf(input.thread_id);
    await this.#demandMember(caller, communityId);
    const answer = await this.#subscribe(subscriber, threadRoom(input.thread_id), communityId, () => this.#messages.open(caller, input));
    this.#opened(input.thread_id, answer.head_rev);
    return answer;
  }

  async #demandMember(caller: Caller, communityId: string): Promise<void> {
    demandMember(await this.#actors.ask<GetAccess>(communityAddress(communityId), { type: 'access', member_id: caller.member_id }));
  }

  async #subscribe<T>(subscriber: Subscriber, room: string, communityId: string, read: () => Promise<T>): Promise<T> {
    const entry = subscriber.enter(room, communityId);
    try {
      if (!(await this.#effective(room, subscribeMs))) {
        throw new Fault(entry.held ? 'unavailable' : 'conflict', entry.held ? undefined : left, { retry_after_ms: 1_000 });
      }
      const answer = await read();
      if (!entry.held) throw new Fault('conflict', left);
      entry.grant();
      return answer;
    } catch (thrown) {
      const { code } = Fault.from(thrown);
      entry.giveUp(code === 'forbidden' || code === 'not_found');
      throw thrown;
    }
  }
}

const left = 'The subscription was ended while it was being made';
