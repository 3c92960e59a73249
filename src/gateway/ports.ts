import type { Caller } from './caller.js';

/** What the two doors share, beside actors and store. */

/** Establishes who asks. Rejects with Fault `unauthenticated`. */
export interface Authenticator {
  /** Verifies an access token and that its session is alive and its member active (cached; an ended session is refused at once on every node). */
  authenticate(token: string, from: { address: string; request_id: string }): Promise<Caller>;
}

/** Tells every node, this one included, that a session is over: its sockets get `session_ended` and close, its tokens are refused. */
export interface SessionBroadcast {
  ended(sessionIds: readonly string[], reason: string): void;
  /** Called on every node for each broadcast. */
  onEnded(listener: (sessionIds: readonly string[], reason: string) => void): void;
}

/** Counts a request against a limit for all nodes together. Rejects with Fault `rate_limited`. */
export interface Limiter {
  /** Where the limit stands afterwards, for RateLimit-* headers; null when limits are off. */
  spend(
    limit: import('../protocol/access.js').LimitName,
    who: { member_id?: string | undefined; address: string },
  ): Promise<LimitState | null>;
}
export interface LimitState {
  limit: number;
  remaining: number;
  reset_seconds: number;
}

/** Counts wrong passwords against one key (a login, or a device that is known), so that guessing gets slower. */
export interface Guesses {
  /** Before a password is looked at. Rejects with Fault `rate_limited` while nobody may try. */
  begin(key: string): Promise<void>;
  /** The password was right: the count begins anew. */
  succeeded(key: string): Promise<void>;
}

/** Refuses work when the node has too much of it. */
export interface Shedder {
  /** Throws Fault `overloaded` with a jittered `retry_after_ms` when this kind of work is shed now. */
  demand(work: import('./limits/shedding.js').Work): void;
  sheds(work: import('./limits/shedding.js').Work): boolean;
  /** Called each time that nothing is shed any more. */
  onEased(listener: () => void): void;
}
