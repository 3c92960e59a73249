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
  readonly #keys: readonly KeyObject[];
  readonly #signing: KeyObject;
  readonly #clock: Clock;
  readonly #seconds: number;

  /** `secret` signs; tokens signed with `previousSecret` are still accepted, so that a change signs nobody out. */
  constructor(options: { secret: string; previousSecret: string | null; seconds: number; clock: Clock }) {
    // A KeyObject, not text: with text the library derives the key anew for each token, 50 times slower.
    this.#signing = createSecretKey(Buffer.from(options.secret, 'utf8'));
    const previous = options.previousSecret === null ? [] : [createSecretKey(Buffer.from(options.previousSecret, 'utf8'))];
    this.#keys = [this.#signing, ...previous];
    this.#seconds = options.seconds;
    this.#clock = options.clock;
  }

  sign(grant: { member_id: string; session_id: string }): { access_token: string; expires_in: number } {
    const now = Math.floor(this.#clock.now() / 1000);
    const access_token = jwt.sign(
      { typ: 'access', sub: grant.member_id, sid: grant.session_id, iss: issuer, aud: audience, iat: now, exp: now + this.#seconds },
      this.#signing,
      { algorithm },
    );
    return { access_token, expires_in: this.#seconds };
  }

  /** Throws Fault `unauthenticated`, with the same words whatever is wrong. */
  verify(token: string): AccessGrant {
    const payload = claims.safeParse(this.#payload(token));
    if (!payload.success) throw refused();
    return { member_id: payload.data.sub, session_id: payload.data.sid, expires_at: payload.data.exp * 1000 };
  }

  #payload(token: string): unknown {
    if (token.length > longest) return undefined;
    for (const key of this.#keys) {
      try {
        return jwt.verify(token, key, {
          algorithms: [algorithm],
          issuer,
          audience,
          clockTimestamp: Math.floor(this.#clock.now() / 1000),
        });
      } catch {
        // The next key, or none.
      }
    }
    return undefined;
  }
}

/** One answer for whatever is wrong with a token, or with the session it names. */
export const refused = (): Fault => new Fault('unauthenticated', 'The access token is not valid or no longer so');
