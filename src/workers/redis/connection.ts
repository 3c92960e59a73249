import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../../kernel/logger.js';

/**
 * A connection to Redis for queues, and all copies that the queues make of it for blocking reads. They reconnect by
 * themselves, for ever, and hold commands back until they have; an outage is logged once.
 */
export class QueueConnection extends Redis {
  readonly #copies: Redis[] = [];

  constructor(url: string, logger: Logger) {
    super(url, { maxRetriesPerRequest: null, disconnectTimeout: 250, retryStrategy: (times: number) => Math.min(2_000, 100 * times) });
    let told = false;
    this.on('ready', () => {
      told = false;
    });
    this.on('error', (error) => {
      if (told) return;
      told = true;
      logger.warn({ err: error }, 'the queues cannot reach Redis; trying on');
    });
  }

  override duplicate(override?: Partial<RedisOptions>): Redis {
    const copy = super.duplicate(override);
    this.#copies.push(copy);
    return copy;
  }

  /** Ends them all at once, also while they try to reconnect. */
  closeAll(): void {
    for (const copy of this.#copies.splice(0)) copy.disconnect();
    this.disconnect();
  }
}
