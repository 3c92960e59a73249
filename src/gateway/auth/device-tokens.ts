import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { Clock } from '../../kernel/clock.js';
import { randomToken } from '../../kernel/ids.js';
import type { MemberRecord } from '../../store/contracts.js';

const audience = 'parley-device';
const algorithm = 'HS256';
const lifeSeconds = 90 * 86_400;
const longest = 1_024;
const claims = z.object({ sub: z.string().regex(/^[0-9a-f]{24}$/), jti: z.string().min(1), iat: z.int() });

/**
 * What a device is given when somebody has signed in on it, and shows at the next sign-in. It opens nothing: wrong passwords from such
 * a device are counted apart, so that nobody who guesses elsewhere can keep a member from signing in.
 */
export class DeviceTokens {
  readonly #key: KeyObject;
  readonly #clock: Clock;

  /** `secret`: the installation's. The key is made from it, so that no token of one kind is ever taken for one of the other. */
  constructor(secret: string, clock: Clock) {
    this.#key = createSecretKey(createHmac('sha256', secret).update('device tokens').digest());
    this.#clock = clock;
  }

  issue(memberId: string): string {
    const iat = this.#now();
    return jwt.sign({ sub: memberId, jti: randomToken(12), aud: audience, iat, exp: iat + lifeSeconds }, this.#key, { algorithm });
  }

  /**
   * The device's own id, when the token is ours, was given to this member, and no change of the password or sign-out everywhere else has
   * come after: who had the old password must not keep places to guess from.
   */
  idOf(token: string | undefined, member: Pick<MemberRecord, 'id' | 'signed_out'>): string | undefined {
    if (token === undefined || token.length > longest) return undefined;
    try {
      const payload = claims.parse(jwt.verify(token, this.#key, { algorithms: [algorithm], audience, clockTimestamp: this.#now() }));
      const isSince = payload.iat * 1000 >= (member.signed_out?.at ?? 0);
      return payload.sub === member.id && isSince ? payload.jti : undefined;
    } catch {
      return undefined;
    }
  }

  #now(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}
