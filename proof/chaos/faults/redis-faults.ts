import { keysOf } from '../../../src/actors/cluster/redis/keys.js';
import { leaseMs, prefix } from '../site.js';
import type { Fault, FaultContext } from './fault.js';

export const killRedis: Fault = async ({ site, sleep }) => {
  await site.killRedis();
  await sleep(1_000);
  await site.startRedis();
};

export const emptyRedis: Fault = async ({ site, sleep }) => {
  await site.killRedis();
  site.loseRedisData();
  await sleep(1_000);
  await site.startRedis();
};

export const flushRedis: Fault = async ({ redis }) => {
  await redis.flushall();
};

/** What a copy that lags behind would not have: the moves of the last seconds. Streams are not copied at all. */
export const rollBackRedis: Fault = async ({ redis, node, sleep, nodeOff }) => {
  const { leases, members, slots, epoch, version } = keysOf(prefix);
  const kept = [leases, members, slots, epoch, version];
  const aside = (key: string): string => `${key}:before`;
  for (const key of kept) await redis.copy(key, aside(key), 'REPLACE');
  node.kill();
  await node.process.exited;
  nodeOff(node);
  await sleep(8_000);
  const back = redis.multi();
  for (const key of kept) back.rename(aside(key), key);
  for (const inbox of await inboxes(redis)) back.del(inbox);
  await back.exec();
  await node.start();
};

/**
 * The lease of a node that hears nothing of Redis is taken away: the others claim its slots while it still believes in them and
 * serves those of its clients that need nothing of Redis. What both write meets at the unique indexes.
 */
export const contestSlots: Fault = async ({ redis, node, sleep, leaseTaken, notPlayed, note }) => {
  const { leases, members, slots, version, changes } = keysOf(prefix);
  const instance = (await redis.hkeys(members)).find((one) => one.startsWith(`${node.id}-`));
  if (!instance) return notPlayed(`${node.id} is no member`);
  const held = async (): Promise<number> => (await redis.hvals(slots)).filter((claim) => claim.startsWith(`${instance}:`)).length;
  const before = await held();
  node.redis.halfOpen();
  try {
    leaseTaken(node, instance);
    await redis.multi().zrem(leases, instance).hdel(members, instance).incr(version).publish(changes, '0').exec();
    await sleep(3_000);
    const taken = before - (await held());
    note(`${taken} of its ${before} slots were claimed by others within 3 s, while its own lease of ${leaseMs} ms had not run out`);
    if (taken === 0) notPlayed('nobody claimed its slots');
    await sleep(5_000);
  } finally {
    node.redis.clear();
  }
};

export const fillRedis: Fault = async ({ redis, sleep }) => {
  try {
    await redis.config('SET', 'maxmemory', '1');
    await sleep(4_000);
  } finally {
    await redis.config('SET', 'maxmemory', '0');
  }
};

/** Redis cannot write its log any more and refuses every write. */
export const fillDisk: Fault = async (context) => {
  const disk = context.site.redisDisk;
  if (!disk) {
    context.note('no disk of its own can be mounted here: want of memory instead');
    return fillRedis(context);
  }
  try {
    disk.fill();
    await context.sleep(4_000);
  } finally {
    disk.free();
  }
};

export const trimStreams: Fault = async ({ redis, sleep }) => {
  for (let i = 0; i < 40; i++) {
    await Promise.all((await inboxes(redis)).map((inbox) => redis.xtrim(inbox, 'MAXLEN', 0)));
    await sleep(100);
  }
};

export const inboxes = (redis: FaultContext['redis']): Promise<string[]> => redis.keys(`{${prefix}}:inbox:*`);
