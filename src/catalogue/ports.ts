import type { Standing } from '../authority/decide.js';
import type { LimitName } from '../protocol/access.js';
import type { Place } from './place.js';
import type { Work } from './work.js';

/** What every request passes on its way to an operation, whichever door it came through. */

/** Counts a request against a limit for all nodes together. */
export interface Limiter {
  /**
   * Spends `points` (1). Answers where the limit stands afterwards, for RateLimit-* headers; null when limits are off.
   * Fault `rate_limited`.
   */
  spend(limit: LimitName, who: { member_id?: string | undefined; address: string }, points?: number): Promise<LimitState | null>;
}
export interface LimitState {
  limit: number;
  remaining: number;
  reset_seconds: number;
}

/** Refuses work when the node has too much of it. */
export interface Shedder {
  /** Throws Fault `overloaded` with a jittered `retry_after_ms` when this kind of work is shed now. */
  demand(work: Work): void;
  sheds(work: Work): boolean;
  /** Called each time that nothing is shed any more. */
  onEased(listener: () => void): void;
}

/** A connection that stays open: what subscriptions need of it. */
export interface Connection {
  /**
   * Subscribes to a room and reads what there is, so that nothing falls between: the room is joined before `read`, and
   * left again when anything fails. `place` answers of which community the room is, empty where it is of none, or
   * rejects when one may not be there. Fault `overloaded` beyond a bounded crowd, `unavailable` while the node does not
   * hear the room, `conflict` when the subscription was ended meanwhile.
   */
  subscribe<T>(ask: { room: string; place: () => Promise<string>; read: () => Promise<T> }): Promise<T>;
  /**
   * Hears the heads of these communities, and of no others, from here on: their rooms are joined before `read`, which
   * answers anew in which one is. Whoever asks again joins what has come since. Faults as of `subscribe`; then what was
   * not heard before is left again.
   */
  followHeads<T>(ask: {
    communities: () => Promise<Iterable<string>>;
    read: () => Promise<{ communities: ReadonlySet<string>; answer: T }>;
  }): Promise<T>;
  leave(room: string): void;
  /**
   * What was answered of a thread goes up to this rev: whoever misses what comes next is told. Null: it is the ledger
   * that is followed. `closedIn`: its community, where not every member of that may view the thread.
   */
  opened(threadId: string, headRev: number | null, closedIn?: string): void;
}

/** How members stand in places. */
export interface Places {
  /** Fault `not_found` when the place is not there. */
  standing(place: Place, memberId: string): Promise<Standing>;
  /**
   * Before an actor is asked that decides by itself: a closed thread is refused (`not_found`) to whoever may not view
   * it, at the cost of one that never was. Undefined where nothing has to be looked up.
   */
  enter(place: Place, memberId: string): Promise<void> | undefined;
}
