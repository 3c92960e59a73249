import { LRUCache } from 'lru-cache';
import type { Recheck } from '../../actors/domain/ports.js';
import type { Clock, Timer } from '../../kernel/clock.js';
import { randomToken } from '../../kernel/ids.js';
import { entriesAtMost } from '../../kernel/lazy-bound.js';
import type { Logger } from '../../kernel/logger.js';

/** What nodes tell each other besides events to rooms. */
export interface AnnouncementBodies {
  /** Sessions are over: their sockets close. */
  ended: { sessions: readonly string[]; reason: string };
  /** A member's sockets leave the rooms of a community and of its threads; `thread_id`: those that are in the room of that thread. */
  evict: { member_id: string; community_id: string; thread_id?: string };
  /** Who may hear of closed threads is decided anew. */
  recheck: Recheck;
  /** Every socket leaves the room of a thread, or the rooms of a community and of its threads. */
  close: { thread_id: string } | { community_id: string };
  /** Threads and the revs they have reached. */
  heads: readonly (readonly [threadId: string, rev: number])[];
}
export type AnnouncementKind = keyof AnnouncementBodies;

/** One announcement on its way. Carried out once a node, however often it arrives. */
export interface Announcement<K extends AnnouncementKind = AnnouncementKind> {
  id: string;
  kind: K;
  body: AnnouncementBodies[K];
}

type Listener<K extends AnnouncementKind> = (body: AnnouncementBodies[K]) => void;

const batch = 100;
const repeatEveryMs = 5_000;
const repeatForMs = 30_000;
const maxRepeated = 10_000;

/**
 * Announcements to every node, this one included. Publishing may lose them, so those that must arrive are said again every
 * five seconds for half a minute; each node carries one out once. A node that stops says them once more before it leaves; when
 * it dies before all have heard, Standing finds what is left.
 */
export class Announcements {
  readonly #send: (announcements: Announcement[]) => void;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listeners: { [K in AnnouncementKind]: Listener<K>[] } = { ended: [], evict: [], recheck: [], close: [], heads: [] };
  readonly #repeated = new Map<string, { announcement: Announcement; until: number }>();
  readonly #seen: LRUCache<string, true>;
  #timer: Timer | undefined;

  constructor(parts: { send: (announcements: Announcement[]) => void; clock: Clock; logger: Logger }) {
    this.#send = parts.send;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#seen = new LRUCache({
      ...entriesAtMost(100_000),
      ttl: 4 * repeatForMs,
      ttlResolution: 0,
      perf: { now: () => parts.clock.monotonic() },
    });
  }

  start(): void {
    this.#timer ??= this.#clock.every(repeatEveryMs, () => this.#repeat());
  }

  /** What must arrive is said once more. */
  stop(): void {
    if (!this.#timer) return;
    this.#timer.cancel();
    this.#timer = undefined;
    this.#repeat();
  }

  on<K extends AnnouncementKind>(kind: K, listener: Listener<K>): void {
    this.#listeners[kind].push(listener);
  }

  /** `repeat`: it must arrive even when publishing fails for a moment. Never throws. */
  announce<K extends AnnouncementKind>(kind: K, body: AnnouncementBodies[K], options: { repeat: boolean }): void {
    const announcement: Announcement<K> = { id: randomToken(9), kind, body };
    if (options.repeat) this.#keep(announcement);
    this.#publish([announcement]);
    // Not within the turn of whoever announces it.
    queueMicrotask(() => this.#carryOut(announcement));
  }

  /**
   * Carries it out here at once, before whatever is published next. `tell` may tell it other nodes by a way of its own; with `repeat` all
   * of them are told as well, so that it arrives. Never throws.
   */
  announceAtOnce<K extends AnnouncementKind>(
    kind: K,
    body: AnnouncementBodies[K],
    options: { repeat: boolean; tell: (announcement: Announcement<K>) => void },
  ): void {
    const announcement: Announcement<K> = { id: randomToken(9), kind, body };
    try {
      options.tell(announcement);
    } catch (error) {
      this.#logger.error({ err: error }, 'an announcement could not be sent');
    }
    if (options.repeat) {
      this.#keep(announcement);
      this.#publish([announcement]);
    }
    this.#carryOut(announcement);
  }

  /** What another node said. */
  received(announcements: readonly unknown[]): void {
    for (const announcement of announcements as readonly (Announcement | null | undefined)[]) {
      if (typeof announcement?.id === 'string') this.#carryOut(announcement);
    }
  }

  #keep(announcement: Announcement): void {
    if (this.#repeated.size >= maxRepeated) {
      for (const oldest of this.#repeated.keys()) {
        this.#repeated.delete(oldest);
        break;
      }
    }
    this.#repeated.set(announcement.id, { announcement, until: this.#clock.monotonic() + repeatForMs });
  }

  #repeat(): void {
    const now = this.#clock.monotonic();
    for (const [id, kept] of this.#repeated) if (kept.until < now) this.#repeated.delete(id);
    const all = [...this.#repeated.values()].map((kept) => kept.announcement);
    for (let i = 0; i < all.length; i += batch) this.#publish(all.slice(i, i + batch));
  }

  #publish(announcements: Announcement[]): void {
    try {
      this.#send(announcements);
    } catch (error) {
      this.#logger.error({ err: error }, 'an announcement could not be sent');
    }
  }

  #carryOut<K extends AnnouncementKind>({ id, kind, body }: Announcement<K>): void {
    if (this.#seen.has(id)) return;
    this.#seen.set(id, true);
    const listeners: Listener<K>[] | undefined = this.#listeners[kind];
    for (const listener of listeners ?? []) {
      try {
        listener(body);
      } catch (error) {
        this.#logger.error({ err: error, kind }, 'an announcement could not be carried out');
      }
    }
  }
}
