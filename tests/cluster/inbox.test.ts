import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { endpointOf, throughPort } from '../../scripts/services/endpoint.js';
import { MemoryWitness } from '../../src/actors/cluster/memory/memory-witness.js';
import { ClusterNode } from '../../src/actors/cluster/node.js';
import { connectRedisBackbone } from '../../src/actors/cluster/redis/connect.js';
import { ClusterSender } from '../../src/actors/cluster/sender.js';
import type { ActorContext, Message } from '../../src/actors/runtime/actor.js';
import { systemClock } from '../../src/kernel/clock.js';
import { randomToken } from '../../src/kernel/ids.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import { testRedisUrl } from '../services-env.js';
import { kindOf, outcome, recordingLogger } from '../unit/actors/fixtures.js';

const redisUrl = testRedisUrl();
const go = { type: 'go' };
const cleanups: (() => Promise<void>)[] = [];

const soon = async (done: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> => {
  for (const end = Date.now() + ms; !(await done()); ) {
    if (Date.now() > end) throw new Error('not in time');
    await systemClock.sleep(10);
  }
};

/** Between a node and Redis: can be cut, so that neither side hears of the other. */
const proxy = async (): Promise<{ url: string; cut(): void; mend(): void }> => {
  const to = endpointOf(redisUrl);
  const sockets = new Set<Socket>();
  let cut = false;
  const server: Server = createServer((client) => {
    if (cut) {
      client.destroy();
      return;
    }
    const redis = createConnection(to);
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        redis.destroy();
      });
    }
    client.pipe(redis).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  cleanups.push(async () => void server.close());
  return {
    url: throughPort(redisUrl, port),
    cut() {
      cut = true;
      for (const socket of [...sockets]) socket.destroy();
    },
    mend() {
      cut = false;
    },
  };
};

const cluster = () => {
  const prefix = `t-${randomToken(6)}`;
  const witness = new MemoryWitness();
  const limits = { leaseMs: 1_500, renewMs: 200, marginMs: 200 };
  const start = async (name: string, url = redisUrl, receive?: (m: Message, c: ActorContext) => unknown) => {
    const { logger, lines } = recordingLogger();
    const backbone = connectRedisBackbone({ url, prefix, clock: systemClock, logger });
    const telemetry = new Telemetry();
    const node = new ClusterNode({
      nodeId: name,
      url: `http://${name}`,
      kinds: [kindOf('a', (c) => ({ receive: (m: Message) => receive?.(m, c) ?? { name, epoch: c.epoch } }), { mailboxLimit: 10_000 })],
      backbone,
      witness,
      clock: systemClock,
      logger,
      telemetry,
      limits,
    });
    cleanups.push(async () => {
      await node.stop();
      await backbone.close();
    });
    await node.start();
    return { node, lines, telemetry, backbone };
  };
  const redis = new Redis(redisUrl);
  cleanups.push(async () => {
    for (const key of await redis.keys(`{${prefix}}*`)) await redis.del(key);
    redis.disconnect();
  });
  return { prefix, witness, start, redis };
};

const settled = (...nodes: { node: ClusterNode }[]) =>
  soon(() => nodes.every((n) => n.node.ready().ok) && nodes.reduce((sum, n) => sum + n.node.figures().slots, 0) === 512);

/** Waits until the one knows enough of the other's slots. */
const owned = async (asked: ClusterNode, owner: ClusterNode, from = 0) => {
  let found: { kind: string; key: string } | undefined;
  await soon(() => {
    const keys = Array.from({ length: 1_000 }, (_, i) => ({ kind: 'a', key: `k${from + i}` }));
    found = keys.find((address) => owner.instance !== undefined && asked.ownerOf(address) === owner.instance);
    return found !== undefined;
  });
  return found!;
};

