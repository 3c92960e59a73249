import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Telemetry } from '../../kernel/telemetry.js';
import { addressBlock, plainAddress } from '../address.js';
import { FairRoom, type RoomBounds } from '../limits/fair-room.js';

interface Arrival {
  readonly block: string;
  readonly socket: Socket;
  readonly left: () => void;
}

/**
 * Bounds TCP connections that are no WebSockets: those that have sent nothing yet, wait for an answer, poll, or are kept alive. A
 * proxy's connections carry everybody's requests and are not counted.
 */
export class Arrivals {
  readonly #room: FairRoom<Arrival>;
  readonly #isProxy: (address: string) => boolean;
  readonly #telemetry: Telemetry;
  readonly #arrivals = new WeakMap<object, Arrival>();

  constructor(parts: { bounds: RoomBounds; isProxy: (address: string) => boolean; telemetry: Telemetry }) {
    this.#isProxy = parts.isProxy;
    this.#telemetry = parts.telemetry;
    this.#room = new FairRoom(parts.bounds, ({ socket }) => {
      this.#telemetry.boundsMet.inc({ bound: 'http_evicted' });
      socket.destroy();
    });
  }

  watch(http: HttpServer): void {
    http.on('connection', (socket: Socket) => this.#arrived(socket));
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
      this.#telemetry.boundsMet.inc({ bound: 'http_connections' });
      socket.destroy();
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
}
