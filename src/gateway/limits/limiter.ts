import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Fault } from '../../kernel/errors.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { type LimitName, limits } from '../../protocol/access.js';
import { addressBlock, addressSite } from '../address-block.js';
import type { Limiter, LimitState } from '../ports.js';

type Counters = Record<LimitName, RateLimiterRedis>;

/** A /48 may be one person or a street: it gets so many times what one block of addresses gets. */
const aroundFactor = 4;

/**
 * Counts requests in Redis for all nodes together. A consumer over its limit is refused from memory until the window ends.
 * While Redis is away each node counts for itself: limits are then looser by the number of nodes, never off.
 */
export class RedisLimiter implements Limiter {
  readonly #counters: Counters;
  /** By the IPv6 /48 around an address. */
  readonly #around: Counters;
  readonly #telemetry: Telemetry;

  /**
   * `redis` is an ioredis client that fails fast: `enableOfflineQueue: false`, `maxRetriesPerRequest: 1` and a
   * `commandTimeout`, since a request waits for it.
   */
  constructor(options: { redis: object; keyPrefix: string; telemetry: Telemetry }) {
    this.#telemetry = options.telemetry;
    const counter = (name: LimitName, kind: string, factor: number): RateLimiterRedis => {
      const { seconds } = limits[name];
      const points = limits[name].points * factor;
      const keyPrefix = `${options.keyPrefix}:${kind}:${name}`;
      return new RateLimiterRedis({
        storeClient: options.redis,
        rejectIfRedisNotReady: true,
        keyPrefix,
        points,
        duration: seconds,
        inMemoryBlockOnConsumed: points + 1,
        insuranceLimiter: new RateLimiterMemory({ keyPrefix, points, duration: seconds }),
      });
    };
    const all = (kind: string, factor: number): Counters =>
      Object.fromEntries((Object.keys(limits) as LimitName[]).map((name) => [name, counter(name, kind, factor)])) as Counters;
    this.#counters = all('limit', 1);
    this.#around = all('limit-around', aroundFactor);
  }

  async spend(name: LimitName, who: { member_id?: string | undefined; address: string }, points = 1): Promise<LimitState> {
    const { points: most, by } = limits[name];
    const block = by === 'member' && who.member_id !== undefined ? undefined : addressBlock(who.address);
    const key = block ?? who.member_id ?? '';
    try {
      const result = await this.#counters[name].consume(key, points);
      if (block !== undefined && addressSite(block) !== block) await this.#around[name].consume(addressSite(block), points);
      return { limit: most, remaining: Math.max(0, result.remainingPoints), reset_seconds: Math.ceil(result.msBeforeNext / 1000) };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      this.#telemetry.rateLimited.inc({ limit: name });
      throw new Fault('rate_limited', 'Too many requests of this kind; wait a little', {
        retry_after_ms: Math.max(1, Math.ceil(refusal.msBeforeNext)),
      });
    }
  }
}

/** For tests and load runs; production refuses to be configured so. */
export const noLimits: Limiter = { spend: async () => null };
