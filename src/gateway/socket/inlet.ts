import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { bounds } from '../../protocol/primitives.js';
import { type Allowance, costOf, refusedCost, retryAfterMs, spend, type Verdict, verdictOn } from '../limits/allowance.js';
import {
  type BoundedSocket,
  type FrameTaker,
  type ReceivingSocket,
  type WebSocketServerClass,
  webSocketServer,
  widen,
} from './bounded-web-sockets.js';
import { refuseHandshake } from './headers.js';
import { inletBounds } from './inlet-bounds.js';
import { type Cuttable, cut } from './outlet.js';
import type { Passage } from './passage.js';
import { waitingBelow } from './tcp-handle.js';

/**
 * What of Engine.IO's polling transport is reached into: the body that has arrived, before it is split into packets,
 * and how large it may be. tests/integration/socket/inlet.test.ts holds these names in place.
 */
export interface PollingTransport {
  name: string;
  maxHttpBufferSize?: number;
  onData(data: string): void;
}

/** What is needed of a new connection. */
export interface Entering extends Cuttable {
  readonly id: string;
  readonly transport?: { readonly name?: string; readonly socket?: { readonly passage?: Passage | undefined; terminate?(): void } };
  once(event: 'upgrade', listener: () => void): unknown;
}

const separator = '\x1e';
const message = 0x34;
/** An event that wants an acknowledgement. */
const acknowledged = /^42(\d{1,15})\[/;
const longestHead = 18;

/**
 * The one place where anything comes in below Socket.IO: every WebSocket frame (text, binary, ping, pong) and every
 * polling payload is paid for here before it is parsed. A connection that has spent its burst hears `rate_limited`
 * where it asks for an answer, and one that goes on is closed. Answers that the WebSocket's library would give by
 * itself are given here, while little waits.
 */
export class Inlet implements FrameTaker {
  /** For Engine.IO, in the place of its WebSocket server. */
  readonly webSocketServer: WebSocketServerClass;
  readonly #clock: Clock;
  readonly #allowance: Allowance | null;
  readonly #telemetry: Telemetry;
  readonly #carries: (tcp: object) => void;
  /** Connections that are no WebSockets, by their ids: what becomes one goes on with the same passage. */
  readonly #others = new Map<string, Passage>();

  constructor(parts: {
    clock: Clock;
    /** Null: frames are not counted. */
    allowance: Allowance | null;
    telemetry: Telemetry;
    /** The passage of a request that is to become a new connection. */
    arriving: (request: object) => Passage | undefined;
    /** No WebSocket was made of a request. */
    gaveUp: (request: object) => void;
    /** A TCP connection carries a connection's WebSocket from now on. */
    carries: (tcp: object) => void;
    /** On every answer. */
    headers: Readonly<Record<string, string>>;
  }) {
    this.#clock = parts.clock;
    this.#allowance = parts.allowance;
    this.#telemetry = parts.telemetry;
    this.#carries = parts.carries;
    this.webSocketServer = webSocketServer(
      this,
      (request) => {
        const sid = new URL(request.url ?? '/', 'http://x').searchParams.get('sid');
        return sid === null ? parts.arriving(request) : this.#others.get(sid);
      },
      parts.gaveUp,
      (socket, why) => refuseHandshake(socket, why, parts.headers),
    );
  }

  /** A connection was made. */
  take(conn: Entering, passage: Passage): void {
    const { transport } = conn;
    if (transport?.socket?.passage) {
      this.#carried(conn);
      return;
    }
    this.#others.set(conn.id, passage);
    if (transport?.name !== 'polling') return;
    conn.once('upgrade', () => {
      this.#others.delete(conn.id);
      this.#carried(conn);
    });
    this.#guard(transport as PollingTransport, passage);
  }

  passageOf(conn: Pick<Entering, 'id' | 'transport'>): Passage | undefined {
    return conn.transport?.socket?.passage ?? this.#others.get(conn.id);
  }

  /** It has ended. */
  gone(conn: { readonly id: string }): void {
    this.#others.delete(conn.id);
  }

  /** Its member has signed in: frames of the full size are read from now on. */
  admit({ transport }: Pick<Entering, 'transport'>, passage: Passage): void {
    passage.isIn = true;
    if (transport?.socket) widen(transport.socket as ReceivingSocket);
    else if (transport?.name === 'polling') (transport as PollingTransport).maxHttpBufferSize = bounds.frameBytes;
  }

  /** Something that was read was refused. */
  refused(passage: Passage): void {
    this.spend(passage, refusedCost);
  }

  spend(passage: Passage, points: number): Verdict {
    if (!this.#allowance) return 'within';
    const now = this.#clock.monotonic();
    passage.paidOffAt = spend(passage.paidOffAt, points, now, this.#allowance);
    return verdictOn(passage.paidOffAt, now, this.#allowance);
  }

  /** A frame of a WebSocket; false when nothing is to be made of it. */
  takes(socket: BoundedSocket, passage: Passage, data: Buffer, isBinary: boolean): boolean {
    const verdict = this.spend(passage, costOf(1, data.length));
    if (verdict === 'within') return true;
    if (verdict === 'ended') {
      this.#flooded(passage);
      socket.terminate();
      return false;
    }
    if (socket.tooMuch) {
      this.#overspent(passage);
      if (!isBinary) socket.tooMuch(data, this.#limited(passage));
      return false;
    }
    // Engine.IO's own packets are cheap, and without its pongs the connection would be taken for dead.
    if (!isBinary && data[0] !== message) return true;
    if (!isBinary) this.#answer(passage, data.toString('latin1', 0, longestHead));
    return false;
  }

  /** A ping of a WebSocket (answered while little waits for its sender) or a pong. */
  beats(socket: BoundedSocket, passage: Passage, ping: Buffer | undefined): void {
    if (this.spend(passage, costOf(1, ping?.length ?? 0)) === 'ended') {
      this.#flooded(passage);
      socket.terminate();
      return;
    }
    if (!ping) return;
    const tcp = (socket as unknown as { _socket?: object })._socket;
    if (socket.bufferedAmount + (tcp ? waitingBelow(tcp) : 0) <= inletBounds.pongBytes) socket.pong(ping, false, ignore);
    else this.#telemetry.boundsMet.inc({ bound: 'pongs' });
  }

  /** Not before: a WebSocket that is only asked for, again and again, is counted with what is none. */
  #carried({ transport }: Entering): void {
    const tcp = (transport?.socket as { _socket?: object } | undefined)?._socket;
    if (tcp) this.#carries(tcp);
  }

  #guard(transport: PollingTransport, passage: Passage): void {
    transport.maxHttpBufferSize = inletBounds.entryBytes;
    const onData = transport.onData;
    transport.onData = (data) => {
      const packets = packetsIn(data, passage.isIn ? inletBounds.payloadPackets : inletBounds.entryPackets);
      if (packets === undefined) {
        this.#telemetry.boundsMet.inc({ bound: 'payload' });
        this.#end(passage);
        return;
      }
      const verdict = this.spend(passage, costOf(packets, data.length));
      if (verdict === 'ended') this.#flooded(passage);
      else onData.call(transport, verdict === 'within' ? data : this.#withoutMessages(data, passage));
    };
  }

  /** What is left when messages are refused; a packet that Engine.IO ignores when that is nothing. */
  #withoutMessages(data: string, passage: Passage): string {
    const left: string[] = [];
    for (const packet of data.split(separator)) {
      if (packet.charCodeAt(0) === message) this.#answer(passage, packet.slice(0, longestHead));
      else if (!packet.startsWith('b')) left.push(packet);
    }
    return left.join(separator) || '6';
  }

  /**
   * Tells the sender of a request that it asks too much. Costs it more than being carried out: who goes on comes to an
   * end.
   */
  #answer(passage: Passage, head: string): void {
    this.#overspent(passage);
    const id = acknowledged.exec(head)?.[1];
    const { conn } = passage;
    if (id === undefined || !conn || conn.readyState !== 'open') return;
    const error = this.#limited(passage);
    conn.write(`3${id}${JSON.stringify([{ ok: false, error: error.toJSON() }])}`, { compress: false });
  }

  #overspent(passage: Passage): void {
    this.#telemetry.boundsMet.inc({ bound: 'frames' });
    this.refused(passage);
  }

  #limited({ paidOffAt }: Passage): Fault {
    const retry_after_ms = this.#allowance ? retryAfterMs(paidOffAt, this.#clock.monotonic(), this.#allowance) : 0;
    return new Fault('rate_limited', 'Too much is sent on this connection; wait a little', { retry_after_ms });
  }

  #flooded(passage: Passage): void {
    if (passage.isOver) return;
    this.#telemetry.boundsMet.inc({ bound: 'flood' });
    this.#end(passage);
  }

  #end(passage: Passage): void {
    if (passage.conn) cut(passage.conn);
  }
}

const ignore = (): void => undefined;

/** So many packets, none of them looked at; undefined when they are more than may be. */
const packetsIn = (data: string, most: number): number | undefined => {
  let packets = 1;
  for (let at = data.indexOf(separator); at >= 0; at = data.indexOf(separator, at + 1)) {
    if (++packets > most) return undefined;
  }
  return packets;
};
