import type { Clock, Timer } from '../../kernel/clock.js';
import type { EventPayload } from '../../protocol/events.js';
import { communityIn, headsRoom, isLedgerRoom } from '../../protocol/rooms.js';
import { hints, PresenceHold } from './hints.js';
import { defaultMarks, nextStage, type ReaderMarks, type ReaderStage } from './reader-stage.js';
import type { RoomChange, RoomEvent } from './room-mail.js';
import { type Backlogged, type Waiting, WriteBacklog } from './write-backlog.js';

/** What is needed of a connected socket. */
export interface ReadingSocket extends Backlogged {
  readonly id: string;
  readonly rooms: ReadonlySet<string>;
  emit(event: 'resync', payload: EventPayload<'resync'>): unknown;
  emit(event: 'ledger_changed', payload: EventPayload<'ledger_changed'>): unknown;
  emit(event: 'presence', payload: EventPayload<'presence'>): unknown;
  emit(event: 'thread_heads', payload: EventPayload<'thread_heads'>): unknown;
}

export interface SlowReadersPort {
  /** A reader has reached a stage that it was not in. */
  reached(stage: ReaderStage, socket: ReadingSocket, waiting: Waiting): void;
  /** A reader was told to catch up with a thread or a ledger. */
  resynced(): void;
  /** Ends the connection without waiting for anything that is still to be written. */
  drop(socket: ReadingSocket): void;
}

interface Reader {
  readonly socket: ReadingSocket;
  readonly backlog: WriteBacklog;
  readonly presences: PresenceHold;
  /** Rooms with changes that were withheld, and the latest of them. */
  readonly missed: Map<string, RoomChange>;
  /** A community of which it missed heads: one is enough, since whoever asks for heads asks for those of all. */
  missedHeadsOf: string | undefined;
  stage: ReaderStage;
  movedAt: number;
  /** The queue that is waiting, and the turn of the event loop in which it began. */
  queue: unknown;
  begun: number;
  /** It was prompt until then. */
  wasPrompt: boolean;
}

const lookEveryMs = 200;
const mostPresences = 500;
/**
 * What was written in this very turn of the event loop waits for the promptest reader too: it counts for so much less. A burst
 * beyond that is a burden on the node, whoever reads.
 */
const burst = 4;

/**
 * Bounds what waits for readers that do not keep up, in steps: hints go first (heads of threads among them; one without any tells
 * the reader later to ask anew), then changes of threads and ledgers, which a `resync` or an empty `ledger_changed` of each makes
 * good once the reader has taken what was waiting, then the connection, which comes back and catches up by rev. So a stalled
 * reader holds at most the mark of `lost` (4 MiB, 4,096 packets; four times as much of what was written in one turn of the event
 * loop), the one packet that went beyond it, 500 presences, and a rev for each room that it is in (1,000). A prompt reader costs
 * one look at an empty queue for each event.
 */
export class SlowReaders {
  readonly #port: SlowReadersPort;
  readonly #clock: Clock;
  readonly #marks: ReaderMarks;
  /** Those for whom something waited when it was last looked. */
  readonly #crowded = new Map<string, Reader>();
  #timer: Timer | undefined;
  #turn = 0;
  #isTurning = false;

  constructor(parts: { port: SlowReadersPort; clock: Clock; marks?: ReaderMarks | undefined }) {
    this.#port = parts.port;
    this.#clock = parts.clock;
    this.#marks = parts.marks ?? defaultMarks;
  }

  start(): void {
    this.#timer ??= this.#clock.every(lookEveryMs, () => this.#lookAll());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#crowded.clear();
  }

  /** Readers for whom something waits. */
  get crowded(): number {
    return this.#crowded.size;
  }

  /** Nothing is to be withheld from the socket. */
  isPrompt(socket: ReadingSocket): boolean {
    return this.#crowded.size === 0 || (this.#crowded.get(socket.id)?.stage ?? 'prompt') === 'prompt';
  }

