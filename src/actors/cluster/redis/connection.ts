import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../../../kernel/logger.js';

/** Ms after which a command without an answer counts as failed: its outcome is unknown. */
const COMMAND_TIMEOUT_MS = 2_000;

const retryStrategy = (times: number): number => Math.min(1_000, 50 * 2 ** Math.min(times, 5));

/** How commands are sent, how blocking reads are, and how one subscribes: three connections that must not share a socket. */
export type Use = 'command' | 'blocking' | 'subscriber';

const options: Record<Use, RedisOptions> = {
  // A command is tried for its timeout, over reconnections; it is not sent again by itself once it may have been done.
  command: { commandTimeout: COMMAND_TIMEOUT_MS, maxRetriesPerRequest: null, autoResendUnfulfilledCommands: false },
  // Its reader tries again by itself. A silent socket is a dead one, since every blocking read answers within 2 s.
  blocking: { maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false, socketTimeout: 10_000 },
  subscriber: { maxRetriesPerRequest: null, autoResubscribe: true },
};

export const connect = (url: string, use: Use, logger: Logger): Redis => {
  const redis = new Redis(url, { ...options[use], retryStrategy, connectTimeout: 5_000, enableReadyCheck: true });
  let failing = false;
  redis.on('ready', () => {
    if (failing) logger.info({ use }, 'Redis is back');
    failing = false;
  });
  redis.on('error', (error: Error) => {
    if (!failing) logger.warn({ err: error, use }, 'Redis cannot be reached; trying again');
    failing = true;
  });
  return redis;
};
