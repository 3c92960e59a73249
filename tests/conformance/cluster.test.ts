import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { startProxy } from '../../proof/chaos/proxy.js';
import { endpointOf, throughPort } from '../../scripts/services/endpoint.js';
import type { Backbone } from '../../src/actors/cluster/backbone.js';
import type { MailEntry } from '../../src/actors/cluster/mail.js';
import { MemoryCluster } from '../../src/actors/cluster/memory/memory-cluster.js';
import { connectRedisBackbone } from '../../src/actors/cluster/redis/connect.js';
import { keysOf } from '../../src/actors/cluster/redis/keys.js';
import { systemClock } from '../../src/kernel/clock.js';
import { randomToken } from '../../src/kernel/ids.js';
import { createLogger } from '../../src/kernel/logger.js';
import { testRedisUrl } from '../services-env.js';

const logger = createLogger({ level: 'fatal', node: 'test' });
const redisUrl = testRedisUrl();

const backends: Record<string, () => () => Backbone> = {
  memory: () => {
    const cluster = new MemoryCluster(systemClock);
    return () => cluster.connect();
  },
  redis: () => {
    const prefix = `conf-${randomToken(6)}`;
    return () => connectRedisBackbone({ url: redisUrl, prefix, clock: systemClock, logger });
  },
};

const member = (instance: string) => ({ instance, url: `http://${instance}`, protocol: 1, started: 0 });
const soon = async (done: () => boolean | Promise<boolean>, ms = 5_000): Promise<void> => {
  for (const end = Date.now() + ms; !(await done()); ) {
    if (Date.now() > end) throw new Error('not in time');
    await systemClock.sleep(5);
  }
};