  /** Whether an event to a room may be written to the socket; what it misses is remembered. */
  admits(socket: ReadingSocket, event: RoomEvent, room: string): boolean {
    const reader = this.#crowded.get(socket.id);
    if (!reader || reader.stage === 'prompt') return true;
    if (reader.stage === 'lost') return false;
    if (hints.has(event.name)) {
      if (event.name === 'presence') reader.presences.hold(room, (JSON.parse(event.text) as unknown[])[1]);
      if (event.name === 'thread_heads') reader.missedHeadsOf = communityIn(room);
      return false;
    }
    if (reader.stage === 'slow' || !event.change) return true;
    this.#miss(reader, room, event.change);
    return false;
  }

  /** Something was written to the socket. */
  wrote(socket: ReadingSocket): void {
    const queue = socket.conn.writeBuffer;
    if (queue.length === 0) return;
    let reader = this.#crowded.get(socket.id);
    if (!reader) {
      reader = {
        ...{
          socket,
          backlog: new WriteBacklog(socket),
          presences: new PresenceHold(mostPresences),
          missed: new Map(),
          missedHeadsOf: undefined,
        },
        ...{ stage: 'prompt', movedAt: this.#clock.monotonic(), queue: undefined, begun: 0, wasPrompt: true },
      };
      this.#crowded.set(socket.id, reader);
    }
    if (reader.queue !== queue) {
      reader.queue = queue;
      reader.begun = this.#turn;
      reader.wasPrompt = reader.stage === 'prompt';
      this.#noteTurn();
    }
    this.#judge(reader, 0);
  }

  gone(socket: { readonly id: string }): void {
    this.#crowded.delete(socket.id);
  }

  #noteTurn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      this.#turn++;
    });
  }

  #miss({ missed }: Reader, room: string, change: RoomChange): void {
    if (change.rev > (missed.get(room)?.rev ?? -1)) missed.set(room, change);
  }

  #lookAll(): void {
    const now = this.#clock.monotonic();
    for (const [id, reader] of this.#crowded) {
      if (reader.backlog.moved()) reader.movedAt = now;
      const waiting = this.#judge(reader, now - reader.movedAt);
      if (reader.stage === 'prompt' && waiting.packets + waiting.bytes === 0) this.#crowded.delete(id);
    }
  }

  #judge(reader: Reader, stillForMs: number): Waiting {
    const waiting = reader.backlog.waiting();
    if (reader.wasPrompt && reader.begun === this.#turn) {
      waiting.packets /= burst;
      waiting.bytes /= burst;
    }
    const before = reader.stage;
    const stage = nextStage(before, waiting, stillForMs, this.#marks);
    if (stage === before) return waiting;
    if (stage === 'prompt') this.#makeGood(reader);
    reader.stage = stage;
    this.#port.reached(stage, reader.socket, waiting);
    // Not here, where an event is just being written to one socket after the other.
    if (stage === 'lost') queueMicrotask(() => this.#port.drop(reader.socket));
    return waiting;
  }

  /** What was withheld is told before anything later of the same room is. Rooms that were left meanwhile are not spoken of. */
  #makeGood(reader: Reader): void {
    const { socket, missed, presences, missedHeadsOf } = reader;
    for (const [room, { of, rev }] of missed) {
      if (!socket.rooms.has(room)) continue;
      if (isLedgerRoom(room)) socket.emit('ledger_changed', { ledger: of, after_rev: rev, head_rev: rev, items: [] });
      else socket.emit('resync', { thread_id: of, head_rev: rev });
      this.#port.resynced();
    }
    missed.clear();
    reader.missedHeadsOf = undefined;
    if (missedHeadsOf !== undefined && socket.rooms.has(headsRoom(missedHeadsOf))) {
      socket.emit('thread_heads', { community_id: missedHeadsOf, heads: [] });
    }
    for (const { room, payload } of presences.release()) {
      if (socket.rooms.has(room)) socket.emit('presence', payload as EventPayload<'presence'>);
    }
  }
}
