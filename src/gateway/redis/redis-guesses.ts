import type { Redis } from 'ioredis';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { MemoryGuesses, tooManyGuesses } from '../limits/guesses.js';
import { guessing, waitTable } from '../limits/guessing.js';
import type { Guesses } from '../ports.js';

/**
 * `nextTry` as one step in Redis, by its clock. KEYS: the count. ARGV: how long it is kept, then the table of waits. Answers how long
 * nobody may try yet, 0 when this one may.
 */
const beginScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HMGET', KEYS[1], 'failures', 'until')
local left = tonumber(state[2] or 0) - now
if left > 0 then return left end
local failures = tonumber(state[1] or 0) + 1
local wait = tonumber(ARGV[1 + math.min(failures, #ARGV - 1)])
redis.call('HSET', KEYS[1], 'failures', failures, 'until', string.format('%.0f', now + wait))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 0
`;

/**
 * Counts wrong passwords in Redis for all nodes together. While Redis is away each node counts for itself: guessing is then quicker by
 * the number of nodes, never free.
 */
export class RedisGuesses implements Guesses {
  readonly #redis: Pick<Redis, 'eval' | 'del'>;
  readonly #prefix: string;
  readonly #telemetry: Telemetry;
  readonly #insurance: MemoryGuesses;

  /** `redis` fails fast, since a sign-in waits for it. */
  constructor(options: { redis: Pick<Redis, 'eval' | 'del'>; keyPrefix: string; clock: Clock; telemetry: Telemetry }) {
    this.#redis = options.redis;
    this.#prefix = `${options.keyPrefix}:guesses`;
    this.#telemetry = options.telemetry;
    this.#insurance = new MemoryGuesses(options.clock);
  }

  async begin(key: string): Promise<void> {
    try {
      const left = await this.#begin(key);
      if (left > 0) throw tooManyGuesses(left);
    } catch (error) {
      if (error instanceof Fault && error.code === 'rate_limited') this.#telemetry.rateLimited.inc({ limit: 'guesses' });
      throw error;
    }
  }

  async succeeded(key: string): Promise<void> {
    await this.#insurance.succeeded(key);
    // Should it be lost, the next wrong password waits longer than it would have to.
    await this.#redis.del(this.#at(key)).catch(() => undefined);
  }

  async #begin(key: string): Promise<number> {
    try {
      return Number(await this.#redis.eval(beginScript, 1, this.#at(key), guessing.forgetMs, ...waitTable));
    } catch {
      await this.#insurance.begin(key);
      return 0;
    }
  }

  #at(key: string): string {
    return `${this.#prefix}:${key}`;
  }
}
