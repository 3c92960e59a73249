import type { Redis } from 'ioredis';
import type { Clock } from '../../../kernel/clock.js';
import type { Logger } from '../../../kernel/logger.js';
import type { Backbone } from '../backbone.js';
import { connect } from './connection.js';
import { keysOf } from './keys.js';
import { RedisLeases } from './redis-leases.js';
import { RedisMail } from './redis-mail.js';
import { RedisNotices } from './redis-notices.js';
import { RedisSlotTable } from './redis-slot-table.js';
import { scriptRunner } from './run-script.js';

export interface RedisBackboneOptions {
  /** `redis://…`, `rediss://…` or a Unix socket's path. */
  url: string;
  /** Names the cluster; all its keys begin with it in braces. */
  prefix: string;
  clock: Clock;
  logger: Logger;
}

/** Redis behind a node or a sender. Connects in the background and for ever; calls fail meanwhile, and nothing rejects unheard. */
export const connectRedisBackbone = ({ url, prefix, clock, logger }: RedisBackboneOptions): Backbone => {
  const keys = keysOf(prefix);
  const command = connect(url, 'command', logger);
  const subscriber = connect(url, 'subscriber', logger);
  const readers = new Set<Redis>();
  const run = scriptRunner(command);
  const blocking = (): Redis => {
    const redis = connect(url, 'blocking', logger);
    readers.add(redis);
    redis.once('end', () => readers.delete(redis));
    return redis;
  };
  return {
    leases: new RedisLeases(run, keys),
    slots: new RedisSlotTable(run, keys),
    notices: new RedisNotices(subscriber, keys.changes),
    mail: new RedisMail({ command, run, keys, clock, logger, blocking }),
    close: async () => {
      for (const redis of [command, subscriber, ...readers]) redis.disconnect();
    },
  };
};
