import type { Redis } from 'ioredis';
import type { Notices } from '../slot-table.js';

/** Pub/sub on a connection of its own. A reconnection counts as a notice, since some may have been missed. */
export class RedisNotices implements Notices {
  readonly #subscriber: Redis;
  readonly #channel: string;

  constructor(subscriber: Redis, channel: string) {
    this.#subscriber = subscriber;
    this.#channel = channel;
  }

  async listen(onChange: () => void): Promise<() => Promise<void>> {
    const onMessage = (channel: string): void => {
      if (channel === this.#channel) onChange();
    };
    const stop = (): void => {
      this.#subscriber.off('message', onMessage);
      this.#subscriber.off('ready', onChange);
    };
    this.#subscriber.on('message', onMessage);
    this.#subscriber.on('ready', onChange);
    try {
      await this.#subscriber.subscribe(this.#channel);
    } catch (error) {
      stop();
      throw error;
    }
    return async () => stop();
  }
}
