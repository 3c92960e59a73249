import { atLeast, fullJitter } from './backoff.js';
import type { Timer } from './clock.js';
import { Listeners } from './listeners.js';
import type { DataOf } from './operations.js';
import type { LivePort } from './port.js';

/** Where a thread stands. Unread is what comes after the seq that one has read: `last_seq - read_seq`, at most. */
export type Head = DataOf<'sync_heads'>['heads'][number];

/** A lost event is found so late at most, up to half of that later. It costs the server four reads. */
const againMs = 5 * 60_000;
const retry = { baseMs: 1_000, maxMs: 30_000 };
/** Whoever missed some with many others does not ask with all of them. */
const spread = { baseMs: 1_000, maxMs: 1_000 };

/**
 * Where all threads stand that one may see, in all of one's communities, without following any: subscribes, asks what has moved since
 * whenever the connection comes up, when told that something was left out, and every few minutes.
 */
export class HeadsView {
  readonly #port: LivePort;
  readonly #heads = new Map<string, Head>();
  readonly #changed = new Listeners();
  readonly #stops: (() => void)[];
  #since: string | undefined;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #failures = 0;
  #closed = false;

  constructor(port: LivePort) {
    this.#port = port;
    this.#stops = [
      port.on('thread_heads', ({ community_id, heads }) => {
        if (heads.length === 0) this.#syncAfter(fullJitter(0, spread, port.random));
        else this.#apply(heads.map((head) => ({ ...head, community_id })));
      }),
      port.on('thread_deleted', ({ thread_id }) => this.#forget((head) => head.thread_id === thread_id)),
      port.on('community_deleted', ({ community_id }) => this.#forget((head) => head.community_id === community_id)),
      port.on('member_left', ({ community_id, member_id }) => {
        if (member_id === port.memberId) this.#forget((head) => head.community_id === community_id);
      }),
      port.onOnline((online) => {
        if (online) void this.#syncOrLater();
      }),
    ];
    if (port.isOnline) void this.#syncOrLater();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get(threadId: string): Head | undefined {
    return this.#heads.get(threadId);
  }

  all(): Iterable<Head> {
    return this.#heads.values();
  }

  onChange(listener: () => void): () => void {
    return this.#changed.add(listener);
  }

  /** Asks now: after one has joined a community, on this device or another. Rejects when that fails; it is asked again later anyway. */
  sync(): Promise<void> {
    if (!this.#running) return this.#run();
    // What is under way may have read before what one wants to know of.
    this.#next ??= this.#running.catch(() => undefined).then(() => this.#run());
    return this.#next;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    for (const stop of this.#stops.splice(0)) stop();
    this.#changed.clear();
  }

  #run(): Promise<void> {
    this.#next = undefined;
    const running = this.#pages().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #pages(): Promise<void> {
    const since = this.#since;
    let page = await this.#port.emit('sync_heads', since === undefined ? {} : { since });
    const { at } = page;
    for (;;) {
      if (this.#closed) return;
      this.#apply(page.heads);
      if (page.next_cursor === null) break;
      page = await this.#port.emit('sync_heads', { cursor: page.next_cursor });
    }
    this.#since = at;
  }

  async #syncOrLater(): Promise<void> {
    this.#timer?.cancel();
    try {
      await this.sync();
      this.#failures = 0;
      this.#syncAfter(atLeast(againMs, this.#port.random));
    } catch {
      // Whoever comes up again asks then.
      if (this.#port.isOnline) this.#syncAfter(fullJitter(++this.#failures, retry, this.#port.random));
    }
  }

  #syncAfter(ms: number): void {
    this.#timer?.cancel();
    if (!this.#closed) this.#timer = this.#port.clock.after(ms, () => void this.#syncOrLater());
  }

  /** An answer may be older than an event that has passed it: the higher seq wins, and of one seq the later word. */
  #apply(heads: readonly Head[]): void {
    for (const head of heads) {
      if ((this.#heads.get(head.thread_id)?.last_seq ?? 0) <= head.last_seq) this.#heads.set(head.thread_id, head);
    }
    if (heads.length > 0) this.#changed.tell();
  }

  #forget(isGone: (head: Head) => boolean): void {
    const before = this.#heads.size;
    for (const head of [...this.#heads.values()]) if (isGone(head)) this.#heads.delete(head.thread_id);
    if (this.#heads.size < before) this.#changed.tell();
  }
}
