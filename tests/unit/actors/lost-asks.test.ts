import { expect, it } from '@jest/globals';
import { echoKind, ownedBy, TestCluster } from './cluster-fixtures.js';

/** Entries are lost on their way now and then: a trimmed stream, a Redis set back. Asks do not wait for their deadline then. */
const ask = { type: 'echo', n: 1 } as never;

it('an ask that was lost on its way is sent again, and done once', async () => {
  const seen: { node: string; n: number; key: string }[] = [];
  const cluster = new TestCluster(echoKind(seen));
  const [a, b] = [await cluster.start('a'), await cluster.start('b')];
  await cluster.settled(a, b);
  const there = ownedBy(a, b);
  const inbox = cluster.memory.inboxes.get(b.node.instance!)!;
  const { receive } = inbox.reading!;
  let lost = 0;
  inbox.reading!.receive = (entry) => {
    if (lost === 0 && entry.body.includes('echo')) lost++;
    else receive(entry);
  };
  const before = cluster.clock.monotonic();
  await expect(cluster.during(a.node.system.ask(there, ask))).resolves.toMatchObject({ node: 'b' });
  expect(lost).toBe(1);
  expect(cluster.clock.monotonic() - before).toBeLessThan(3_000);
  expect(seen).toHaveLength(1);
  for (const { node } of [a, b]) await cluster.during(node.stop());
});

it('an answer that was lost on its way is given again, without doing it twice', async () => {
  const seen: { node: string; n: number; key: string }[] = [];
  const cluster = new TestCluster(echoKind(seen));
  const [a, b] = [await cluster.start('a'), await cluster.start('b')];
  await cluster.settled(a, b);
  const there = ownedBy(a, b);
  const inbox = cluster.memory.inboxes.get(a.node.instance!)!;
  const { receive } = inbox.reading!;
  let lost = 0;
  inbox.reading!.receive = (entry) => {
    if (lost === 0 && entry.body.includes('"t":"r"')) lost++;
    else receive(entry);
  };
  await expect(cluster.during(a.node.system.ask(there, ask))).resolves.toMatchObject({ node: 'b' });
  expect([lost, seen.length]).toEqual([1, 1]);
  for (const { node } of [a, b]) await cluster.during(node.stop());
});
