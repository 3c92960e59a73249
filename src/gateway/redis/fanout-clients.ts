import { Redis, type RedisOptions } from 'ioredis';
import type { Clock } from '../../kernel/clock.js';
import type { Part } from '../../kernel/lifecycle.js';
import type { Logger } from '../../kernel/logger.js';

export interface FanoutClients extends Part {
  pub: Redis;
  sub: Redis;
  /** Closes both; what is under way is dropped. */
  stop(): void;
}

/**
 * The two connections of live fan-out. Both fail at once instead of queueing: an event that is late is worth nothing, and
 * what was lost is caught up with by rev. Subscriptions are not restored by the client but by ShardedChannels, which knows
 * when they are in effect again. A connection that answers nothing for ten seconds is dropped and made anew: a subscriber
 * would otherwise not notice that its peer is gone.
 */
export const createFanoutClients = (
  url: string,
  parts: { clock: Clock; logger: Logger },
  options: { name?: string; silenceMs?: number } = {},
): FanoutClients => {
  const silenceMs = options.silenceMs ?? 10_000;
  const shared: RedisOptions = {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 5_000,
    keepAlive: 10_000,
    socketTimeout: silenceMs,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 6), 2_000),
  };
  const make = (role: 'pub' | 'sub'): Redis => {
    const client = new Redis(url, { ...shared, connectionName: `${options.name ?? 'parley'}-fanout-${role}` });
    client.on('error', (error: Error) => parts.logger.warn({ role, error: error.message }, 'fan-out connection failed'));
    return client;
  };
  const pub = make('pub');
  const sub = make('sub');
  const probe = parts.clock.every(silenceMs / 2, () => {
    for (const client of [pub, sub]) if (client.status === 'ready') client.ping().catch(() => undefined);
  });
  return {
    name: 'live events',
    pub,
    sub,
    stop() {
      probe.cancel();
      pub.disconnect();
      sub.disconnect();
    },
  };
};
