import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../kernel/clock.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { plainAddress } from '../address.js';
import { addressBlock } from '../address-block.js';
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

/** What is needed of an answer. Its length is what neither the system nor the other end has taken. */
type Answer = Pick<ServerResponse, 'writableLength' | 'destroy'>;

/**
 * Bounds TCP connections that are no WebSockets: those that have sent nothing yet, wait for an answer, poll, or are
 * kept alive. A proxy's connections carry everybody's requests and are not counted. And what waits of the answers on
 * them, to whom they are, also behind a proxy.
 */
export class Arrivals {
  readonly #bounds: RoomBounds & UnreadBounds;
  readonly #room: FairRoom<Arrival>;
  readonly #isProxy: (address: string) => boolean;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #addressOf: (request: IncomingMessage) => string;
  readonly #arrivals = new WeakMap<object, Arrival>();
  /** Answers that are not finished, with the address to which they are. */
  readonly #answers = new Map<Answer, string>();
  #timer: Timer | undefined;

  constructor(parts: {
    bounds: RoomBounds & UnreadBounds;
    isProxy: (address: string) => boolean;
    addressOf: (request: IncomingMessage) => string;
    clock: Clock;
    telemetry: Telemetry;
  }) {
    this.#bounds = parts.bounds;
    this.#isProxy = parts.isProxy;
    this.#addressOf = parts.addressOf;
    this.#clock = parts.clock;
    this.#telemetry = parts.telemetry;
    this.#room = new FairRoom(parts.bounds, ({ socket }) => this.#end('http_evicted', socket));
  }

  watch(http: HttpServer): void {
    http.on('connection', (socket: Socket) => this.#arrived(socket));
    http.on('request', (request, answer) => {
      this.#answers.set(answer, addressBlock(this.#addressOf(request)));
      answer.once('close', () => this.#answers.delete(answer));
    });
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

  /** Ends the answers of which most waits, until that is within the bounds of each address and of all. */
  #look(): void {
    const waiting: { answer: Answer; block: string; bytes: number }[] = [];
    const unread = new Map<string, number>();
    let total = 0;
    for (const [answer, block] of this.#answers) {
      const bytes = answer.writableLength;
      if (bytes === 0) continue;
      waiting.push({ answer, block, bytes });
      unread.set(block, (unread.get(block) ?? 0) + bytes);
      total += bytes;
    }
    const { unreadTotal, unreadPerAddress } = this.#bounds;
    const isOver = (block: string): boolean => total > unreadTotal || unread.get(block)! > unreadPerAddress;
    if (!waiting.some(({ block }) => isOver(block))) return;
    for (const { answer, block, bytes } of waiting.sort((a, b) => b.bytes - a.bytes)) {
      if (!isOver(block)) continue;
      unread.set(block, unread.get(block)! - bytes);
      total -= bytes;
      this.#end('unread', answer);
    }
  }

  #end(bound: string, what: { destroy(): unknown }): void {
    this.#telemetry.boundsMet.inc({ bound });
    what.destroy();
  }
}
