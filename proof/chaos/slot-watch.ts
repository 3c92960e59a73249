import { Redis } from 'ioredis';
import { keysOf } from '../../src/actors/cluster/redis/keys.js';
import type { Recorder } from './recorder.js';

const everyMs = 250;

/**
 * Reads the slot table four times a second and records each claim when it is first seen. A claim that comes back because the
 * table was rolled back is no new one: what must grow are the epochs of those that are made.
 */
export class SlotWatch {
  readonly #redis: Redis;
  readonly #recorder: Recorder;
  readonly #seen = new Set<string>();
  readonly #key: string;
  #timer: NodeJS.Timeout | undefined;
  #reading = false;

  constructor(recorder: Recorder, redisUrl: string, prefix: string) {
    this.#recorder = recorder;
    this.#key = keysOf(prefix).slots;
    this.#redis = new Redis(redisUrl, {
      retryStrategy: () => 200,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      commandTimeout: 1_000,
    });
    this.#redis.on('error', () => undefined);
    this.#timer = setInterval(() => void this.#read(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#redis.disconnect();
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      const table = await this.#redis.hgetall(this.#key);
      const at = this.#recorder.now();
      for (const [slot, claim] of Object.entries(table)) {
        const colon = claim.lastIndexOf(':');
        const entry = {
          kind: 'claimed',
          at,
          slot: Number(slot),
          instance: claim.slice(0, colon),
          epoch: Number(claim.slice(colon + 1)),
        } as const;
        const id = `${slot} ${claim}`;
        if (this.#seen.has(id) || !Number.isInteger(entry.epoch)) continue;
        this.#seen.add(id);
        this.#recorder.add(entry);
      }
    } catch {
      // Redis is away; the next look may find it.
    } finally {
      this.#reading = false;
    }
  }
}
