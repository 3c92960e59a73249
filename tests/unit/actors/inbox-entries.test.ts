import { describe, expect, it } from '@jest/globals';
import { echoKind, TestCluster, type TestNode } from './cluster-fixtures.js';
import { until } from './fixtures.js';

/** A cluster of one node, and what its actors see of an entry in its inbox. */
const received = async (items: readonly string[]): Promise<{ numbers: number[]; node: TestNode }> => {
  const seen: { node: string; n: number; key: string }[] = [];
  const cluster = new TestCluster(echoKind(seen));
  const node = await cluster.start('a');
  const other = cluster.memory.connect();
  await cluster.during(other.mail.send(node.node.instance!, { from: 'elsewhere', number: 1, body: `[${items.join()}]` }));
  await cluster.during(other.mail.send(node.node.instance!, { from: 'elsewhere', number: 2, body: `[${tell(99)}]` }));
  await until(cluster.clock, () => seen.some(({ n }) => n === 99));
  return { numbers: seen.map(({ n }) => n), node };
};
const tell = (n: number): string => JSON.stringify({ t: 'm', v: 1, k: 'a', y: `k${n}`, m: { type: 'go', n } });

describe('An entry of an inbox', () => {
  it.each([
    'null',
    '7',
    '{}',
    '{"t":"z"}',
    '{"t":"m"}',
    '{"t":"m","v":1}',
    '{"t":"m","v":1,"k":"a","y":"k","m":null,"c":5}',
    '{"t":"q","a":"x","z":7}',
  ])('with %s in it loses nothing of what stands beside and behind it', async (bad) => {
    const { numbers, node } = await received([tell(1), bad, tell(2), bad, tell(3)]);
    expect(numbers).toEqual([1, 2, 3, 99]);
    expect(node.node.ready().ok).toBe(true);
  });

  it('that is no list of items is counted and passed over', async () => {
    const { numbers, node } = await received(['{']);
    expect(numbers).toEqual([99]);
    expect(await node.telemetry.registry.metrics()).toMatch(/parley_actor_dead_letters_total\{reason="unreadable"\} 1/);
  });
});
