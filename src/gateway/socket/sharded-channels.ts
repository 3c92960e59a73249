import type { Clock, Timer } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/logger.js';
import type { ChannelHandler, Channels } from './channels.js';

/** What is needed of a Redis connection (ioredis) to publish, and of another to subscribe. */
export interface PublishConnection {
  spublish(channel: string, payload: string | Uint8Array): Promise<unknown>;
  on(event: 'close', listener: () => void): unknown;
}
export interface SubscribeConnection {
  readonly status: string;
  ssubscribe(...channels: string[]): Promise<unknown>;
  sunsubscribe(...channels: string[]): Promise<unknown>;
  on(event: 'ready' | 'close', listener: () => void): unknown;
  on(event: 'smessageBuffer', listener: (channel: Buffer, message: Buffer) => void): unknown;
}

interface Subscription {
  readonly handler: ChannelHandler;
  effective: boolean;
  readonly waiting: Set<(effective: boolean) => void>;
}

/** Channels in one command. */
const step = 500;
const retryMs = 1_000;

/**
 * Channels over Redis 7 sharded publish and subscribe. What is subscribed to in one turn of the event loop goes in few commands, so that
 * a crowd that comes in costs Redis and this process little. Rejections end here: they are logged, and tried again where it helps.
 */
export class ShardedChannels implements Channels {
  readonly #pub: PublishConnection;
  readonly #sub: SubscribeConnection;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #maxUnderWay: number;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #restored: (() => void)[] = [];
  /** To be asked for and to be given up at the end of this turn. What is in both is given up first. */
  readonly #entered = new Map<string, Subscription>();
  readonly #left = new Set<string>();
  #isScheduled = false;
  /** Counts connections of `sub`, so that an answer of an old one is not taken for the new one's. */
  #connection = 0;
  #pubConnection = 0;
  #ready = false;
  #hadConnection = false;
  #underWay = 0;
  #lost = 0;
  #lostLoggedAt = Number.NEGATIVE_INFINITY;
  #retry: Timer | undefined;