describe.each(Object.keys(backends))('the backbone over %s', (name) => {
  const opened: Backbone[] = [];
  let a: Backbone;
  let b: Backbone;
  beforeEach(() => {
    const connect = backends[name]!();
    a = connect();
    b = connect();
    opened.push(a, b);
  });
  afterAll(async () => {
    for (const backbone of opened) await backbone.close();
  });

  describe('leases', () => {
    it('show a member to everyone until they end', async () => {
      await a.leases.join(member('x'), 300);
      expect((await b.slots.read()).members).toEqual([member('x')]);
      await soon(async () => (await b.slots.read()).members.length === 0);
    });

    it('are extended by renewing, and not once they have ended', async () => {
      await a.leases.join(member('x'), 200);
      for (let i = 0; i < 6; i++) {
        await systemClock.sleep(80);
        expect((await a.leases.renew('x', 200)).alive).toBe(true);
      }
      await systemClock.sleep(260);
      expect((await a.leases.renew('x', 200)).alive).toBe(false);
      expect((await a.leases.renew('never', 200)).alive).toBe(false);
      expect((await b.slots.read()).members).toEqual([]);
    });

    it('of the dead are removed by whoever renews, with a new version', async () => {
      await a.leases.join(member('x'), 50);
      const { version } = await b.leases.join(member('y'), 5_000);
      expect((await b.leases.renew('y', 5_000)).version).toBe(version);
      await systemClock.sleep(80);
      expect((await b.leases.renew('y', 5_000)).version).not.toBe(version);
    });

    it('are not given to who shares no version with a member, and nothing changes then', async () => {
      const { version } = await a.leases.join({ ...member('x'), protocol: 3, oldest: 2 }, 5_000);
      for (const other of [member('y'), { ...member('y'), protocol: 5, oldest: 4 }]) {
        await expect(b.leases.join(other, 5_000)).rejects.toThrow('but x in the cluster speaks versions 2 to 3');
      }
      expect((await b.slots.read()).members).toHaveLength(1);
      expect((await a.leases.renew('x', 5_000)).version).toBe(version);
      await b.leases.join({ ...member('y'), protocol: 2, oldest: 1 }, 50);
      await expect(b.leases.join({ ...member('z'), protocol: 4, oldest: 3 }, 50)).rejects.toThrow(
        'but y in the cluster speaks versions 1 to 2',
      );
      await systemClock.sleep(80);
      await b.leases.join({ ...member('z'), protocol: 4, oldest: 3 }, 50);
    });

    it('carry a record that may be replaced while they last, which everyone is told', async () => {
      const { version } = await a.leases.join(member('x'), 300);
      expect(await a.leases.announce({ ...member('x'), unfit: true })).toBe(true);
      const table = await b.slots.read();
      expect(table.members).toEqual([{ ...member('x'), unfit: true }]);
      expect(table.version).not.toBe(version);
      await soon(async () => (await b.slots.read()).members.length === 0);
      expect(await a.leases.announce(member('x'))).toBe(false);
      expect((await b.slots.read()).members).toEqual([]);
    });

    it('that are given up take the slots with them', async () => {
      await a.leases.join(member('x'), 5_000);
      await b.leases.join(member('x1'), 5_000);
      await a.slots.claim('x', [1, 2]);
      await b.slots.claim('x1', [3]);
      await a.leases.leave('x');
      const table = await b.slots.read();
      expect(table.members).toEqual([member('x1')]);
      expect([...table.claims.keys()]).toEqual([3]);
      await a.leases.leave('x');
      expect((await b.slots.read()).version).toBe(table.version);
    });
  });

  describe('claims', () => {
    beforeEach(async () => {
      await a.leases.join(member('x'), 5_000);
      await b.leases.join(member('y'), 5_000);
    });

    it('go to one of two, all of a batch under one epoch', async () => {
      const [first, second] = await Promise.all([a.slots.claim('x', [1, 2, 3]), b.slots.claim('y', [3, 4])]);
      expect([...first.slots, ...second.slots].sort()).toEqual([1, 2, 3, 4]);
      expect(new Set([first.epoch, second.epoch])).toEqual(new Set([1, 2]));
      const { claims } = await a.slots.read();
      for (const slot of first.slots) expect(claims.get(slot)).toEqual({ instance: 'x', epoch: first.epoch });
      for (const slot of second.slots) expect(claims.get(slot)).toEqual({ instance: 'y', epoch: second.epoch });
    });

    it('are refused while the owner lives, and take no epoch then', async () => {
      const { epoch } = await a.slots.claim('x', [7]);
      expect(await b.slots.claim('y', [7])).toEqual({ epoch, slots: [] });
      expect((await b.slots.claim('y', [8])).epoch).toBe(epoch + 1);
    });

    it('pass to another when the owner has no lease, under a higher epoch', async () => {
      await a.leases.join(member('z'), 50);
      const { epoch } = await a.slots.claim('z', [7]);
      await systemClock.sleep(80);
      const again = await b.slots.claim('y', [7]);
      expect(again.slots).toEqual([7]);
      expect(again.epoch).toBeGreaterThan(epoch);
    });

    it('are nothing for an instance without a lease', async () => {
      expect((await a.slots.claim('nobody', [7])).slots).toEqual([]);
    });

    it('of one’s own may be renewed under a higher epoch', async () => {
      const { epoch } = await a.slots.claim('x', [7]);
      expect(await a.slots.claim('x', [7])).toEqual({ epoch: epoch + 1, slots: [7] });
    });

    it('are freed only by who holds them under that epoch', async () => {
      const { epoch } = await a.slots.claim('x', [7, 8]);
      expect(await b.slots.release('y', new Map([[7, epoch]]))).toEqual([]);
      expect(await a.slots.release('x', new Map([[7, epoch - 1]]))).toEqual([]);
      expect(await a.slots.release('x', new Map([[7, epoch]]))).toEqual([7]);
      expect([...(await b.slots.read()).claims.keys()]).toEqual([8]);
      expect(await a.slots.release('x', new Map())).toEqual([]);
    });

    it('take their epochs from a counter that can be lifted, never lowered', async () => {
      expect(await a.slots.raiseEpoch(100)).toBe(0);
      expect(await a.slots.raiseEpoch(50)).toBe(100);
      expect((await a.slots.claim('x', [7])).epoch).toBe(101);
    });

    it('change the version, and so does every change of members', async () => {
      const versions = [(await a.slots.read()).version];
      const { epoch } = await a.slots.claim('x', [7]);
      versions.push((await a.slots.read()).version);
      await a.slots.release('x', new Map([[7, epoch]]));
      versions.push((await a.slots.read()).version);
      await b.leases.leave('y');
      versions.push((await a.slots.read()).version);
      await b.leases.join(member('y2'), 1_000);
      versions.push((await a.slots.read()).version);
      expect(new Set(versions).size).toBe(5);
    });
  });

  it('tells listeners of changes until they stop', async () => {
    let notices = 0;
    const stop = await b.notices.listen(() => notices++);
    await a.leases.join(member('x'), 5_000);
    await soon(() => notices > 0);
    const before = notices;
    await a.slots.claim('x', [1]);
    await soon(() => notices > before);
    await stop();
    const after = notices;
    await a.slots.claim('x', [2]);
    await systemClock.sleep(50);
    expect(notices).toBe(after);
  });

  describe('mail', () => {
    const entry = (number: number, from = 'x'): MailEntry => ({ from, number, body: `[${number}]` });

    it('arrives in order, once, also when an entry is sent again', async () => {
      const got: MailEntry[] = [];
      const reader = await b.mail.open('y', (e) => got.push(e));
      for (const n of [1, 2, 2, 3, 1, 4]) expect(await a.mail.send('y', entry(n))).toBe(true);
      await a.mail.send('y', entry(1, 'z'));
      await soon(() => got.length >= 5);
      await systemClock.sleep(20);
      expect(got.map((e) => `${e.from}${e.number}${e.body}`)).toEqual(['x1[1]', 'x2[2]', 'x3[3]', 'x4[4]', 'z1[1]']);
      await reader.close(true);
    });

    it('for nobody is said to be for nobody', async () => {
      expect(await a.mail.send('nobody', entry(1))).toBe(false);
    });

    it('loses nothing when closed, and is for nobody afterwards', async () => {
      const got: number[] = [];
      const reader = await b.mail.open('y', (e) => got.push(e.number));
      let sent = 0;
      const sending = (async () => {
        for (let n = 1; await a.mail.send('y', entry(n)); n++) sent = n;
      })();
      await soon(() => got.length > 20);
      await reader.close(true);
      await sending;
      expect(got).toEqual(Array.from({ length: sent }, (_, i) => i + 1));
      expect(await reader.keep().catch(() => false)).toBe(false);
    });

    it('is kept while its reader says so', async () => {
      const reader = await b.mail.open('y', () => undefined);
      expect(await reader.keep()).toBe(true);
      await reader.close(true);
      await reader.close(true);
    });

    it('of many senders and entries loses none', async () => {
      const got: string[] = [];
      const reader = await b.mail.open('y', (e) => got.push(`${e.from}:${e.number}`));
      await Promise.all(
        ['p', 'q'].map(async (from) => {
          for (let n = 1; n <= 600; n++) await a.mail.send('y', entry(n, from));
        }),
      );
      await soon(() => got.length === 1_200);
      for (const from of ['p', 'q']) {
        expect(got.filter((g) => g.startsWith(from))).toEqual(Array.from({ length: 600 }, (_, i) => `${from}:${i + 1}`));
      }
      await reader.close(true);
    });
  });
});

