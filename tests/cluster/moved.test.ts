import { afterEach, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import type { Message, Thread } from '../../src/protocol/resources.js';
import { until } from '../until.js';
import { metricsOf, startCluster, type TestCluster, type TestNode } from './harness.js';
import { found, record, signUpAndConnect } from './people.js';

/** What becomes of the clients of a node that does not go on: they move to others, and nothing that they sent is lost or doubled. */
describe('a paused node', () => {
  let cluster: TestCluster;
  let people: ParleyClient[] = [];
  const paused = new Set<TestNode>();

  const pause = (node: TestNode): void => {
    process.kill(node.pid, 'SIGSTOP');
    paused.add(node);
  };
  const thaw = (node: TestNode): void => {
    process.kill(node.pid, 'SIGCONT');
    paused.delete(node);
  };

  afterEach(async () => {
    for (const node of paused) thaw(node);
    for (const person of people) person.close();
    people = [];
    await cluster.stop();
  });

  /** Addresses with one node's first. */
  const from = (node: TestNode): string[] => [node.url, ...cluster.urls.filter((url) => url !== node.url)];

  const stored = async (client: ParleyClient, thread_id: string): Promise<Message[]> =>
    (await client.operations.listMessages({ thread_id, after_seq: 0, limit: 100 })).items;

  it('is left by its clients, whose sends succeed; thawed, it serves again', async () => {
    cluster = await startCluster({ nodes: 3 });
    const [, frozen] = cluster.nodes as [TestNode, TestNode];
    people = await Promise.all([
      signUpAndConnect(from(cluster.nodes[0]!)),
      ...Array.from({ length: 5 }, () => signUpAndConnect(from(frozen))),
    ]);
    const [first, ...theirs] = people as [ParleyClient, ...ParleyClient[]];
    const threads: Thread[] = [];
    for (let n = 0; n < 5; n++) threads.push((await found(first, theirs)).thread);
    await Promise.all(theirs.map((p, i) => p.send(threads[i]!.id, { content: 'before' })));

    pause(frozen);
    const sent = await Promise.all(
      theirs.map((p, i) => p.send(threads[i]!.id, { content: 'during' }, { withinMs: 60_000, timeoutMs: 2_000 })),
    );
    thaw(frozen);
    await until('it is ready again', () => frozen.ready());
    const again = await Promise.all(theirs.map((p, i) => p.send(threads[i]!.id, { content: 'after' }, { timeoutMs: 2_000 })));
    for (const [i, thread] of threads.entries()) {
      const messages = await stored(first, thread.id);
      expect(messages.map((m) => ('content' in m ? m.content : 'a tombstone')).filter((c) => c !== 'a tombstone')).toEqual([
        'before',
        'during',
        'after',
      ]);
      expect(messages.map((m) => m.id)).toEqual(expect.arrayContaining([sent[i]!.id, again[i]!.id]));
    }
    const guest = await signUpAndConnect([frozen.url]);
    people.push(guest);
    expect(guest.connection.state.phase).toBe('online');
  });

  it('that comes back past its lease sends those who waited for it elsewhere, each in its own time', async () => {
    cluster = await startCluster({ nodes: 2, env: { LEASE_MS: '2000' } });
    const [, frozen] = cluster.nodes as [TestNode, TestNode];
    people = await Promise.all(Array.from({ length: 6 }, () => signUpAndConnect(from(frozen))));
    const [first, ...others] = people as [ParleyClient, ...ParleyClient[]];
    const { thread } = await found(first, others);
    const told = people.map((p) => record(p, 'draining'));
    pause(frozen);
    await until('the other has taken over', async () => !(await metricsOf(cluster.urls[0] as string)).includes('parley_cluster_nodes 2'));
    thaw(frozen);
    await until('all are told', () => told.every((events) => events.length === 1));
    const times = told.map(([event]) => event!.payload.retry_after_ms);
    for (const ms of times) expect(ms >= 200 && ms <= 1_200).toBe(true);
    expect(new Set(times).size).toBeGreaterThan(1);
    const messages = await Promise.all(people.map((p, i) => p.send(thread.id, { content: `${i}` }, { timeoutMs: 2_000 })));
    expect((await stored(first, thread.id)).map((m) => m.id).sort()).toEqual(messages.map((m) => m.id).sort());
    await until('the node is ready again', () => frozen.ready());
    const sockets = async (node: TestNode): Promise<string | undefined> =>
      /^parley_gateway_sockets (\d+)/m.exec(await metricsOf(node.url))?.[1];
    await until('all are elsewhere', async () => (await sockets(cluster.nodes[0]!)) === '6' && (await sockets(frozen)) === '0');
  });
});
