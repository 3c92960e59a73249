import type { Clock, Timer } from '../../kernel/clock.js';
import { pingFrame } from './frames.js';
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

/** Turns in one interval: so many connections are pinged together. */
const turns = 20;
const ping = pingFrame();

/**
 * Pings connections by turns instead of each by a timer of its own: pings, and the answers to them, then come in few wake-ups of
 * the process however many connections there are. Each is pinged once an interval; one that has not answered is not pinged again,
 * and Engine.IO closes it when its time is up.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #turns = Array.from({ length: turns }, () => new Set<Beating>());
  #timer: Timer | undefined;
  #now = 0;
  #next = 0;

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  start(): void {
    this.#timer ??= this.#clock.every(this.#everyMs / turns, () => this.#beat());
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
    turn.add(connection);
    connection.once('close', () => turn.delete(connection));
  }

  #beat(): void {
    this.#now = (this.#now + 1) % turns;
    for (const connection of this.#turns[this.#now]!) {
      if (connection.readyState !== 'open' || connection.pingTimeoutTimer) continue;
      connection.hasRefreshedPingTimeout = false;
      if (!writePast(connection, ping)) connection.sendPacket('ping');
      connection.resetPingTimeout();
    }
  }
}
