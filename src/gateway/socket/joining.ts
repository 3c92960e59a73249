import type { Connection } from '../../catalogue/ports.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { headsRoom } from '../../protocol/rooms.js';
import { Turnstile } from '../limits/turnstile.js';
import type { Entry, Subscriber } from './subscriber.js';

/** How long a join waits for this node's subscription of the room. */
const subscribeMs = 5_000;
/** Joins of all sockets of this node. */
const crowd = { atOnce: 256, waiting: 4_096 };

interface Ask<T> {
  room: string;
  place: () => Promise<string>;
  read: () => Promise<T>;
}

interface AskHeads<T> {
  communities: () => Promise<Iterable<string>>;
  read: () => Promise<{ communities: ReadonlySet<string>; answer: T }>;
}

/**
 * Subscribes first and reads after, so that nothing falls between: access is asked for, the socket joins the room, the
 * node's subscription is in effect, and only then is read what there is (which asks for permission anew). When anything
 * fails, the room is left again. Joins beyond a bounded crowd are refused with `overloaded`.
 */
export class Joining {
  readonly #effective: (room: string, ms: number) => Promise<boolean>;
  readonly #opened: Connection['opened'];
  readonly #turnstile: Turnstile;

  constructor(parts: {
    clock: Clock;
    /** Whether events to a room reach this node, once they do. */
    effective: (room: string, ms: number) => Promise<boolean>;
    /** A join_thread was answered with this head. */
    opened: Connection['opened'];
  }) {
    this.#effective = parts.effective;
    this.#opened = parts.opened;
    this.#turnstile = new Turnstile({ clock: parts.clock, bounds: crowd });
  }

  /** What operations may do with the connection of a subscriber. */
  connectionOf(subscriber: Subscriber): Connection {
    return new SubscriberConnection(this, subscriber);
  }

  subscribe<T>(subscriber: Subscriber, ask: Ask<T>): Promise<T> {
    return this.#turnstile.pass(() => this.#subscribe<T>(subscriber, ask));
  }

  followHeads<T>(subscriber: Subscriber, ask: AskHeads<T>): Promise<T> {
    return this.#turnstile.pass(() => this.#followHeads(subscriber, ask));
  }

  opened(threadId: string, headRev: number | null, closedIn?: string): void {
    this.#opened(threadId, headRev, closedIn);
  }

  async #subscribe<T>(subscriber: Subscriber, { room, place, read }: Ask<T>): Promise<T> {
    const entry = subscriber.enter(room, await place());
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

  async #followHeads<T>(subscriber: Subscriber, { communities, read }: AskHeads<T>): Promise<T> {
    const entries = new Map<string, Entry>();
    try {
      for (const id of await communities()) {
        if (!subscriber.isGranted(headsRoom(id))) entries.set(id, subscriber.enter(headsRoom(id), id));
      }
      // Not those that another request of this connection joins meanwhile.
      const known = [...subscriber.headsOf()];
      const heard = await Promise.all([...entries.keys()].map((id) => this.#effective(headsRoom(id), subscribeMs)));
      if (heard.includes(false)) throw new Fault('unavailable', undefined, { retry_after_ms: 1_000 });
      const { communities: mine, answer } = await read();
      if ([...entries].some(([id, { held }]) => mine.has(id) && !held)) throw new Fault('conflict', left);
      for (const [id, entry] of entries) if (mine.has(id)) entry.grant();
      for (const id of known) if (!mine.has(id)) subscriber.leave(headsRoom(id));
      return answer;
    } catch (thrown) {
      for (const entry of entries.values()) entry.giveUp(false);
      throw thrown;
    }
  }
}

/** One a connection, and small: there are thousands. */
class SubscriberConnection implements Connection {
  readonly #joining: Joining;
  readonly #subscriber: Subscriber;

  constructor(joining: Joining, subscriber: Subscriber) {
    this.#joining = joining;
    this.#subscriber = subscriber;
  }

  subscribe<T>(ask: Ask<T>): Promise<T> {
    return this.#joining.subscribe(this.#subscriber, ask);
  }

  followHeads<T>(ask: AskHeads<T>): Promise<T> {
    return this.#joining.followHeads(this.#subscriber, ask);
  }

  leave(room: string): void {
    this.#subscriber.leave(room);
  }

  opened(threadId: string, headRev: number | null, closedIn?: string): void {
    this.#joining.opened(threadId, headRev, closedIn);
  }
}

const left = 'The subscription was ended while it was being made';
