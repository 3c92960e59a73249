import type { Clock, Timer } from '../../kernel/clock.js';

export interface RoomWatchPort {
  /** Tells this node's subscribers of a thread to catch up. */
  resync(threadId: string, headRev: number): void;
  /** Tells all other nodes how far threads are. */
  gossip(heads: readonly (readonly [threadId: string, rev: number])[]): void;
}

/** A thread's room as this node knows it. */
interface Room {
  /** Highest rev that went to the sockets here, and the highest that they were told to catch up to. */
  passed: number;
  /** Where the first subscriber's join_thread stood; undefined while it has no answer. */
  base: number | undefined;
  /** A head that has not passed yet, since when that is known, and the newest such head. */
  expected: { target: number; since: number; newest: number } | undefined;
}

const tickMs = 1_000;
const patienceMs = 2_000;
const gossipEveryMs = 5_000;
const gossipForMs = 25_000;
const chunk = 500;
const maxHeads = 100_000;

/**
 * Finds holes that nobody would notice: a thread that has gone silent after an event that did not arrive. Whoever commits says
 * for half a minute how far a thread is; a node whose room has not seen that rev two seconds later tells its subscribers to
 * catch up, once a head. When a node died or this one was cut off, HeadCheck asks for every room's head instead.
 */
export class RoomWatch {
  readonly #port: RoomWatchPort;
  readonly #clock: Clock;
  readonly #rooms = new Map<string, Room>();
  readonly #lagging = new Set<string>();
  readonly #reached = new Map<string, { rev: number; at: number }>();
  #timers: Timer[] = [];

  constructor(parts: { port: RoomWatchPort; clock: Clock }) {
    this.#port = parts.port;
    this.#clock = parts.clock;
  }

  start(): void {
    if (this.#timers.length > 0) return;
    this.#timers = [this.#clock.every(tickMs, () => this.#tick()), this.#clock.every(gossipEveryMs, () => this.#gossip())];
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }

  /** Thread rooms with subscribers on this node. */
  get rooms(): number {
    return this.#rooms.size;
  }

  /** Threads whose rooms have subscribers on this node. */
  threads(): string[] {
    return [...this.#rooms.keys()];
  }

  roomMade(threadId: string): void {
    if (!this.#rooms.has(threadId)) this.#rooms.set(threadId, { passed: 0, base: undefined, expected: undefined });
  }

  roomEmptied(threadId: string): void {
    this.#rooms.delete(threadId);
    this.#lagging.delete(threadId);
  }

  /** A change goes to the sockets of its room on this node. */
  passing(threadId: string, rev: number): void {
    const room = this.#rooms.get(threadId);
    if (room && rev > room.passed) room.passed = rev;
  }

  /** A subscriber's join_thread was answered with this head: it has everything up to it. */
  opened(threadId: string, headRev: number): void {
    const room = this.#rooms.get(threadId);
    if (!room) return;
    if (room.base === undefined) {
      room.base = headRev;
      return;
    }
    // Another one knows more than what came by here; or this one knows less than what another was answered.
    this.#expect(threadId, headRev);
    if (headRev < room.base && room.passed < room.base) this.#tell(threadId, room, room.base);
  }

  /** A thread that this node serves has reached a rev; other nodes are told for half a minute. */
  reached(threadId: string, rev: number): void {
    const known = this.#reached.get(threadId);
    if (known && known.rev >= rev) return;
    this.#reached.delete(threadId);
    if (this.#reached.size >= maxHeads) for (const oldest of this.#reached.keys()) if (this.#reached.delete(oldest)) break;
    this.#reached.set(threadId, { rev, at: this.#clock.monotonic() });
  }

  /** What another node says that threads have reached. */
  heard(heads: readonly (readonly [threadId: string, rev: number])[]): void {
    for (const [threadId, rev] of heads) if (Number.isSafeInteger(rev)) this.#expect(threadId, rev);
  }

  #seen(room: Room): number {
    return Math.max(room.passed, room.base ?? 0);
  }

  #expect(threadId: string, rev: number): void {
    const room = this.#rooms.get(threadId);
    if (!room || rev <= this.#seen(room)) return;
    if (room.expected) {
      room.expected.newest = Math.max(room.expected.newest, rev);
      return;
    }
    room.expected = { target: rev, since: this.#clock.monotonic(), newest: rev };
    this.#lagging.add(threadId);
  }

  #tick(): void {
    const now = this.#clock.monotonic();
    for (const threadId of this.#lagging) {
      const room = this.#rooms.get(threadId);
      const expected = room?.expected;
      if (!room || !expected) {
        this.#lagging.delete(threadId);
      } else if (this.#seen(room) >= expected.target) {
        room.expected = undefined;
        this.#lagging.delete(threadId);
        this.#expect(threadId, expected.newest);
      } else if (now - expected.since >= patienceMs) {
        this.#tell(threadId, room, expected.newest);
      }
    }
  }

  #tell(threadId: string, room: Room, headRev: number): void {
    room.expected = undefined;
    this.#lagging.delete(threadId);
    room.passed = Math.max(room.passed, headRev);
    this.#port.resync(threadId, headRev);
  }

  #gossip(): void {
    const oldest = this.#clock.monotonic() - gossipForMs;
    for (const [threadId, { at }] of this.#reached) {
      if (at >= oldest) break;
      this.#reached.delete(threadId);
    }
    const heads = [...this.#reached].map(([threadId, { rev }]) => [threadId, rev] as const);
    this.heard(heads);
    for (let i = 0; i < heads.length; i += chunk) this.#port.gossip(heads.slice(i, i + chunk));
  }
}