describe('an inbox in Redis', () => {
  it('has an end from its beginning, though its maker never hears that it was made', async () => {
    const prefix = `conf-${randomToken(6)}`;
    const redis = new Redis(redisUrl);
    const toRedis = await startProxy({ target: endpointOf(redisUrl) });
    const backbone = connectRedisBackbone({ url: throughPort(redisUrl, toRedis.port), prefix, clock: systemClock, logger });
    const inbox = keysOf(prefix).inbox('y');
    try {
      await backbone.leases.join(member('y'), 5_000);
      toRedis.halfOpen('replies');
      backbone.mail.open('y', () => undefined).catch(() => undefined);
      await soon(async () => (await redis.exists(inbox)) === 1);
      expect(await redis.pttl(inbox)).toBeGreaterThan(0);
    } finally {
      await backbone.close();
      await toRedis.stop();
      await redis.del(...Object.values(keysOf(prefix)).filter((key) => typeof key === 'string'), inbox);
      redis.disconnect();
    }
  });
});

describe('a lease in Redis', () => {
  it('is given up where no answer comes back, though Redis has forgotten all scripts', async () => {
    const prefix = `conf-${randomToken(6)}`;
    const redis = new Redis(redisUrl);
    const toRedis = await startProxy({ target: endpointOf(redisUrl) });
    const backbone = connectRedisBackbone({ url: throughPort(redisUrl, toRedis.port), prefix, clock: systemClock, logger });
    try {
      await backbone.leases.join(member('z'), 60_000);
      await redis.script('FLUSH');
      toRedis.halfOpen('replies');
      backbone.leases.leave('z').catch(() => undefined);
      await soon(async () => (await redis.zcard(keysOf(prefix).leases)) === 0);
    } finally {
      await backbone.close();
      await toRedis.stop();
      await redis.del(...Object.values(keysOf(prefix)).filter((key) => typeof key === 'string'));
      redis.disconnect();
    }
  });
});
