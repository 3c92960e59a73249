import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultProxy } from '../../proof/chaos/proxy.js';
import { threadAddress } from '../../src/actors/domain/thread/messages.js';
import { until } from '../until.js';
import { redisThrough, Stage } from './stage.js';
import { Talk } from './talk.js';

describe('two nodes that believe in the same thread', () => {
  let stage: Stage | undefined;
  let toRedis: FaultProxy;

  beforeAll(async () => {
    toRedis = await redisThrough.start();
    stage = await Stage.start({
      nodes: 2,
      // Long enough to believe in for some seconds, whatever the machine has to do besides.
      env: { LEASE_MS: '10000' },
      envOf: (i): Record<string, string> => (i === 0 ? { REDIS_URL: redisThrough.url(toRedis) } : {}),
      people: ([first, second]) => [[first!], [first!], [second!], [second!]],
      threads: 12,
    });
  });
  afterAll(async () => {
    await stage?.stop();
    await toRedis.stop();
  });

  it('write to it at the same time: each seq is one’s, the other places its own behind, and steps down', async () => {
    const { cluster, claims, people, threads } = stage!;
    const node = cluster.nodes[0]!;
    const owners = await Promise.all(threads.map((t) => claims.of(threadAddress(t.id))));
    const own = threads.filter((_t, i) => owners[i]?.node === node);
    expect(own.length).toBeGreaterThan(0);
    const instance = (await claims.instanceOf(node))!;

    // These need nothing of Redis while the first node believes in its threads.
    const believers = new Talk(people.slice(0, 2), own);
    await until('sends to its threads', () => own.every((t) => believers.count(t) > 5));
    // The first hears nothing of Redis, which says that it is dead: the second takes its slots while its lease still stands.
    toRedis.halfOpen();
    await claims.redis
      .multi()
      .zrem(claims.key('leases'), instance)
      .hdel(claims.key('members'), instance)
      .incr(claims.key('version'))
      .publish(claims.key('changes'), '0')
      .exec();
    await until('the other to have claimed all', async () =>
      (await Promise.all(threads.map((t) => claims.of(threadAddress(t.id))))).every((c) => c?.node === cluster.nodes[1]),
    );
    // Cut off, the first can have these acknowledged by itself alone: both write to each of the threads.
    const others = new Talk(people.slice(2), own);
    const before = own.map((t) => believers.count(t));
    await until('both to have written', () => own.every((t, i) => believers.count(t) > before[i]! + 5 && others.count(t) > 5));
    expect(node.log).not.toContain('"why":"unreachable"');
    await until('the first to step down', () => node.log.includes('"why":"unreachable"'));
    toRedis.clear();
    await until('it to be ready again', () => node.ready());
    const counts = own.map((t) => [believers.count(t), others.count(t)] as const);
    await until('both to be heard again', () =>
      own.every((t, i) => believers.count(t) > counts[i]![0] + 5 && others.count(t) > counts[i]![1] + 5),
    );
    await believers.endAndCheck(people[2]!);
    await stage!.endTalk(others);
  });
});
