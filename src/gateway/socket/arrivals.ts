import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../kernel/clock.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { addressBlock, plainAddress } from '../address.js';
import { FairRoom, type RoomBounds } from '../limits/fair-room.js';

/** Bytes of answers that wait because nobody reads them. */
export interface UnreadBounds {
  unreadPerAddress: number;
  unreadTotal: number;
}

interface Arrival {
  readonly block: string;
  readonly socket: Socket;
  readonly left: () => void;
}

const lookEveryMs = 250;

/**
 * Bounds TCP connections that are no WebSockets (those that have sent nothing yet, wait for an answer, poll, or are
 * kept alive), and what waits to be read by them. A proxy's connections carry everybody's requests and are not counted.
 */
export class Arrivals {
  readonly #bounds: RoomBounds & UnreadBounds;
  readonly #room: FairRoom<Arrival>;
  readonly #isProxy: (address: string) => boolean;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #arrivals = new Map<object, Arrival>();
  #timer: Timer | undefined;

  constructor(parts: { bounds: RoomBounds & UnreadBounds; isProxy: (address: string) => boolean; clock: Clock; telemetry: Telemetry }) {
    this.#bounds = parts.bounds;
    this.#isProxy = parts.isProxy;
    this.#clock = parts.clock;
    this.#telemetry = parts.telemetry;
    this.#room = new FairRoom(parts.bounds, ({ socket }) => this.#end('http_evicted', socket));
  }

  watch(http: HttpServer): void {
    http.on('connection', (socket: Socket) => this.#arrived(socket));
    this.#timer ??= this.#clock.every(lookEveryMs, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The connection has become a WebSocket, which others count. */
  upgraded(socket: object): void {
    const arrival = this.#arrivals.get(socket);
    if (!arrival) return;
    arrival.socket.off('close', arrival.left);
    arrival.left();
  }

  #arrived(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress ?? '');
    // Whoever has gone already needs no place.
    if (address === undefined) {
      socket.destroy();
      return;
    }
    if (this.#isProxy(address)) return;
    const arrival: Arrival = { block: addressBlock(address), socket, left: () => this.#left(arrival) };
    if (!this.#room.enter(arrival)) {
      this.#end('http_connections', socket);
      return;
    }
    this.#arrivals.set(socket, arrival);
    socket.once('close', arrival.left);
    this.#telemetry.httpConnections.set(this.#room.size);
  }

  #left(arrival: Arrival): void {
    this.#arrivals.delete(arrival.socket);
    this.#room.leave(arrival);
    this.#telemetry.httpConnections.set(this.#room.size);
  }

  /** Ends what holds most, until what waits is within the bounds of each address and of all. */
  #look(): void {
    const waiting = [...this.#arrivals.values()].filter(({ socket }) => socket.writableLength > 0);
    const unread = new Map<string, number>();
    let total = 0;
    for (const { block, socket } of waiting) {
      unread.set(block, (unread.get(block) ?? 0) + socket.writableLength);
      total += socket.writableLength;
    }
    const isOver = (block: string): boolean => total > this.#bounds.unreadTotal || unread.get(block)! > this.#bounds.unreadPerAddress;
    if (![...unread.keys()].some(isOver)) return;
    for (const { block, socket } of waiting.sort((a, b) => b.socket.writableLength - a.socket.writableLength)) {
      if (!isOver(block)) continue;
      unread.set(block, unread.get(block)! - socket.writableLength);
      total -= socket.writableLength;
      this.#end('unread', socket);
    }
  }

  #end(bound: string, socket: Socket): void {
    this.#telemetry.boundsMet.inc({ bound });
    socket.destroy();
  }
}
