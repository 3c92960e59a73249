import { describe, expect, it } from '@jest/globals';
import { ClusterNode } from '../../../src/actors/cluster/node.js';
import { common, VersionMismatch } from '../../../src/actors/cluster/versions.js';
import { type OtherMessage, Wire, type WireStep } from '../../../src/actors/cluster/wire.js';
import type { ActorKind, Message } from '../../../src/actors/runtime/actor.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { ownedBy, TestCluster, type TestNode } from './cluster-fixtures.js';
import { kindOf, recordingLogger, until } from './fixtures.js';

/** Version 2 calls the key `key` and the message `body`. */
const renames: WireStep = {
  up: ({ y, m, ...rest }) => ({ ...rest, key: y, body: m }) as unknown as OtherMessage,
  down: ({ key, body, ...rest }) => ({ ...rest, y: key, m: body }) as unknown as OtherMessage,
};
/** Version 3 is read by the code of today again. */
const renamesBack: WireStep = { up: renames.down, down: renames.up };

const v1 = new Wire(1, []);
const v1to3 = new Wire(1, [renames, renamesBack]);
const v2to3 = new Wire(2, [renamesBack]);
const v4 = new Wire(4, []);

const echo = (node: string): ActorKind[] => [kindOf('a', () => ({ receive: (m: { type: string; n?: number }) => `${node} ${m.n ?? ''}` }))];

const failure = (work: Promise<unknown>): Promise<string> => work.then(String, (error: Error) => error.message);

const start = async (cluster: TestCluster, name: string, wire: Wire): Promise<TestNode> => {
  const link = cluster.memory.connect();
  const telemetry = new Telemetry();
  const { logger, lines } = recordingLogger();
  const node = new ClusterNode({
    nodeId: name,
    url: `http://${name}`,
    kinds: echo(name),
    backbone: link,
    witness: cluster.witness,
    clock: cluster.clock,
    logger,
    telemetry,
    wire,
  });
  await cluster.during(node.start());
  return { node, link, telemetry, lines };
};

describe('versions', () => {
  it.each([
    [v1, v1, 1],
    [v1, v1to3, 1],
    [v1to3, v2to3, 3],
    [v1, v2to3, undefined],
    [v1to3, v4, undefined],
  ] as const)('have the newest that both know in common', (a, b, expected) => {
    expect(common(a, b)).toBe(expected);
    expect(common(b, a)).toBe(expected);
  });

  it('of a member that names no oldest one are the one that it names', () => {
    expect(common({ protocol: 1 }, v2to3)).toBeUndefined();
    expect(common({ protocol: 2 }, v2to3)).toBe(2);
  });

  it('of a message can be read that are known; what is not known in them is passed over', () => {
    const old = { t: 'm', v: 1, k: 'a', y: 'key', m: { type: 'go' }, later: 'yes' } as const;
    expect(v1to3.read(old)).toEqual({ ...old, v: 3 });
    expect(v1to3.write(v1to3.read(old)!, 1)).toEqual(old);
    expect(v1to3.write(v1to3.read(old)!, 2)).toEqual({ t: 'm', v: 2, k: 'a', key: 'key', body: { type: 'go' }, later: 'yes' });
    expect(v1to3.read(v1to3.write({ ...old, v: 3 }, 2))).toEqual({ ...old, v: 3 });
    expect(v2to3.read(old)).toBeUndefined();
    expect(v1.read({ ...old, v: 2 })).toBeUndefined();
    expect(v1.read({ t: 'm' } as never)).toBeUndefined();
  });
});

describe('nodes of two versions', () => {
  it('ask and tell each other both ways, each in a version that the other reads', async () => {
    const cluster = new TestCluster(echo);
    const versions: unknown[] = [];
    const append = cluster.memory.append.bind(cluster.memory);
    cluster.memory.append = (to, entry) => {
      const items = JSON.parse(entry.body) as { t: string; v: number }[];
      for (const { t, v } of items) if (t === 'm') versions.push(`${to.slice(0, 3)} ${v}`);
      return append(to, entry);
    };
    const old = await start(cluster, 'old', v1);
    const young = await start(cluster, 'new', v1to3);
    const other = await start(cluster, 'two', v1to3);
    await cluster.settled(old, young, other);
    const ask = (from: TestNode, to: TestNode, n: number) =>
      cluster.during(from.node.system.ask(ownedBy(from, to), { type: 'go', n } as Message));
    expect(await ask(old, young, 1)).toBe('new 1');
    expect(await ask(young, old, 2)).toBe('old 2');
    expect(await ask(young, other, 3)).toBe('two 3');
    expect(await ask(other, young, 4)).toBe('new 4');
    expect(versions).toEqual(['new 1', 'old 1', 'two 3', 'new 3']);
    await cluster.during(old.node.stop());
    await cluster.settled(young, other);
    expect(await ask(young, other, 5)).toBe('two 5');
    expect(versions.at(-1)).toBe('two 3');
  });

  it('that share none do not mix: the newcomer stays out, says why, and harms nobody', async () => {
    const cluster = new TestCluster(echo);
    const old = await start(cluster, 'old', v1);
    const claims = new Map(cluster.memory.claims);
    const refusal = await failure(start(cluster, 'new', v2to3));
    expect(refusal).toBe(
      'this process speaks versions 2 to 3 of the protocol between nodes, but ' +
        `${old.node.instance} in the cluster speaks version 1: go by way of a release between the two, or stop the other nodes first`,
    );
    expect(await failure(start(cluster, 'new', v4))).toContain('speaks version 4');
    await cluster.clock.advance(10_000);
    expect(cluster.memory.claims).toEqual(claims);
    expect([...cluster.memory.leases.keys()]).toEqual([old.node.instance]);
    expect([...cluster.memory.inboxes.keys()]).toEqual([old.node.instance]);
    expect(await old.node.system.ask({ kind: 'a', key: '1' }, { type: 'go', n: 7 } as Message)).toBe('old 7');
  });

  it('an old one that lost its lease does not come back among nodes that have left its version behind', async () => {
    const cluster = new TestCluster(echo);
    const refused: unknown[] = [];
    const link = cluster.memory.connect();
    const { logger } = recordingLogger();
    const old = new ClusterNode({
      nodeId: 'old',
      url: '',
      kinds: echo('old'),
      backbone: link,
      witness: cluster.witness,
      clock: cluster.clock,
      logger,
      telemetry: new Telemetry(),
      wire: v1,
      onRefused: (error) => refused.push(error),
    });
    await cluster.during(old.start());
    link.cut = true;
    await cluster.clock.advance(6_000);
    const young = await start(cluster, 'new', v2to3);
    link.cut = false;
    await until(cluster.clock, () => refused.length > 0);
    expect(refused).toEqual([expect.any(VersionMismatch)]);
    expect(old.ready()).toMatchObject({ ok: false, reason: expect.stringContaining('version 1') });
    await cluster.clock.advance(5_000);
    expect(refused).toHaveLength(1);
    expect([...cluster.memory.leases.keys()]).toEqual([young.node.instance]);
    await cluster.during(old.stop());
  });
});
