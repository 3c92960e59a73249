import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { PlainClient } from '../plain-client.js';
import { until } from '../until.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, signUp, signUpAndConnect, token } from './people.js';

/** Who has no Socket.IO, beside those who have, on nodes that share nothing but Redis and the store. */
describe('plain WebSockets', () => {
  let cluster: TestCluster;
  let ada: ParleyClient;
  let bob: ParleyClient;
  let access: string;
  const clients: PlainClient[] = [];

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2 });
    ada = await signUpAndConnect([cluster.urls[0] as string]);
    bob = await signUp([cluster.urls[1] as string]);
    access = await token(bob);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(async () => {
    ada?.close();
    bob?.close();
    await cluster?.stop();
  });

  const opened = (node: number, options: ConstructorParameters<typeof PlainClient>[1] = { token: access }): PlainClient => {
    const client = new PlainClient(cluster.urls[node] as string, options);
    clients.push(client);
    return client;
  };
  const heard = (client: PlainClient): unknown[] =>
    client.events('new_message').map((frame) => (frame.message as { content: string }).content);

  it('hear what is sent on another node, are heard there, and catch up on any node after they were lost', async () => {
    const { community, thread } = await found(ada, [bob]);
    const thread_id = thread.id;
    await ada.emit('join_thread', { thread_id });
    const said: string[] = [];
    const typing: unknown[] = [];
    ada.on('new_message', ({ message }) => said.push((message as { content: string }).content));
    ada.on('typing', (payload) => typing.push(payload));

    const first = opened(1, { path: `/ws/${bob.memberId}`, token: access });
    const joined = await first.ask('join_thread', { thread_id, user_id: bob.memberId });
    expect(joined).toMatchObject({ ok: true, data: { head_rev: 0, complete: true, messages: [] } });
    expect(await first.ask('join_community', { community_id: community.id, user_id: bob.memberId })).toMatchObject({ ok: true });
    await ada.send(thread_id, { content: 'one' });
    await until('it is heard', () => heard(first).length === 1);
    expect(await first.ask('typing', { thread_id, user_id: bob.memberId })).toMatchObject({ ok: true });
    expect(await first.ask('send_message', { thread_id, content: 'two', nonce: 'n' })).toMatchObject({
      ok: true,
      data: { message: { content: 'two', author: bob.memberId, seq: 2 } },
    });
    await until('it is heard on the other node', () => said.length === 2 && typing.length > 0);
    expect([said, typing[0]]).toEqual([['one', 'two'], { thread_id, member_id: bob.memberId }]);
    expect(heard(first)).toEqual(['one', 'two']);

    // Lost without a goodbye.
    first.close();
    await first.ended;
    await ada.send(thread_id, { content: 'three' });
    const second = opened(0, {});
    await second.send({ action: 'authenticate', ref: 'in', token: access });
    expect(await second.answer('in')).toEqual({ ref: 'in', ok: true, data: { member_id: bob.memberId } });
    // The same nonce: the first answer was lost as well.
    expect(await second.ask('send_message', { thread_id, content: 'two', nonce: 'n' })).toMatchObject({
      ok: true,
      data: { message: { seq: 2 } },
    });
    const again = await second.ask('join_thread', { thread_id, after_rev: 2 });
    expect((again.data as { messages: { content: string }[] }).messages.map(({ content }) => content)).toEqual(['three']);
    await ada.send(thread_id, { content: 'four' });
    await until('it is heard', () => heard(second).length === 1);
    expect(heard(second)).toEqual(['four']);
  });

  it('come in with a token alone, whose member the address names, and go with the session', async () => {
    const wrong = opened(0, { path: `/ws/${ada.memberId}`, token: access });
    expect(await wrong.ended).toEqual({ code: 1008, reason: 'forbidden' });
    const forged = opened(0, { token: `${access}x` });
    expect(await forged.ended).toEqual({ code: 1008, reason: 'unauthenticated' });
    const carol = await signUp([cluster.urls[1] as string]);
    const client = opened(0, { token: await token(carol) });
    expect(await client.ask('set_presence', { state: 'online' })).toMatchObject({ ok: true });
    await carol.logout();
    expect(await client.ended).toEqual({ code: 1008, reason: 'session_ended' });
    expect(client.events('session_ended')).toHaveLength(1);
  });

  it('are told when their node stops, and go on at the other', async () => {
    const { thread } = await found(ada, [bob]);
    const extra = await startCluster({ nodes: 1, name: cluster.name });
    const client = new PlainClient(extra.urls[0] as string, { token: access });
    clients.push(client);
    expect(await client.ask('join_thread', { thread_id: thread.id })).toMatchObject({ ok: true });
    const stopped = extra.nodes[0]!.end('SIGTERM');
    expect(await client.ended).toEqual({ code: 1012, reason: 'draining' });
    expect(client.events('draining')).toEqual([{ event: 'draining', retry_after_ms: expect.any(Number) }]);
    await stopped;
    const next = opened(1);
    expect(await next.ask('join_thread', { thread_id: thread.id, after_rev: 0 })).toMatchObject({ ok: true });
    await extra.stop();
  });
});
