import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../kernel/clock.js';
import type { Logger } from '../../../kernel/logger.js';
import type { Mail, MailEntry, MailReader } from '../mail.js';
import type { Keys } from './keys.js';
import type { RunScript } from './run-script.js';
import { closeInbox } from './scripts/close-inbox-1.js';

/** An inbox that nobody keeps is gone after so long. */
const KEEP_MS = 60_000;
const BLOCK_MS = 2_000;
const COUNT = 64;
/** Entries between two trims, and ms. */
const TRIM_ENTRIES = 256;
const TRIM_MS = 1_000;
/** Ms of handling after which the event loop gets its turn. */
const SLICE_MS = 8;
const RETRY_MS = 100;
/** Senders whose last entry is remembered. */
const SENDERS = 10_000;

type StreamEntry = [id: string, fields: string[]];

export interface RedisMailOptions {
  command: Redis;
  run: RunScript;
  keys: Keys;
  clock: Clock;
  logger: Logger;
  /** A new connection for one reader; it blocks, so nothing else may use it. */
  blocking: () => Redis;
}

/**
 * One stream an inbox. `NOMKSTREAM` tells a sender that its receiver is gone instead of making a stream that nobody reads. What a
 * reader has read is in its memory alone: a crash loses it, and senders of asks send them again.
 */
export class RedisMail implements Mail {
  readonly #options: RedisMailOptions;

  constructor(options: RedisMailOptions) {
    this.#options = options;
  }

  async send(to: string, entry: MailEntry): Promise<boolean> {
    const { command, keys } = this.#options;
    const id = await command.xadd(keys.inbox(to), 'NOMKSTREAM', '*', 'f', entry.from, 'n', entry.number, 'b', entry.body);
    return id !== null;
  }

  async open(instance: string, receive: (entry: MailEntry) => void): Promise<MailReader> {
    const { command, keys } = this.#options;
    const key = keys.inbox(instance);
    // An empty entry makes the stream; its reader knows it by its missing fields.
    // Together with its end: a stream that was made, but whose maker never heard of it, must not stay for ever.
    const done = await command.multi().xadd(key, '*', 'open', '1').pexpire(key, KEEP_MS).exec();
    for (const [error] of done ?? []) if (error) throw error;
    return new RedisMailReader(this.#options, key, receive);
  }
}

class RedisMailReader implements MailReader {
  readonly #options: RedisMailOptions;
  readonly #key: string;
  readonly #receive: (entry: MailEntry) => void;
  readonly #redis: Redis;
  readonly #seen = new LRUCache<string, number>({ max: SENDERS });
  readonly #done: Promise<void>;
  /** Ends the read that is under way: its connection may be anywhere between two attempts, and then says nothing. */
  #interrupt: () => void = () => undefined;
  #open = true;
  #last = '0-0';
  #trimmed = '0-0';
  #trimmedAt: number;
  #untrimmed = 0;

  constructor(options: RedisMailOptions, key: string, receive: (entry: MailEntry) => void) {
    this.#options = options;
    this.#key = key;
    this.#receive = receive;
    this.#redis = options.blocking();
    this.#trimmedAt = options.clock.monotonic();
    this.#done = this.#loop();
  }

  async keep(): Promise<boolean> {
    return (await this.#options.command.pexpire(this.#key, KEEP_MS)) === 1;
  }

  async close(drop: boolean): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#interrupt();
    this.#redis.disconnect();
    await this.#done;
    if (drop) await this.#handle((await this.#options.run(closeInbox, [this.#key, this.#last])) as StreamEntry[]);
  }

  /** Never rejects. */
  async #loop(): Promise<void> {
    while (this.#open) {
      try {
        const entries = await this.#read();
        // What a read brings after the interruption lies in the stream still.
        if (!this.#open) return;
        await this.#handle(entries);
        await this.#trim();
      } catch (error) {
        if (!this.#open) return;
        this.#options.logger.warn({ err: error, inbox: this.#key }, 'could not read the inbox; trying again');
        await new Promise<void>((resolve) => this.#options.clock.after(RETRY_MS, resolve));
      }
    }
  }

  /**
   * The next entries, none when it is interrupted. Each read has a promise of its own for that: one that lives as long as the reader
   * would keep, in every race against it, whatever was read.
   */
  #read(): Promise<StreamEntry[]> {
    return new Promise((resolve, reject) => {
      this.#interrupt = () => resolve([]);
      this.#redis
        .xread('COUNT', COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', this.#key, this.#last)
        .then((answer) => resolve((answer?.[0]?.[1] ?? []) as StreamEntry[]), reject);
    });
  }

  async #handle(entries: readonly StreamEntry[]): Promise<void> {
    const { clock } = this.#options;
    let began = clock.monotonic();
    for (const [id, fields] of entries) {
      this.#last = id;
      this.#untrimmed++;
      const entry = parseEntry(fields);
      if (entry && entry.number > (this.#seen.get(entry.from) ?? 0)) {
        this.#seen.set(entry.from, entry.number);
        this.#receive(entry);
      }
      if (clock.monotonic() - began < SLICE_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      began = clock.monotonic();
    }
  }

  /** Only what lies behind the reader. Its failure is harmless: the next one trims more. */
  async #trim(): Promise<void> {
    const now = this.#options.clock.monotonic();
    if (this.#last === this.#trimmed || (this.#untrimmed < TRIM_ENTRIES && now - this.#trimmedAt < TRIM_MS)) return;
    this.#trimmed = this.#last;
    this.#trimmedAt = now;
    this.#untrimmed = 0;
    await this.#options.command.xtrim(this.#key, 'MINID', this.#last);
  }
}

const parseEntry = (fields: readonly string[]): MailEntry | undefined => {
  const [f, from, n, number, b, body] = fields;
  if (f !== 'f' || n !== 'n' || b !== 'b' || from === undefined || body === undefined) return undefined;
  return { from, number: Number(number), body };
};
