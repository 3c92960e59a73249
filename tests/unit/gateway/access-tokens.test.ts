import { createHmac, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { AccessTokens } from '../../../src/gateway/auth/access-tokens.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { secret } from './people.js';

const clock = new FakeClock();
const now = (): number => Math.floor(clock.now() / 1000);
const make = (over: Partial<ConstructorParameters<typeof AccessTokens>[0]> = {}): AccessTokens =>
  new AccessTokens({ secret, previousSecret: null, seconds: 900, clock, ...over });
const tokens = make();
const grant = { member_id: '665f1c2ab3d4e5f60718293a', session_id: '665f1c2ab3d4e5f60718293b' };
const claims = () => ({
  typ: 'access',
  sub: grant.member_id,
  sid: grant.session_id,
  iss: 'parley',
  aud: 'parley-api',
  iat: now(),
  exp: now() + 900,
});
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A token with any header and claims, signed with our own secret unless told otherwise. */
const forge = (header: object, payload: object, key: string | Buffer = secret): string => {
  const head = `${encode(header)}.${encode(payload)}`;
  return `${head}.${createHmac('sha256', key).update(head).digest('base64url')}`;
};
const refused = (token: string): void => expect(() => tokens.verify(token)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));

describe('access tokens', () => {
  it('are accepted as they were signed, and a forged one of the same form shows that the cases below bite', () => {
    expect(tokens.verify(tokens.sign(grant).access_token)).toEqual({ ...grant, expires_at: (now() + 900) * 1000 });
    expect(tokens.verify(forge({ alg: 'HS256', typ: 'JWT' }, claims()))).toMatchObject(grant);
  });

  it.each(['none', 'None', 'nOnE', 'NONE', ''])('refuse alg %p, signed or not', (alg) => {
    refused(forge({ alg, typ: 'JWT' }, claims()));
    refused(`${encode({ alg, typ: 'JWT' })}.${encode(claims())}.`);
    refused(`${encode({ alg, typ: 'JWT' })}.${encode(claims())}`);
  });

  it('refuse other algorithms, and a public key taken for a secret', () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
    refused(jwt.sign(claims(), privateKey, { algorithm: 'RS256' }));
    refused(forge({ alg: 'HS256', typ: 'JWT' }, claims(), pem));
    refused(jwt.sign(claims(), secret, { algorithm: 'HS512' }));
    refused(jwt.sign(claims(), secret, { algorithm: 'HS384' }));
  });

  it('look for no key where the header points', () => {
    for (const header of [{ kid: '../../../../dev/null' }, { jku: 'https://evil.example/keys' }, { x5u: 'https://evil.example/cert' }]) {
      const pointed = { alg: 'HS256', typ: 'JWT', ...header };
      refused(forge(pointed, claims(), ''));
      refused(forge(pointed, claims(), 'of another'));
      expect(tokens.verify(forge(pointed, claims()))).toMatchObject(grant);
    }
  });

  it('refuse a wrong issuer, audience or type, and missing or malformed claims', () => {
    const wrong: object[] = [
      { iss: 'someone' },
      { iss: undefined },
      { aud: 'another-api' },
      { aud: undefined },
      { typ: 'refresh' },
      { typ: undefined },
      { exp: undefined },
      { exp: 'tomorrow' },
      { iat: undefined },
      { sub: undefined },
      { sub: { $ne: null } },
      { sub: 'not-an-id' },
      { sid: undefined },
      { sid: ['665f1c2ab3d4e5f60718293b'] },
    ];
    for (const change of wrong) refused(forge({ alg: 'HS256', typ: 'JWT' }, { ...claims(), ...change }));
  });

  it('refuse what has expired or is not valid yet', async () => {
    const { access_token, expires_in } = tokens.sign(grant);
    await clock.advance((expires_in - 1) * 1000);
    expect(tokens.verify(access_token)).toMatchObject(grant);
    await clock.advance(1000);
    refused(access_token);
    refused(forge({ alg: 'HS256' }, { ...claims(), nbf: now() + 60 }));
  });

  it('refuse every single flipped bit', () => {
    const token = tokens.sign(grant).access_token;
    for (let at = 0; at < token.length; at++) {
      for (let bit = 0; bit < 7; bit++) {
        const flipped = String.fromCharCode(token.charCodeAt(at) ^ (1 << bit));
        refused(token.slice(0, at) + flipped + token.slice(at + 1));
      }
    }
  });

  it('refuse anything else without throwing anything else', () => {
    for (const junk of [
      '',
      '.',
      '..',
      'a.b.c',
      'x'.repeat(1_000_000),
      '{}',
      tokens.sign(grant).access_token.replace('.', ''),
      '\u0000.\u0000.\u0000',
    ])
      refused(junk);
  });

  it('by the previous secret count until the last of them can have ended, whatever times they claim', async () => {
    const previous = 'o'.repeat(32);
    const changed = make({ previousSecret: previous });
    const started = now();
    const by = (iat: number, exp: number): string => forge({ alg: 'HS256', typ: 'JWT' }, { ...claims(), iat, exp }, previous);
    const forged = (): string[] => [
      by(now(), now() + 900),
      by(now() - 1, now() + 10),
      by(now() + 10_000, now() + 10_900),
      by(started, started + 10 * 365 * 86_400),
      by(started + 600, started + 1_501),
      by(0, now() + 900),
    ];
    const accepted = (): boolean[] =>
      forged().map((token) => {
        try {
          return changed.verify(token).expires_at > 0;
        } catch {
          return false;
        }
      });
    expect(accepted()).toEqual([true, true, false, false, false, false]);
    await clock.advance(600_000);
    expect(accepted()).toEqual([true, true, false, false, false, false]);
    const last = by(now(), now() + 900);
    await clock.advance(1_000);
    expect(accepted()).toEqual([false, true, false, false, false, false]);
    await clock.advance(898_000);
    expect(changed.verify(last)).toMatchObject(grant);
    await clock.advance(1_000);
    expect(() => changed.verify(last)).toThrow();
    expect(accepted()).toEqual(Array(6).fill(false));
    expect(changed.verify(changed.sign(grant).access_token)).toMatchObject(grant);
  });

  it('outlive a change of the secret by one', () => {
    const old = make({ secret: 'o'.repeat(32) });
    const changed = make({ secret, previousSecret: 'o'.repeat(32) });
    expect(changed.verify(old.sign(grant).access_token)).toMatchObject(grant);
    expect(changed.verify(changed.sign(grant).access_token)).toMatchObject(grant);
    expect(tokens.verify(changed.sign(grant).access_token)).toMatchObject(grant);
    refused(old.sign(grant).access_token);
  });
});
