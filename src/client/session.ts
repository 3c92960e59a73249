import { Fault } from '../kernel/errors.js';
import type { SignedIn, Tokens } from '../protocol/resources.js';
import type { Random } from './backoff.js';
import type { Clock, Timer } from './clock.js';
import { Listeners } from './listeners.js';
import type { StoredTokens, TokenStore } from './token-store.js';

export interface SessionParts {
  store: TokenStore;
  clock: Clock;
  random: Random;
  /** Trades a refresh token for new tokens; a Fault when the server refuses or cannot be reached. */
  refresh(refreshToken: string): Promise<Tokens>;
}

/** A failed refresh that says nothing about the session (no network) is tried again after so long. */
const retryMs = 10_000;

/**
 * Who is signed in here, and the tokens that prove it. At most one refresh runs at a time over everything that shares the
 * token store, because a refresh token works once; whoever asks meanwhile gets its result.
 */
export class Session {
  readonly #parts: SessionParts;
  readonly #ended = new Listeners<[reason: string]>();
  #refreshing: Promise<string> | undefined;
  #timer: Timer | undefined;
  #awake = true;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#schedule();
  }

  /** The id of the member who is signed in, or null. */
  get memberId(): string | null {
    return this.#parts.store.read()?.member_id ?? null;
  }

  /** Takes over the answer of signing up or logging in. */
  begin(signed: SignedIn): void {
    this.#keep(signed, signed.member.id);
  }

  /** An access token that has not ended yet, or null when nobody is signed in. */
  async token(): Promise<string | null> {
    const held = this.#parts.store.read();
    if (!held) return null;
    return held.expires_at > this.#parts.clock.now() + Math.min(5_000, held.lifetime_ms / 20)
      ? held.access_token
      : this.refresh(held.access_token);
  }

  /**
   * New tokens in place of those that the server no longer takes. When somebody else has replaced them meanwhile, theirs
   * are used. Ends the session when the server refuses; any other Fault leaves it as it is.
   */
  refresh(stale?: string): Promise<string> {
    this.#refreshing ??= this.#parts.store
      .exclusive(() => this.#trade(stale))
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  /** Forgets the tokens and tells why. */
  end(reason: string): void {
    if (!this.#parts.store.read()) return;
    this.#parts.store.write(null);
    this.#timer?.cancel();
    this.#ended.tell(reason);
  }

  onEnded(listener: (reason: string) => void): () => void {
    return this.#ended.add(listener);
  }

  /** Stops refreshing ahead. The tokens stay where they are. */
  close(): void {
    this.#awake = false;
    this.#timer?.cancel();
    this.#ended.clear();
  }

  async #trade(stale: string | undefined): Promise<string> {
    const held = this.#parts.store.read();
    if (!held) throw new Fault('unauthenticated');
    if (stale !== undefined && held.access_token !== stale) {
      this.#schedule();
      return held.access_token;
    }
    try {
      const fresh = await this.#parts.refresh(held.refresh_token);
      this.#keep(fresh, held.member_id);
      return fresh.access_token;
    } catch (thrown) {
      const fault = Fault.from(thrown);
      if (!fault.retryable) this.end('refresh_refused');
      throw fault.retryable ? fault : new Fault('unauthenticated', fault.message, {}, fault);
    }
  }

  #keep(tokens: Tokens, memberId: string): void {
    const lifetime = tokens.expires_in * 1000;
    this.#parts.store.write({
      access_token: tokens.access_token,
      refresh_token: tokens.refresh_token,
      expires_at: this.#parts.clock.now() + lifetime,
      lifetime_ms: lifetime,
      member_id: memberId,
    });
    this.#schedule();
  }

  /** Ahead of the end by a tenth to a quarter of the token's life, so that tabs and devices do not ask at once. */
  #schedule(): void {
    const held = this.#parts.store.read();
    this.#timer?.cancel();
    if (!held || !this.#awake) return;
    const ahead = held.lifetime_ms * (0.1 + 0.15 * this.#parts.random());
    this.#arm(Math.max(0, held.expires_at - ahead - this.#parts.clock.now()), held);
  }

  #arm(ms: number, seen: StoredTokens): void {
    if (!this.#awake) return;
    // Hosts hold timers of up to some 24 days.
    this.#timer = this.#parts.clock.after(Math.min(ms, 2 ** 31 - 1), () => {
      this.refresh(seen.access_token).catch((thrown: unknown) => {
        if (Fault.from(thrown).retryable) this.#arm(retryMs * (1 + this.#parts.random()), seen);
      });
    });
  }
}