describe('nodes over Redis', () => {
  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  it('ask each other, trim what is read, and leave nothing behind when they stop', async () => {
    const { start, redis, prefix } = cluster();
    const a = await start('a');
    const b = await start('b');
    await settled(a, b);
    const far = await owned(a.node, b.node);
    for (let round = 0; round < 20; round++) {
      const asks = Array.from({ length: 500 }, () => a.node.system.ask(far, go));
      for (const answer of await Promise.all(asks)) expect(answer).toMatchObject({ name: 'b' });
      await systemClock.sleep(60);
    }
    await systemClock.sleep(1_100);
    await a.node.system.ask(far, go);
    await soon(async () => (await redis.xlen(`{${prefix}}:inbox:${b.node.instance}`)) < 5);
    expect(await redis.pttl(`{${prefix}}:inbox:${b.node.instance}`)).toBeGreaterThan(30_000);
    await a.node.stop();
    await b.node.stop();
    expect((await redis.keys(`{${prefix}}:inbox:*`)).length).toBe(0);
    expect(await redis.hlen(`{${prefix}}:cluster:slots`)).toBe(0);
  });

  it('keep nothing of what they have read', async () => {
    const { start } = cluster();
    const a = await start('a');
    const b = await start('b');
    await settled(a, b);
    const far = await owned(a.node, b.node);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const kept = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const text = 'x'.repeat(100_000);
    const ask = (i: number) => a.node.system.ask(far, { ...go, text: `${text}${i}` } as Message);
    for (let i = 0; i < 20; i++) await ask(i);
    const before = kept();
    for (let i = 0; i < 600; i++) await ask(i);
    expect(kept() - before).toBeLessThan(600 * text.length * 0.2);
  });

  it('take over within the lease when one is cut off, and its asks are answered', async () => {
    const { start } = cluster();
    const through = await proxy();
    const a = await start('a');
    const b = await start('b', through.url);
    await settled(a, b);
    const target = await owned(a.node, b.node);
    through.cut();
    const asks = Array.from({ length: 50 }, () => a.node.system.ask(target, go, { timeoutMs: 30_000 }));
    const answers = await Promise.all(asks);
    for (const answer of answers) expect(answer).toMatchObject({ name: 'a' });
    expect(b.node.ready()).toMatchObject({ ok: false, reason: expect.stringContaining('fenced') });
    through.mend();
    await settled(a, b);
    expect(await b.node.system.ask(await owned(b.node, a.node), go)).toMatchObject({ name: 'a' });
  });

  it('survive a short loss of Redis without fencing, and lose no ask', async () => {
    const { start } = cluster();
    const through = await proxy();
    const a = await start('a', through.url);
    const b = await start('b', through.url);
    await settled(a, b);
    const target = await owned(a.node, b.node);
    through.cut();
    const asks = Array.from({ length: 50 }, () => outcome(a.node.system.ask(target, go, { timeoutMs: 10_000 })));
    await systemClock.sleep(400);
    through.mend();
    for (const answer of await Promise.all(asks)) expect(answer).toMatchObject({ name: 'b' });
    expect(a.lines.concat(b.lines).some((l) => String(l.msg).includes('fenced'))).toBe(false);
  });

  it('begin anew, above the witnessed epoch, when Redis lost everything', async () => {
    const { start, redis, prefix, witness } = cluster();
    const a = await start('a');
    const b = await start('b');
    await settled(a, b);
    const before = await witness.raise(0);
    for (const key of await redis.keys(`{${prefix}}*`)) await redis.del(key);
    await soon(() => a.telemetry.registry.metrics().then((m) => m.includes('parley_cluster_fenced_total 1')));
    await settled(a, b);
    for (const [x, y] of [
      [a, b],
      [b, a],
    ] as const) {
      const { epoch } = (await x.node.system.ask(await owned(x.node, y.node), go)) as { epoch: number };
      expect(epoch).toBeGreaterThan(before);
    }
  });

  it('answer a sender that owns nothing, through hand-offs and drains', async () => {
    const { start, prefix } = cluster();
    const a = await start('a');
    const { logger } = recordingLogger();
    const backbone = connectRedisBackbone({ url: redisUrl, prefix, clock: systemClock, logger });
    const sender = new ClusterSender({ name: 'importer', backbone, clock: systemClock, logger, telemetry: new Telemetry() });
    await sender.start();
    cleanups.push(async () => {
      await sender.stop();
      await backbone.close();
    });
    let on = true;
    const failures: unknown[] = [];
    const names = new Set<string>();
    const work = Array.from({ length: 8 }, async (_, w) => {
      for (let i = 0; on; i++) {
        try {
          names.add(((await sender.ask({ kind: 'a', key: `${w}-${i % 100}` }, go)) as { name: string }).name);
        } catch (error) {
          failures.push(error);
        }
      }
    });
    const b = await start('b');
    await settled(a, b);
    await systemClock.sleep(200);
    await a.node.stop();
    await systemClock.sleep(200);
    on = false;
    await Promise.all(work);
    expect(failures).toEqual([]);
    expect(names).toEqual(new Set(['a', 'b']));
    expect(b.node.figures().slots).toBe(512);
  });
});
