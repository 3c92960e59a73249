import type { Clock, Timer } from '../../kernel/clock.js';
import { pingFrame, plainPingFrame } from './frames.js';
import { type Connection, writePast } from './outlet.js';

/**
 * What of Engine.IO's connection is reached into. It has a timer that pings by itself; this takes that away and keeps the one that
 * waits for the answer. tests/integration/socket/heartbeat.test.ts holds these names in place; where one of them is missing, the
 * connection goes on pinging by itself.
 */
export interface Beating extends Connection {
  readonly protocol: number;
  pingIntervalTimer: NodeJS.Timeout | null;
  /** Null: no ping is without an answer. */
  readonly pingTimeoutTimer: NodeJS.Timeout | null | undefined;
  hasRefreshedPingTimeout: boolean;
  resetPingTimeout(): void;
  sendPacket(type: 'ping'): void;
  once(event: 'close', listener: () => void): unknown;
}

/** Turns in one interval: so many connections are pinged together. While they are few, several turns go together: fewer wake-ups. */
const turns = 100;
const few = { connections: 2_000, turns: 5 };
/** So many turns before its own a connection is looked at: one that was written to since then needs no ping to know that we live. */
const lookAhead = 10;
const ping = pingFrame();
const plainPing = plainPingFrame();

/** A connection, and what had been written to it when it was looked at last, in bytes. */
class Beat {
  written = -1;
  /** It was not pinged in its last turn. */
  wasSpared = false;

  constructor(readonly connection: Beating) {}
}

/** Absent where the transport is not a WebSocket. */
const bytesWritten = ({ transport }: Connection): number => transport?.socket?._socket?.bytesWritten ?? -1;

/**
 * Pings connections by turns instead of each by a timer of its own: pings, and the answers to them, then come in few wake-ups of
 * the process however many connections there are, and never so many at once that others wait for them. Each is pinged once an
 * interval, or every other interval while it hears from us anyway: no client goes without a sound for longer than an interval and a
 * tenth, nor without a ping for longer than two. One that has not answered is not pinged again, and Engine.IO closes it when its
 * time is up.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #turns = Array.from({ length: turns }, () => new Set<Beat>());
  #timer: Timer | undefined;
  /** When turn 0 was, on the monotonic clock: turns go by time, since a busy process misses ticks of its timers. */
  #began = 0;
  /** Turns that were taken since. */
  #taken = 0;
  #next = 0;
  #count = 0;

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  start(): void {
    if (this.#timer) return;
    this.#began = this.#clock.monotonic() - this.#taken * (this.#everyMs / turns);
    this.#timer = this.#clock.every(this.#everyMs / turns, () => this.#beat());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** A connection that has just been made. */
  take(connection: Beating): void {
    const isKnown = connection.protocol === 4 && connection.pingIntervalTimer && typeof connection.resetPingTimeout === 'function';
    if (!isKnown || !this.#timer) return;
    clearTimeout(connection.pingIntervalTimer as NodeJS.Timeout);
    connection.pingIntervalTimer = null;
    const turn = this.#turns[this.#next]!;
    this.#next = (this.#next + 1) % turns;
    const beat = new Beat(connection);
    turn.add(beat);
    this.#count++;
    connection.once('close', () => {
      if (turn.delete(beat)) this.#count--;
    });
  }

  #beat(): void {
    let due = Math.round((this.#clock.monotonic() - this.#began) / (this.#everyMs / turns));
    if (this.#count < few.connections) due -= due % few.turns;
    // After a long standstill each connection has its turn once.
    for (this.#taken = Math.max(this.#taken, due - turns); this.#taken < due; ) this.#turn(++this.#taken % turns);
  }

  #turn(turn: number): void {
    for (const beat of this.#turns[(turn + lookAhead) % turns]!) beat.written = bytesWritten(beat.connection);
    for (const beat of this.#turns[turn]!) {
      const { connection } = beat;
      beat.wasSpared = !beat.wasSpared && beat.written >= 0 && bytesWritten(connection) > beat.written;
      if (beat.wasSpared || connection.readyState !== 'open' || connection.pingTimeoutTimer) continue;
      connection.hasRefreshedPingTimeout = false;
      if (!writePast(connection, connection.transport?.isPlain ? plainPing : ping)) connection.sendPacket('ping');
      connection.resetPingTimeout();
    }
  }
}
