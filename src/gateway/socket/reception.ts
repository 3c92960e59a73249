import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Caller } from '../../catalogue/caller.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { addressBlock } from '../address-block.js';
import type { Authenticator, Limiter, Shedder } from '../ports.js';
import { Admission, type ConnectionBounds } from './admission.js';
import { Arrivals } from './arrivals.js';
import { type Entering, Inlet } from './inlet.js';
import { cut } from './outlet.js';
import { Passage } from './passage.js';

export interface ReceptionParts {
  authenticator: Authenticator;
  limiter: Limiter;
  shedder: Shedder;
  clock: Clock;
  telemetry: Telemetry;
  origins: readonly string[];
  /** Null: no bounds on what one address, one member or one connection may have. */
  connections: ConnectionBounds | null;
  /** Connections that may be made but not in yet, when not as `connections` say. */
  entering?: number | undefined;
  addressOf: (request: IncomingMessage) => string;
  /** On every answer. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Whether the other end of a TCP connection is a trusted proxy. */
  isProxy: (address: string) => boolean;
}

/** Engine.IO's connection, with the request that it began with. */
export type Arrived = Entering & { readonly request: IncomingMessage; once(event: 'close', listener: () => void): unknown };

/** What of Engine.IO's server is listened to. */
interface Engine {
  on(event: 'connection', listener: (conn: Arrived) => void): unknown;
  on(event: 'connection_error', listener: (failed: { req: IncomingMessage }) => void): unknown;
}

/** How a connection comes in: a request asks for it, it is made, its member signs in, it ends. Its bounds hold all the way. */
export class Reception {
  readonly #admission: Admission;
  readonly #inlet: Inlet;
  readonly #arrivals: Arrivals | undefined;
  readonly #addressOf: (request: IncomingMessage) => string;
  /** Requests that are to become connections. */
  readonly #arriving = new WeakMap<object, Passage>();

  constructor(parts: ReceptionParts) {
    const { clock, telemetry, connections } = parts;
    this.#addressOf = parts.addressOf;
    this.#admission = new Admission({
      ...parts,
      bounds: connections,
      end: ({ conn }) => {
        if (conn) cut(conn);
      },
    });
    this.#inlet = new Inlet({
      clock,
      telemetry,
      allowance: connections?.allowance ?? null,
      arriving: (request) => this.#arriving.get(request),
      gaveUp: (request) => this.#gaveUp(request),
      carries: (tcp) => this.#arrivals?.upgraded(tcp),
      headers: parts.headers ?? {},
    });
    this.#arrivals = connections ? new Arrivals({ ...parts, bounds: connections.http }) : undefined;
  }

  /** Options for Engine.IO. */
  get options() {
    return {
      wsEngine: this.#inlet.webSocketServer as never,
      allowRequest: (request: IncomingMessage, answer: (refusal: string | undefined, isAllowed: boolean) => void): void =>
        this.#arrive(request, answer),
    };
  }

  start(http: HttpServer, engine: Engine): void {
    this.#arrivals?.watch(http);
    engine.on('connection', (conn) => this.#made(conn));
    engine.on('connection_error', ({ req }) => this.#gaveUp(req));
  }

  stop(): void {
    this.#arrivals?.stop();
  }

  /** From now on nobody is let in. */
  close(retryAfterMs: number): void {
    this.#admission.close(retryAfterMs);
  }

  open(): void {
    this.#admission.open();
  }

  /** Who wants to come in by a connection. Rejects with Fault: see `Admission`. */
  async authenticate(conn: Entering, auth: unknown, request: IncomingMessage): Promise<Caller> {
    const passage = this.#inlet.passageOf(conn);
    if (!passage) throw new Fault('unavailable');
    return this.#admission.authenticate(auth, this.#addressOf(request), passage);
  }

  /** The member is in; answers the connection as the bounds see it. */
  admit(conn: Entering): Passage | undefined {
    const passage = this.#inlet.passageOf(conn);
    if (passage) this.#inlet.admit(conn, passage);
    return passage;
  }

  /** Something that came in by a connection was refused. */
  refused(passage: Passage | undefined): void {
    if (passage) this.#inlet.refused(passage);
  }

  #arrive(request: IncomingMessage, answer: (refusal: string | undefined, isAllowed: boolean) => void): void {
    const passage = refusalOf(request) ?? this.#admission.arrive(request, this.#addressOf(request));
    if (typeof passage === 'string') {
      answer(passage, false);
      return;
    }
    this.#arriving.set(request, passage);
    answer(undefined, true);
  }

  #made(conn: Arrived): void {
    const passage = this.#arriving.get(conn.request) ?? new Passage(addressBlock(this.#addressOf(conn.request)));
    this.#arriving.delete(conn.request);
    passage.conn = conn;
    conn.once('close', () => {
      this.#inlet.gone(conn);
      this.#admission.left(passage);
    });
    this.#inlet.take(conn, passage);
  }

  /** What was let in and did not become a connection. */
  #gaveUp(request: object): void {
    const passage = this.#arriving.get(request);
    if (passage) this.#admission.left(passage);
  }
}

/** Why a request can never become a connection of a kind that is offered. */
const refusalOf = ({ url, headers }: IncomingMessage): string | undefined => {
  const query = new URL(url ?? '/', 'http://x').searchParams;
  // It would hide how many packets a payload holds, and no client needs it any more.
  if (query.has('j')) return 'JSONP is not offered';
  // The library would make a WebSocket of it and let it wait for nothing.
  if (headers.upgrade !== undefined && query.get('transport') !== 'websocket') return 'Only transport=websocket is upgraded';
  return undefined;
};
