import { createHash } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { randomToken } from '../../kernel/ids.js';
import type { RefreshTokenRecord, SessionRepository } from '../../store/contracts.js';

/** 256 random bits: no salt and no slow hash is needed to keep them. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const shape = /^[A-Za-z0-9_-]{43}$/;

/** The tokens of one session form a family; only their hashes are kept. */
export class RefreshTokens {
  readonly #sessions: SessionRepository;
  readonly #clock: Clock;

  constructor(sessions: SessionRepository, clock: Clock) {
    this.#sessions = sessions;
    this.#clock = clock;
  }

  async issue(sessionId: string, expiresAt: number): Promise<string> {
    const token = randomToken(32);
    await this.#sessions.insertToken({ hash: hashOf(token), session_id: sessionId, expires_at: expiresAt, used_at: null });
    return token;
  }

  /** The token's record while it is worth something. Fault `unauthenticated` otherwise. */
  async find(token: string): Promise<RefreshTokenRecord> {
    const record = shape.test(token) ? await this.#sessions.token(hashOf(token)) : null;
    if (!record || record.expires_at <= this.#clock.now())
      throw new Fault('unauthenticated', 'The refresh token is not valid or no longer so');
    return record;
  }

  /**
   * Whether a token is used a second time, by a request that arrived at `arrivedAt`: after the first use had been answered.
   * One that was under way together with the first is an honest parallel refresh.
   */
  wasReused(record: RefreshTokenRecord, arrivedAt: number): boolean {
    return record.used_at !== null && arrivedAt >= record.used_at;
  }

  /**
   * The last step before an answer, after the successor is stored: a crash before it leaves the old token good, so the
   * client's retry works. Never at or before the arrival: requests of that same millisecond did not know of each other.
   */
  async use(record: RefreshTokenRecord, arrivedAt: number): Promise<void> {
    if (record.used_at === null) await this.#sessions.useToken(record.hash, Math.max(this.#clock.now(), arrivedAt + 1));
  }
}
