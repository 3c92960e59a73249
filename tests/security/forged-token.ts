import { createHmac } from 'node:crypto';

/** Access tokens by hand: a real one's claims, with anything about it changed. */

/** What the harness gives every node. */
export const secret = 'a-secret-for-tests-of-more-than-32-bytes';

export interface Claims {
  [name: string]: unknown;
  sub: string;
  sid: string;
  exp: number;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const claimsOf = (accessToken: string): Claims =>
  JSON.parse(Buffer.from(accessToken.split('.')[1] as string, 'base64url').toString('utf8')) as Claims;

type Signer = (input: string) => string;

export const hmac =
  (key: string | Buffer = secret, hash = 'sha256'): Signer =>
  (input) =>
    createHmac(hash, key).update(input).digest('base64url');

/** A token of any header and claims; by default signed as the server signs its own. */
export const forge = (header: object, claims: object, sign: Signer = hmac()): string => {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign(input)}`;
};

export const hs256 = { alg: 'HS256', typ: 'JWT' };
