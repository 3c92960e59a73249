import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { guessing } from '../../src/gateway/limits/guessing.js';
import { limits } from '../../src/protocol/access.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { password, signUp, token } from '../cluster/people.js';
import { type Answer, expectProblem, knock } from './rest-door.js';
import { usernameOf } from './trio.js';

const wrong = 'a wrong password';
/** More than are free may get through while the test runs: each wait is over some time. */
const someMore = 4;

describe('guessing passwords, on two nodes behind a proxy', () => {
  let cluster: TestCluster;
  const people: ParleyClient[] = [];
  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2, env: { RATE_LIMITS: 'on', TRUST_PROXY: '1' } });
  });
  afterAll(async () => {
    for (const person of people) person.close();
    await cluster?.stop();
  });

  let addresses = 0;
  const freshAddress = (): string => `198.18.${Math.floor(++addresses / 250)}.${addresses % 250}`;
  const from = (address: string): { headers: Record<string, string> } => ({ headers: { 'x-forwarded-for': address } });
  const url = (i: number): string => cluster.urls[i % 2] as string;
  const logIn = (i: number, json: object, address = freshAddress()): Promise<Answer> =>
    knock(url(i), '/api/auth/login', { json, ...from(address) });
  const newcomer = async (): Promise<{ client: ParleyClient; login: string }> => {
    const client = await signUp(cluster.urls);
    people.push(client);
    return { client, login: await usernameOf(client) };
  };
  const guess90 = async (login: string): Promise<Answer[]> => {
    const thirty = Array.from({ length: 30 }, freshAddress);
    return Promise.all(Array.from({ length: 90 }, (_, i) => logIn(i, { login, password: wrong }, thirty[i % 30])));
  };
  const looked = (answers: Answer[]): number => answers.filter(({ status }) => status === 401).length;

  it('59 of 90 wrong passwords for one name from 30 addresses few are looked at, whether or not there is such a name', async () => {
    const { login } = await newcomer();
    for (const name of [login, login.toUpperCase(), 'nobody-of-that-name', 'nobody@example.org']) {
      const answers = await guess90(name);
      if (name === login.toUpperCase()) expect(looked(answers)).toBeLessThanOrEqual(someMore);
      else expect(looked(answers)).toBeLessThanOrEqual(guessing.free + someMore);
      const refused = answers.filter(({ status }) => status !== 401);
      for (const answer of refused) {
        const { retry_after_ms, detail } = expectProblem(answer, 'rate_limited');
        expect(retry_after_ms).toBeGreaterThan(0);
        expect(retry_after_ms).toBeLessThanOrEqual(guessing.longestMs);
        expect(Number(answer.headers['retry-after'])).toBe(Math.ceil((retry_after_ms as number) / 1000));
        expect(detail).toBe('Too many wrong passwords for this name; wait a little');
      }
    }
  });

  it('59 the right password must wait as well, but not on a device where the member has signed in before', async () => {
    const { client, login } = await newcomer();
    const { body } = await logIn(0, { login, password });
    const { device_token } = body as { device_token: string };
    // Until the wait is long enough that it cannot end meanwhile.
    for (let failures = 0; failures < guessing.free + 4; ) {
      const { status } = await logIn(failures, { login, password: wrong });
      if (status === 401) failures++;
    }
    expectProblem(await logIn(0, { login, password }), 'rate_limited');
    expectProblem(await logIn(1, { login, password, device_token: `${device_token}x` }), 'rate_limited');
    const other = await newcomer();
    const foreign = (await logIn(0, { login: other.login, password })).body as { device_token: string };
    expectProblem(await logIn(1, { login, password, device_token: foreign.device_token }), 'rate_limited');
    expectProblem(await logIn(1, { login, password, device_token: await token(client) }), 'rate_limited');
    expect((await logIn(1, { login, password, device_token })).status).toBe(200);
    // Nor is such a device a way to guess on.
    const onDevice = await Promise.all(Array.from({ length: 60 }, (_, i) => logIn(i, { login, password: wrong, device_token })));
    expect(looked(onDevice)).toBeLessThanOrEqual(guessing.free + someMore);
    // And that sign-in has not begun the count anew for everybody else.
    expectProblem(await logIn(0, { login, password }), 'rate_limited');
    // Whoever is signed in is not touched.
    expect((await knock(url(1), '/api/communities', { token: await token(client) })).status).toBe(200);
  });

  it('59 an IPv6 /48 is one source, however many of its blocks ask', async () => {
    const most = 4 * limits.sign_in.points;
    const answers: Answer[] = [];
    for (let i = 0; i < most + 5; i++) {
      answers.push(await logIn(i, { login: `nobody-${i}`, password: wrong }, `2001:db8:5:${i.toString(16)}::1`));
    }
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(most);
    for (const answer of answers.slice(most)) expectProblem(answer, 'rate_limited');
  });
});
