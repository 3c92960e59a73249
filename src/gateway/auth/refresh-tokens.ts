import { createHash, createHmac } from 'node:crypto';
import type { Origin } from '../../catalogue/origin.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { randomToken } from '../../kernel/ids.js';
import type { RefreshTokenRecord, SessionRepository } from '../../store/contracts.js';
import { addressBlock } from '../address-block.js';

/** So long after its first use a token that the same device sends again is taken for a request whose answer was lost. */
export const graceMs = 15_000;

/** 256 bits that nobody can guess: no salt and no slow hash is needed to keep them. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const shape = /^[A-Za-z0-9_-]{43}$/;

/** What calls itself the same and comes from the same block of addresses. Its hash is kept with a used token. */
const deviceOf = ({ user_agent, address }: Origin): string =>
  createHash('sha256')
    .update(`${user_agent ?? ''}\n${addressBlock(address)}`)
    .digest('base64url');

/**
 * The tokens of one session form a family; only their hashes are kept. A token's successor is made from it and the installation's
 * secret: so the same token has the same successor on every node and after every crash, and whoever stole one token alone has none of
 * those that follow.
 */
export class RefreshTokens {
  readonly #sessions: SessionRepository;
  readonly #clock: Clock;
  readonly #key: Buffer;

  constructor(sessions: SessionRepository, clock: Clock, secret: string) {
    this.#sessions = sessions;
    this.#clock = clock;
    this.#key = createHmac('sha256', secret).update('successors of refresh tokens').digest();
  }

  /** The first of a family. */
  async issue(sessionId: string, expiresAt: number): Promise<string> {
    return this.#keep(randomToken(32), sessionId, expiresAt);
  }

  /** The next of a family. However often it is asked for, it is one. */
  async succeed(token: string, sessionId: string, expiresAt: number): Promise<string> {
    return this.#keep(this.#successorOf(token), sessionId, expiresAt);
  }

  /** The token's record while it is worth something. Fault `unauthenticated` otherwise. */
  async find(token: string): Promise<RefreshTokenRecord> {
    const record = shape.test(token) ? await this.#sessions.token(hashOf(token)) : null;
    if (!record || record.expires_at <= this.#clock.now())
      throw new Fault('unauthenticated', 'The refresh token is not valid or no longer so');
    return record;
  }

  /**
   * Whether a token is used a second time by somebody who must not have it any more. Not so: a request that had arrived (`arrivedAt`)
   * before the first was answered, an honest parallel one; and one of the same device, soon after, while the successor has not been
   * used: its answer was lost.
   */
  async wasReused(token: string, record: RefreshTokenRecord, origin: Origin, arrivedAt: number): Promise<boolean> {
    if (record.used_at === null || arrivedAt < record.used_at) return false;
    if (arrivedAt >= record.used_at + graceMs || record.used_by !== deviceOf(origin)) return true;
    const successor = await this.#sessions.token(hashOf(this.#successorOf(token)));
    return successor?.used_at !== null;
  }

  /**
   * The last step before an answer, after the successor is stored: a crash before it leaves the old token good, so the
   * client's retry works. Never at or before the arrival: requests of that same millisecond did not know of each other.
   */
  async use(record: RefreshTokenRecord, origin: Origin, arrivedAt: number): Promise<void> {
    if (record.used_at !== null) return;
    await this.#sessions.useToken(record.hash, Math.max(this.#clock.now(), arrivedAt + 1), deviceOf(origin));
  }

  #successorOf(token: string): string {
    return createHmac('sha256', this.#key).update(token).digest('base64url');
  }

  async #keep(token: string, session_id: string, expires_at: number): Promise<string> {
    await this.#sessions.insertToken({ hash: hashOf(token), session_id, expires_at, used_at: null, used_by: null });
    return token;
  }
}
