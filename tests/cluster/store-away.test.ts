import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FaultProxy, startProxy } from '../../proof/chaos/proxy.js';
import { endpointOf, throughPort } from '../../scripts/services/endpoint.js';
import type { ParleyClient } from '../../src/client/index.js';
import { newNonce } from '../../src/client/nonce.js';
import type { PayloadOf } from '../../src/client/operations.js';
import type { Message, Thread } from '../../src/protocol/resources.js';
import { testMongodbUrl } from '../services-env.js';
import { until } from '../until.js';
import { metricsOf, startCluster, type TestCluster } from './harness.js';
import { found, password, record, signUpAndConnect, token } from './people.js';
import { readAll } from './talk.js';

/** How an operation ended: `ok` or the fault's code. */
interface End {
  what: string;
  code: string;
}

const ended = async (what: string, run: () => Promise<unknown>): Promise<End> => {
  const code = await run().then(
    () => 'ok',
    (error: { code?: string }) => error.code ?? String(error),
  );
  return { what, code };
};

/** Sends once a tenth of a second, each once, and keeps how each ended. */
class Sender {
  readonly ends: (End & { nonce: string; at: number; message?: Message })[] = [];
  #going = true;
  readonly #done: Promise<void>;

  constructor(client: ParleyClient, threadId: string) {
    const sends: Promise<void>[] = [];
    this.#done = (async () => {
      while (this.#going) {
        sends.push(this.#send(client, threadId));
        await sleep(100);
      }
      await Promise.all(sends);
    })();
  }

  async stop(): Promise<void> {
    this.#going = false;
    await this.#done;
  }

  async #send(client: ParleyClient, thread_id: string): Promise<void> {
    const nonce = newNonce();
    const at = performance.now();
    let message: Message | undefined;
    const end = await ended('send', async () => {
      ({ message } = await client.emit('send_message', { thread_id, content: nonce, nonce }, { timeoutMs: 20_000 }));
    });
    this.ends.push({ ...end, nonce, at, ...(message && { message }) });
  }
}

