import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';

const issuer = 'parley';
const audience = 'parley-api';
const algorithm = 'HS256';
/** Ours are some 400 characters; nothing longer is looked at. */
const longest = 2_048;

const idClaim = z.string().regex(/^[0-9a-f]{24}$/);
const claims = z.object({
  typ: z.literal('access'),
  sub: idClaim,
  sid: idClaim,
  iat: z.int(),
  exp: z.int(),
});

type Claims = z.output<typeof claims>;

/** So long the nodes of an installation may take to be restarted one by one with a new secret. */
const restartSeconds = 600;

export interface AccessGrant {
  member_id: string;
  session_id: string;
  /** Wall time in ms after which the token is refused. */
  expires_at: number;
}

/**
 * Short-lived signed tokens. The algorithm, issuer, audience and type are pinned and the key is ours alone: whatever the
 * token's own header says of algorithms, keys or key locations counts for nothing.
 */
export class AccessTokens {
  readonly #signing: KeyObject;
  readonly #previous: KeyObject | null;
  /** Until when nodes may have signed with the previous secret, s. */
  readonly #previousUntil: number;
  readonly #clock: Clock;
  readonly #seconds: number;

  /**
   * `secret` signs. Tokens signed with `previousSecret` are still accepted when they can have been signed before the change, so that a
   * change signs nobody out.
   */
  constructor(options: { secret: string; previousSecret: string | null; seconds: number; clock: Clock }) {
    // A KeyObject, not text: with text the library derives the key anew for each token, 50 times slower.
    this.#signing = createSecretKey(Buffer.from(options.secret, 'utf8'));
    this.#previous = options.previousSecret === null ? null : createSecretKey(Buffer.from(options.previousSecret, 'utf8'));
    this.#previousUntil = Math.floor(options.clock.now() / 1000) + restartSeconds;
    this.#seconds = options.seconds;
    this.#clock = options.clock;
  }

  /** `until` (ms): never longer than that. */
  sign(grant: { member_id: string; session_id: string }, until?: number): { access_token: string; expires_in: number } {
    const now = Math.floor(this.#clock.now() / 1000);
    const seconds = Math.min(this.#seconds, until === undefined ? this.#seconds : Math.ceil(until / 1000) - now);
    const access_token = jwt.sign(
      { typ: 'access', sub: grant.member_id, sid: grant.session_id, iss: issuer, aud: audience, iat: now, exp: now + seconds },
      this.#signing,
      { algorithm },
    );
    return { access_token, expires_in: seconds };
  }

  /** Throws Fault `unauthenticated`, with the same words whatever is wrong. */
  verify(token: string): AccessGrant {
    if (token.length > longest) throw refused();
    const payload = this.#payload(token, this.#signing) ?? this.#byPrevious(token);
    if (!payload) throw refused();
    return { member_id: payload.sub, session_id: payload.sid, expires_at: payload.exp * 1000 };
  }

  /**
   * Whoever has got hold of the previous secret writes whatever times they like: so a token counts for as long as ours live, from a time
   * before the last node can have been restarted. That is `restartSeconds` and one life after this process's start.
   */
  #byPrevious(token: string): Claims | undefined {
    const payload = this.#previous ? this.#payload(token, this.#previous) : undefined;
    if (!payload || payload.iat > this.#previousUntil || payload.exp - payload.iat > this.#seconds) return undefined;
    return payload;
  }

  #payload(token: string, key: KeyObject): Claims | undefined {
    const clockTimestamp = Math.floor(this.#clock.now() / 1000);
    try {
      return claims.safeParse(jwt.verify(token, key, { algorithms: [algorithm], issuer, audience, clockTimestamp })).data;
    } catch {
      return undefined;
    }
  }
}

/** One answer for whatever is wrong with a token, or with the session it names. */
export const refused = (): Fault => new Fault('unauthenticated', 'The access token is not valid or no longer so');
