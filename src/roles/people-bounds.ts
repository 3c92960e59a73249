import { Redis } from 'ioredis';
import type { MailboxLoad } from '../actors/runtime/mailbox-load.js';
import { unlimitedGuesses } from '../gateway/limits/guesses.js';
import { noLimits, RedisLimiter } from '../gateway/limits/limiter.js';
import { LoopDelay } from '../gateway/limits/loop-delay.js';
import { Overload } from '../gateway/limits/overload.js';
import type { Load } from '../gateway/limits/shedding.js';
import { RedisGuesses } from '../gateway/redis/redis-guesses.js';
import type { Lifecycle } from '../kernel/lifecycle.js';
import type { Foundation } from './foundation.js';
import type { Bounds } from './ports.js';

/** Load shedding of a node, by its loop, its mailboxes and its store, or by `given`; and the limits of people, kept in Redis. */
export const peopleBounds =
  ({ config, clock, logger, telemetry, commitMs }: Foundation, given?: () => Load) =>
  (parts: Lifecycle, mailboxes: MailboxLoad): Bounds => {
    const loopDelay = parts.use(new LoopDelay(clock));
    const measured = (): Load => ({
      loopDelayMs: loopDelay.read(),
      waiting: mailboxes.messages + mailboxes.owed,
      commitMs: commitMs(),
    });
    const shedder = parts.use(new Overload({ load: given ?? measured, clock, telemetry, logger }));
    if (!config.limits.enabled) return { shedder, limiter: noLimits, guesses: unlimitedGuesses };

    const redis = new Redis(config.redis.url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      commandTimeout: 500,
      lazyConnect: true,
    });
    redis.on('error', (err) => logger.warn({ error: err.message }, 'the limits have no Redis'));
    parts.use({
      name: 'limits',
      start: async () => void (await redis.connect().catch(() => undefined)),
      stop: () => redis.disconnect(),
    });
    const keyPrefix = config.redis.keyPrefix;
    const limiter = new RedisLimiter({ redis, keyPrefix, telemetry });
    return { shedder, limiter, guesses: new RedisGuesses({ redis, keyPrefix, clock, telemetry }) };
  };
