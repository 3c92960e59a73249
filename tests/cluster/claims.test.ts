import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient, ObjectId } from 'mongodb';
import type { FaultProxy } from '../../proof/chaos/proxy.js';
import { threadAddress } from '../../src/actors/domain/thread/messages.js';
import { testMongodbUrl } from '../services-env.js';
import { until } from './harness.js';
import { redisThrough, Stage } from './stage.js';
import { Talk } from './talk.js';

describe('two nodes that believe in the same thread', () => {
  let stage: Stage | undefined;
  let toRedis: FaultProxy;
  const mongo = new MongoClient(testMongodbUrl());

  beforeAll(async () => {
    toRedis = await redisThrough.start();
    stage = await Stage.start({
      nodes: 2,
      env: { LEASE_MS: '5000' },
      envOf: (i): Record<string, string> => (i === 0 ? { REDIS_URL: redisThrough.url(toRedis) } : {}),
      people: ([first, second]) => [[first!], [first!], [second!], [second!]],
      threads: 4,
    });
  });
  afterAll(async () => {
    await stage?.stop();
    await toRedis.stop();
    await mongo.close();
  });

  /** Epochs of what is stored in a thread, by seq. */
  const epochs = async (threadId: string): Promise<number[]> => {
    const messages = mongo.db(stage!.cluster.name).collection('messages');
    const stored = await messages
      .find({ thread_id: new ObjectId(threadId) })
      .sort({ seq: 1 })
      .toArray();
    return stored.map((m) => Number(m.epoch));
  };

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
    const silence = await stage!.talkThrough(async () => {
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
      await until('the first to step down', () => node.log.includes('"why":"unreachable"'), 8_000);
      toRedis.clear();
      await until('it to be ready again', () => node.ready(), 10_000);
      await believers.endAndCheck(people[2]!);
    });
    expect(silence).toBeLessThan(10_000);
    // They did write at the same time: of one thread at least, something of the old epoch lies behind something of the new.
    const mixed = (await Promise.all(own.map((t) => epochs(t.id)))).filter((of) => of.some((e, i) => i > 0 && e < of[i - 1]!));
    expect(mixed.length).toBeGreaterThan(0);
  });
});
