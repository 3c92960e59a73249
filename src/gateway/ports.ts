import type { Caller } from '../catalogue/caller.js';

export type { Limiter, LimitState, Shedder } from '../catalogue/ports.js';

/** What the doors share, beside actors and store. */

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

/** Counts wrong passwords against one key (a login, or a device that is known), so that guessing gets slower. */
export interface Guesses {
  /** Before a password is looked at. Rejects with Fault `rate_limited` while nobody may try. */
  begin(key: string): Promise<void>;
  /** The password was right: the count begins anew. */
  succeeded(key: string): Promise<void>;
}