  constructor(parts: {
    pub: PublishConnection;
    sub: SubscribeConnection;
    clock: Clock;
    logger: Logger;
    /** Publishes without an answer from Redis; one more is dropped. */
    maxUnderWay?: number;
  }) {
    this.#pub = parts.pub;
    this.#sub = parts.sub;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#maxUnderWay = parts.maxUnderWay ?? 20_000;
    this.#sub.on('smessageBuffer', (channel, message) => this.#receive(channel, message));
    this.#sub.on('ready', () => this.#connected());
    this.#sub.on('close', () => this.#disconnected());
    this.#pub.on('close', () => {
      this.#pubConnection++;
      this.#underWay = 0;
    });
    if (this.#sub.status === 'ready') this.#connected();
  }

  get connected(): boolean {
    return this.#ready;
  }

  sSubscribe(channel: string, handler: ChannelHandler): void {
    this.#end(channel);
    const subscription: Subscription = { handler, effective: false, waiting: new Set() };
    this.#subscriptions.set(channel, subscription);
    if (!this.#ready) return;
    this.#entered.set(channel, subscription);
    this.#schedule();
  }

  sUnsubscribe(channel: string): void {
    if (!this.#end(channel) || !this.#ready) return;
    this.#entered.delete(channel);
    this.#left.add(channel);
    this.#schedule();
  }

  sPublish(channel: string, payload: string | Uint8Array): Promise<number> {
    if (this.#underWay >= this.#maxUnderWay) {
      this.#countLost('too many publishes under way');
      return done;
    }
    const connection = this.#pubConnection;
    this.#underWay++;
    const answered = (): void => {
      if (connection === this.#pubConnection && this.#underWay > 0) this.#underWay--;
    };
    this.#pub.spublish(channel, payload).then(answered, (error: unknown) => {
      answered();
      this.#countLost(text(error));
    });
    return done;
  }

  effective(channel: string, ms: number): Promise<boolean> {
    const subscription = this.#subscriptions.get(channel);
    if (!subscription || subscription.effective) return Promise.resolve(subscription !== undefined);
    return new Promise((resolve) => {
      const finish = (effective: boolean): void => {
        timer.cancel();
        subscription.waiting.delete(finish);
        resolve(effective);
      };
      const timer = this.#clock.after(ms, () => finish(false));
      subscription.waiting.add(finish);
    });
  }

  onRestored(listener: () => void): void {
    this.#restored.push(listener);
  }

  #receive(channel: Buffer, message: Buffer): void {
    try {
      this.#subscriptions.get(channel.toString())?.handler(message, channel);
    } catch (error) {
      this.#logger.error({ err: error }, 'a published event could not be delivered');
    }
  }

  /** Forgets a subscription; those who wait for it learn that it is over. */
  #end(channel: string): boolean {
    const subscription = this.#subscriptions.get(channel);
    if (!subscription) return false;
    this.#subscriptions.delete(channel);
    for (const finish of [...subscription.waiting]) finish(false);
    return true;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#ready) this.#tell();
    });
  }

  #tell(): void {
    const left = [...this.#left];
    const entered = [...this.#entered];
    this.#left.clear();
    this.#entered.clear();
    for (let i = 0; i < left.length; i += step) {
      this.#sub
        .sunsubscribe(...left.slice(i, i + step))
        .catch((error: unknown) => this.#logger.debug({ error: text(error) }, 'unsubscribe failed'));
    }
    for (let i = 0; i < entered.length; i += step) void this.#ask(entered.slice(i, i + step));
  }

  async #ask(entered: readonly (readonly [string, Subscription])[]): Promise<void> {
    const connection = this.#connection;
    try {
      await this.#sub.ssubscribe(...entered.map(([channel]) => channel));
    } catch (error) {
      this.#logger.warn({ error: text(error) }, 'subscribe failed');
      if (connection === this.#connection) this.#askAgainLater();
      return;
    }
    if (connection !== this.#connection) return;
    for (const [channel, subscription] of entered) {
      if (this.#subscriptions.get(channel) !== subscription) continue;
      subscription.effective = true;
      for (const finish of [...subscription.waiting]) finish(true);
    }
  }

  #askAgainLater(): void {
    this.#retry ??= this.#clock.after(retryMs, () => {
      this.#retry = undefined;
      if (this.#ready) void this.#restore();
    });
  }

  /** Subscribes anew, then tells those who must look for what was lost. */
  async #restore(): Promise<void> {
    if (!(await this.#askAll())) return;
    this.#logger.info({ channels: this.#subscriptions.size }, 'fan-out subscriptions restored');
    for (const listener of this.#restored) {
      try {
        listener();
      } catch (error) {
        this.#logger.error({ err: error }, 'a listener for restored subscriptions failed');
      }
    }
  }

  /** Asks for all that is not in effect; answers whether the connection lasted until then. */
  async #askAll(): Promise<boolean> {
    const connection = this.#connection;
    const missing = [...this.#subscriptions].filter(([, s]) => !s.effective);
    for (let i = 0; i < missing.length; i += step) {
      if (connection !== this.#connection) return false;
      const current = missing.slice(i, i + step).filter(([channel, s]) => this.#subscriptions.get(channel) === s);
      if (current.length > 0) await this.#ask(current);
    }
    return connection === this.#connection;
  }

  #connected(): void {
    const again = this.#hadConnection;
    this.#ready = true;
    this.#hadConnection = true;
    void (again ? this.#restore() : this.#askAll());
  }

  #disconnected(): void {
    this.#connection++;
    this.#ready = false;
    this.#entered.clear();
    this.#left.clear();
    for (const subscription of this.#subscriptions.values()) subscription.effective = false;
  }

  /** One line in five seconds, however many are lost. */
  #countLost(reason: string): void {
    this.#lost++;
    const now = this.#clock.monotonic();
    if (now - this.#lostLoggedAt < 5_000) return;
    this.#lostLoggedAt = now;
    this.#logger.warn({ lost: this.#lost, reason }, 'events were not published to other nodes');
    this.#lost = 0;
  }
}

const done = Promise.resolve(0);
const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
