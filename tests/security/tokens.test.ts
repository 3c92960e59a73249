import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { signUp, token } from '../cluster/people.js';
import { openSocket } from './bystander.js';
import { type Claims, claimsOf, forge, hmac, hs256, secret } from './forged-token.js';
import { expectProblem, knock } from './rest-door.js';

describe('access tokens', () => {
  let cluster: TestCluster;
  let url: string;
  let member: ParleyClient;
  let other: ParleyClient;
  let real: string;
  let claims: Claims;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKey = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const bySha256WithRsa = (input: string): string => createSign('RSA-SHA256').update(input).sign(rsa.privateKey).toString('base64url');

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    url = cluster.urls[0] as string;
    member = await signUp(cluster.urls);
    other = await signUp(cluster.urls);
    real = await token(member);
    claims = claimsOf(real);
  });
  afterAll(async () => {
    member?.close();
    other?.close();
    await cluster?.stop();
  });

  /** At both doors, in words that do not tell what was wrong with it. */
  const expectRefused = async (forged: string): Promise<void> => {
    const problem = expectProblem(await knock(url, '/api/members', { token: forged }), 'unauthenticated');
    expect(problem.detail).toBe('The access token is not valid or no longer so');
    await expect(openSocket(url, forged)).rejects.toMatchObject({ code: 'unauthenticated' });
  };
  const expectTaken = async (good: string): Promise<void> => {
    expect((await knock(url, '/api/members', { token: good })).status).toBe(200);
    (await openSocket(url, good)).disconnect();
  };

  it('0 a token signed here as the server signs is taken: what is refused below is refused for the one thing that is wrong', async () => {
    await expectTaken(real);
    await expectTaken(forge(hs256, claims));
  });

  it.each(['none', 'None', 'nOnE', 'NONE'])('1 alg %s', async (alg) => {
    const unsigned = forge({ alg, typ: 'JWT' }, claims, () => '');
    await expectRefused(unsigned);
    await expectRefused(unsigned.replace(/\.$/, ''));
    await expectRefused(forge({ alg, typ: 'JWT' }, claims));
  });

  it('2 RS256 taken for HS256 with the public key', async () => {
    await expectRefused(forge(hs256, claims, hmac(publicKey)));
    await expectRefused(forge(hs256, claims, hmac(Buffer.from(publicKey.trim()))));
    await expectRefused(forge({ alg: 'RS256', typ: 'JWT' }, claims, bySha256WithRsa));
    await expectRefused(forge({ alg: 'RS256', typ: 'JWT' }, claims));
    // Right key, other algorithm.
    await expectRefused(forge({ alg: 'HS512', typ: 'JWT' }, claims, hmac(secret, 'sha512')));
    await expectRefused(forge({ alg: 'HS384', typ: 'JWT' }, claims, hmac(secret, 'sha384')));
  });

  it('3 kid traversal; jku, x5u and jwk name keys that are never looked for', async () => {
    let visits = 0;
    const keyServer = createServer((_request, response) => {
      visits++;
      response.end(JSON.stringify({ keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), kid: 'mine', alg: 'RS256', use: 'sig' }] }));
    });
    await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
    const place = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/keys`;
    for (const kid of ['../../../../../../dev/null', '/dev/null', '../../package.json', "x' UNION SELECT 'key", '']) {
      await expectRefused(forge({ ...hs256, kid }, claims, hmac('')));
      await expectRefused(forge({ ...hs256, kid }, claims, hmac('key')));
    }
    const jwk = rsa.publicKey.export({ format: 'jwk' });
    for (const named of [{ jku: place }, { x5u: place }, { jwk }, { x5c: [Buffer.from(publicKey).toString('base64')] }]) {
      await expectRefused(forge({ alg: 'RS256', typ: 'JWT', kid: 'mine', ...named }, claims, bySha256WithRsa));
      await expectRefused(forge({ ...hs256, kid: 'mine', ...named }, claims, hmac(publicKey)));
      // With the right signature they change nothing.
      expect((await knock(url, '/api/members', { token: forge({ ...hs256, ...named }, claims) })).status).toBe(200);
    }
    keyServer.close();
    expect(visits).toBe(0);
  });

  it('4 wrong issuer, audience, type; a refresh token used as access, and the other way round', async () => {
    for (const wrong of [
      { iss: 'another' },
      { iss: undefined },
      { iss: ['parley', 'another'] },
      { aud: 'another' },
      { aud: undefined },
      { typ: 'refresh' },
      { typ: undefined },
      { sub: undefined },
      { sid: undefined },
      { sub: { $ne: null } },
    ]) {
      await expectRefused(forge(hs256, { ...claims, ...wrong }));
    }
    // Another's session, or none.
    const { sub, sid } = claimsOf(await token(other));
    await expectRefused(forge(hs256, { ...claims, sub }));
    await expectRefused(forge(hs256, { ...claims, sid }));
    await expectRefused(forge(hs256, { ...claims, sid: '0'.repeat(24) }));

    const { username } = await member.operations.getMember({ member_id: claims.sub });
    const { refresh_token } = await member.operations.login({ login: username, password: 'correct horse battery' });
    await expectRefused(refresh_token);
    expectProblem(await knock(url, '/api/auth/refresh', { json: { refresh_token: real } }), 'unauthenticated');
    // The misuse has not used it up.
    expect((await knock(url, '/api/auth/refresh', { json: { refresh_token } })).status).toBe(200);
  });

  it('5 expired, not yet valid, without an end', async () => {
    const now = Math.floor(Date.now() / 1000);
    await expectRefused(forge(hs256, { ...claims, iat: now - 7_200, exp: now - 3_600 }));
    await expectRefused(forge(hs256, { ...claims, exp: now - 1 }));
    await expectRefused(forge(hs256, { ...claims, exp: undefined }));
    await expectRefused(forge(hs256, { ...claims, exp: 'never' }));
    await expectRefused(forge(hs256, { ...claims, nbf: now + 3_600 }));
  });

  it('5 one bit flipped, in each part', async () => {
    const parts = real.split('.');
    for (const part of [0, 1, 2]) {
      const bytes = Buffer.from(parts[part] as string, 'base64url');
      for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
        await expectRefused(parts.map((p, i) => (i === part ? flipped.toString('base64url') : p)).join('.'));
      }
    }
  });

  it('5 no token, and what is none', async () => {
    for (const authorization of [
      '',
      'Bearer',
      'Bearer ',
      `Basic ${Buffer.from('a:b').toString('base64')}`,
      `Token ${real}`,
      `Bearer ${real} ${real}`,
      `Bearer ${'x'.repeat(8_000)}`,
      'Bearer ..',
    ]) {
      expectProblem(await knock(url, '/api/members', { headers: { authorization } }), 'unauthenticated');
    }
    // Addresses are logged and shared: a token there counts for nothing.
    const answer = await knock(url, `/api/members?access_token=${real}&token=${real}`);
    expectProblem(answer, 'unauthenticated');
    expect(answer.text).not.toContain(real);
    await expect(openSocket(url, null)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(openSocket(`${url}/?token=${real}`, null)).rejects.toBeDefined();
  });
});
