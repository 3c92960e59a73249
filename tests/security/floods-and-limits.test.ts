import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { limits } from '../../src/protocol/access.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { found, password, signUp, token } from '../cluster/people.js';
import { Bystander } from './bystander.js';
import { RawSocket } from './raw-socket.js';
import { type Answer, expectProblem, knock } from './rest-door.js';

type Ack = { ok: boolean; error?: { code: string; message: string; retry_after_ms?: number } };

describe('floods and limits on two nodes', () => {
  let cluster: TestCluster;
  let bystander: Bystander;
  let signedUp = 0;
  const people: ParleyClient[] = [];
  const newcomer = async (): Promise<ParleyClient> => {
    signedUp++;
    const client = await signUp(cluster.urls);
    people.push(client);
    return client;
  };

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2, env: { RATE_LIMITS: 'on' } });
    bystander = await Bystander.on(cluster.nodes[0] as TestCluster['nodes'][0]);
    signedUp++;
  });
  afterAll(async () => {
    bystander?.close();
    for (const person of people) person.close();
    await cluster?.stop();
  });

  const url = (i: number): string => cluster.urls[i % 2] as string;
  let addresses = 0;
  /** Every request pretends to come from somewhere else. */
  const forged = (): Record<string, string> => {
    const n = ++addresses;
    const address = `203.0.${n >> 8}.${n & 255}`;
    return { 'x-forwarded-for': `${address}, 10.0.0.1`, 'x-real-ip': address, forwarded: `for=${address}`, 'cf-connecting-ip': address };
  };
  const expectLimited = (answer: Answer, limit: { points: number; seconds: number }): void => {
    const { retry_after_ms } = expectProblem(answer, 'rate_limited');
    expect(retry_after_ms).toBeGreaterThan(0);
    expect(retry_after_ms).toBeLessThanOrEqual(limit.seconds * 1000);
    expect(Number(answer.headers['retry-after'])).toBe(Math.ceil((retry_after_ms as number) / 1000));
    expect(answer.headers).toMatchObject({ 'ratelimit-limit': String(limit.points), 'ratelimit-remaining': '0' });
    expect(Number(answer.headers['ratelimit-reset'])).toBeGreaterThan(0);
  };
  /** Spends a limit, one request on each node in turn, and looks at what is left after each. */
  const exhaust = async (
    limit: { points: number; seconds: number },
    spent: number,
    ask: (url: string) => Promise<Answer>,
  ): Promise<void> => {
    for (let i = spent; i < limit.points; i++) {
      const answer = await ask(url(i));
      expect([answer.status === 429, answer.headers['ratelimit-remaining']]).toEqual([false, String(limit.points - i - 1)]);
      expect(answer.headers['ratelimit-limit']).toBe(String(limit.points));
    }
    for (const node of cluster.urls) expectLimited(await ask(node), limit);
  };

  it('31 a flood of events without acknowledgement harms nobody else', async () => {
    const flooder = await newcomer();
    const { thread } = await found(flooder);
    const socket = new RawSocket(url(0));
    await socket.enter(await token(flooder));
    const frames = [
      `42["typing",{"thread_id":"${thread.id}"}]`,
      `42["send_message",{"thread_id":"${thread.id}","content":"flood","nonce":"same"}]`,
      '42["no such event",{}]',
    ];
    for (let i = 0; i < 20_000; i++) {
      await socket.sent(frames[i % frames.length] as string);
      if (i % 5_000 === 0) await bystander.isUnharmed();
    }
    await socket.ask('typing', { thread_id: thread.id }).catch(() => socket.ended);
    await bystander.isUnharmed();
    socket.close();
  });

  it('31 a flood of events with acknowledgement is answered in full, with refusals, as far as a connection may send', async () => {
    const flooder = await newcomer();
    const { thread } = await found(flooder);
    const socket = new RawSocket(url(0));
    await socket.enter(await token(flooder));
    const ask = (): Promise<unknown> => socket.ask('typing', { thread_id: thread.id });
    const flood = Array.from({ length: 700 }, ask);
    await bystander.isUnharmed();
    const answers = (await Promise.all(flood)) as Ack[];
    const outcomes = (some: Ack[]): Set<string> => new Set(some.map((answer) => answer.error?.code ?? 'ok'));
    // What comes while a hundred wait for their answers is refused at once.
    expect([...outcomes(answers)].filter((code) => !['ok', 'rate_limited', 'overloaded'].includes(code))).toEqual([]);
    expect(outcomes(answers)).toContain('ok');
    expect(outcomes(answers)).toContain('overloaded');
    // What comes in step is counted.
    for (let wave = 0; wave < 4; wave++) {
      answers.push(...((await Promise.all(Array.from({ length: 50 }, () => ask()))) as Ack[]));
    }
    expect(outcomes(answers)).toContain('rate_limited');
    for (const { ok, error } of answers) if (!ok) expect(error?.retry_after_ms).toBeGreaterThan(0);
    // Who goes on in this way is answered so until the connection is closed.
    for (let wave = 0; wave < 1_000 && socket.open; wave++) {
      for (const answer of await Promise.all(Array.from({ length: 50 }, () => ask().catch(() => null)))) {
        if (answer) expect((answer as Ack).error?.code).toBe('rate_limited');
      }
    }
    await socket.ended;
    await bystander.isUnharmed();
    socket.close();
  });

  it('36 sign-ins are counted by address on all nodes together, wherever they say they come from', async () => {
    // A login of its own each, since those of one login are counted besides.
    let logins = 0;
    await exhaust(limits.sign_in, 0, (node) =>
      knock(node, '/api/auth/login', { json: { login: `nobody-${logins++}`, password: 'a wrong password' }, headers: forged() }),
    );
    // Not even with the right password, and for whomever.
    const { username } = await bystander.client.operations.getMember({ member_id: bystander.client.memberId as string });
    expectLimited(await knock(url(1), '/api/auth/login', { json: { login: username, password }, headers: forged() }), limits.sign_in);
    // Whoever is signed in is not touched by that.
    await bystander.isUnharmed();
  });

  it('36 refreshes are counted by address on all nodes together', async () => {
    await exhaust(limits.refresh, 0, (node) =>
      knock(node, '/api/auth/refresh', { json: { refresh_token: 'x'.repeat(43) }, headers: forged() }),
    );
  });

  it('36 searches are counted by member on all nodes together', async () => {
    const [one, other] = [await newcomer(), await newcomer()];
    const search = async (node: string, who: ParleyClient): Promise<Answer> =>
      knock(node, '/api/messages/search?q=word', { token: await token(who), headers: forged() });
    await exhaust(limits.search, 0, (node) => search(node, one));
    // Neither another member nor another route is touched.
    expect((await search(url(0), other)).status).toBe(200);
    expect((await knock(url(0), '/api/communities', { token: await token(one) })).status).toBe(200);
  });

  it('36 sends are counted by member over both nodes and both doors', async () => {
    const [one, other] = [await newcomer(), await newcomer()];
    const { community, thread } = await found(one, [other]);
    const sockets = cluster.urls.map((node) => new RawSocket(node, { headers: forged() }));
    for (const socket of sockets) await socket.enter(await token(one));
    const each = (limits.send.points * 2) / 3;
    const answers = (await Promise.all(
      sockets.flatMap((socket, s) =>
        Array.from({ length: each }, (_x, i) => socket.ask('send_message', { thread_id: thread.id, content: 'x', nonce: `${s}-${i}` })),
      ),
    )) as Ack[];
    const refused = answers.filter((answer) => !answer.ok);
    expect([answers.length - refused.length, refused.length]).toEqual([limits.send.points, 2 * each - limits.send.points]);
    for (const { error } of refused) {
      expect(error).toMatchObject({ code: 'rate_limited' });
      expect(error?.retry_after_ms).toBeGreaterThan(0);
      expect(error?.retry_after_ms).toBeLessThanOrEqual(limits.send.seconds * 1000);
    }
    const byRest = { token: await token(one), json: { content: 'x' }, headers: forged() };
    expectLimited(await knock(url(1), `/api/messages/thread/${thread.id}`, byRest), limits.send);
    expect((await one.operations.getThread({ thread_id: thread.id })).last_seq).toBe(limits.send.points);
    expect(await other.operations.sendMessage({ thread_id: thread.id, content: 'mine' })).toMatchObject({
      content: 'mine',
    });
    expect((await one.operations.getCommunity({ community_id: community.id })).id).toBe(community.id);
    for (const socket of sockets) socket.close();
  });

  it('36 sign-ups are counted by address, the ill-formed ones too', async () => {
    await exhaust(limits.sign_up, signedUp, (node) => knock(node, '/api/auth/register', { json: { username: '' }, headers: forged() }));
    expectLimited(await knock(url(0), '/api/members', { json: {}, headers: forged() }), limits.sign_up);
    await bystander.isUnharmed();
  });
});