/** Of each round, so long; a minute by hand is as good. */
const awayMs = Number(process.env.AWAY_MS ?? 9_000);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the store away', () => {
  const figures: string[] = [];
  let proxy: FaultProxy;
  let cluster: TestCluster;
  let ada: ParleyClient;
  let ben: ParleyClient;
  let thread: Thread;
  let quiet: Thread;
  let seen: ReturnType<typeof record<'new_message' | 'message_updated'>>;
  let username: string;
  let bearer: string;
  let refreshToken: string;

  beforeEach(async () => {
    proxy = await startProxy({ target: endpointOf(testMongodbUrl()) });
    cluster = await startCluster({ nodes: 2, env: { MONGODB_URL: throughPort(testMongodbUrl(), proxy.port) } });
    ada = await signUpAndConnect([cluster.urls[0]!]);
    ben = await signUpAndConnect([cluster.urls[1]!]);
    ({ thread } = await found(ada, [ben]));
    ({ thread: quiet } = await found(ada, [ben]));
    username = (await ada.operations.getMember({ member_id: ada.memberId! })).username;
    bearer = await token(ben);
    refreshToken = await login();
    seen = record(ben, 'new_message', 'message_updated');
    await ben.emit('join_thread', { thread_id: thread.id });
  });
  afterAll(() => console.info(figures.join('\n')));
  afterEach(async () => {
    proxy.clear();
    ada.close();
    ben.close();
    await cluster.stop();
    await proxy.stop();
  });

  /** Signs in once more; answers the refresh token. */
  const login = async (): Promise<string> => {
    const response = await fetch(`${cluster.urls[0]}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login: username, password }),
    });
    if (!response.ok) throw await response.json();
    return ((await response.json()) as { refresh_token: string }).refresh_token;
  };

  /** One of everything that needs the store, through both doors, once: the client would try again. */
  const everything = async (message_id: string): Promise<End[]> => {
    const rest = (what: string, method: string, path: string, body?: object): Promise<End> =>
      ended(what, async () => {
        const response = await fetch(`${cluster.urls[1]}/api${path}`, {
          method,
          headers: { authorization: `Bearer ${bearer}`, ...(body && { 'content-type': 'application/json' }) },
          ...(body && { body: JSON.stringify(body) }),
        });
        if (!response.ok) throw await response.json();
      });
    const socket = <E extends 'send_message' | 'edit_message' | 'add_reaction' | 'mark_read'>(
      event: E,
      payload: PayloadOf<E>,
    ): Promise<End> => ended(event, () => ada.emit(event, payload, { timeoutMs: 20_000 }));
    const name = newNonce().slice(0, 8).replace(/-/g, '_');
    return Promise.all([
      socket('send_message', { thread_id: quiet.id, content: 'x', nonce: newNonce() }),
      socket('edit_message', { message_id, content: newNonce() }),
      socket('add_reaction', { message_id, emoji: '👍' }),
      rest('send by REST', 'POST', `/messages/thread/${quiet.id}`, { content: 'x', nonce: newNonce() }),
      rest('history', 'GET', `/messages/thread/${thread.id}?after_seq=0`),
      rest('create a thread', 'POST', `/threads/community/${thread.community_id}`, { title: 'x' }),
      rest('create a community', 'POST', '/communities', { name: `c ${name}` }),
      rest('search', 'GET', '/messages/search?q=x'),
      rest('member', 'GET', `/members/${ada.memberId}`),
      ended('login', login),
      rest('register', 'POST', '/auth/register', { username: `u_${name}`, email: `${name}@example.org`, password }),
      rest('refresh', 'POST', '/auth/refresh', { refresh_token: refreshToken }),
    ]);
  };

  const unready = async (): Promise<boolean> => {
    const answers = await Promise.all(cluster.urls.map((url) => fetch(`${url}/readyz`)));
    return answers.every((answer) => answer.status === 503);
  };

  const expectInOrder = async (sent: readonly { nonce: string; seq: number }[]): Promise<Message[]> => {
    const stored = await readAll(ben, thread.id);
    expect(stored.map((m) => m.seq)).toEqual(stored.map((_m, i) => i + 1));
    const byNonce = new Map(stored.map((m) => ['nonce' in m ? m.nonce : m.id, m]));
    expect(byNonce.size).toBe(stored.length);
    for (const { nonce, seq } of sent) expect(byNonce.get(nonce)?.seq).toBe(seq);
    return stored;
  };

  const round = async (away: () => void): Promise<void> => {
    const { message } = await ada.emit('send_message', { thread_id: thread.id, content: 'first', nonce: newNonce() });
    const sender = new Sender(ada, thread.id);
    const acknowledged = (): number => sender.ends.filter((end) => end.code === 'ok').length;
    await until('sends to be acknowledged and shown', () => acknowledged() > 0 && seen.length > 1);

    const gone = performance.now();
    away();
    // What was on its way may still arrive.
    await sleep(1_000);
    const [shown, before] = [seen.length, acknowledged()];
    const during = everything(message.id);
    await until('the nodes to say that they cannot work', unready);
    const problem = (await (await fetch(`${cluster.urls[0]}/readyz`)).json()) as { detail: string };
    expect(problem.detail).toMatch(/store/);
    // What reads may be refused as too much meanwhile: commits wait.
    for (const end of await during) expect(end).toMatchObject({ code: expect.stringMatching(/^(unavailable|timeout|overloaded)$/) });
    await sleep(Math.max(0, awayMs - (performance.now() - gone)));
    expect([seen.length, acknowledged()]).toEqual([shown, before]);

    proxy.clear();
    const back = performance.now();
    await until('a send to be acknowledged', () => acknowledged() > before);
    await until('the nodes to be ready', async () => (await Promise.all(cluster.nodes.map((node) => node.ready()))).every((ok) => ok));
    figures.push(`acknowledged again ${Math.round(performance.now() - back)} ms after ${awayMs} ms`);
    await sender.stop();
    const metrics = (): Promise<string[]> => Promise.all(cluster.urls.map(metricsOf));
    const nothingShed = async (): Promise<boolean> => (await metrics()).every((text) => /parley_gateway_shed_level 0/.test(text));
    await until('nothing to be shed any more', nothingShed);
    for (const end of await everything(message.id)) expect(end).toMatchObject({ code: 'ok' });
    for (const end of sender.ends) expect(end).toMatchObject({ code: expect.stringMatching(/^(ok|unavailable|timeout)$/) });
    const stored = await expectInOrder(sender.ends.flatMap((end) => (end.message ? [{ nonce: end.nonce, seq: end.message.seq }] : [])));
    const ids = new Set(stored.map((m) => m.id));
    for (const { payload } of seen) expect(ids).toContain(payload.message.id);
    expect(cluster.nodes.flatMap((node) => node.log.split('\n').filter((line) => line.includes('defect: ')))).toEqual([]);
    expect((await metrics()).join('\n')).not.toMatch(/parley_actor_restarts_total\{[^}]*directive="(restart|stop|escalate)"/);
    // Gauges are brought up to date every few seconds.
    const noneWaits = async (): Promise<boolean> => (await metrics()).every((text) => /parley_actor_mailbox_messages 0/.test(text));
    await until('mailboxes to be empty', noneWaits);
  };

  it('with every connection refused: bounded waiting, then unavailable; nothing acknowledged or shown; then it goes on', () =>
    round(() => {
      proxy.refuse();
      proxy.reset();
    }));

  it('without any answer: the same', () => round(() => proxy.halfOpen()));

  it('with its answers lost after the requests went through: each message is there once, under the seq acknowledged', async () => {
    const sends: Promise<Message>[] = [];
    for (let i = 0; i < 80; i++) {
      if (i % 8 === 4) proxy.dropReplies();
      const to = i % 2 === 0 ? ada : ben;
      sends.push(to.send(thread.id, { content: `${i}`, nonce: `nonce-of-${i}` }, { timeoutMs: 10_000 }));
      await sleep(25);
    }
    const acknowledged = await Promise.all(sends);
    const stored = await expectInOrder(acknowledged.map((message, i) => ({ nonce: `nonce-of-${i}`, seq: message.seq })));
    expect(stored).toHaveLength(80);
  });
});
