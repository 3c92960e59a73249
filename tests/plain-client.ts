import { WebSocket } from 'ws';
import { until } from './until.js';

export interface PlainFrame {
  ref?: string | number;
  ok?: boolean;
  data?: Record<string, unknown>;
  error?: { code: string; message: string; errors?: { path: string; message: string }[]; retry_after_ms?: number };
  event?: string;
  [field: string]: unknown;
}

/** A client of the plain WebSocket door: what any library of WebSockets does, and nothing of Socket.IO. */
export class PlainClient {
  readonly frames: PlainFrame[] = [];
  /** Of the WebSocket's own kind. */
  pings = 0;
  opened = false;
  /** The close code and its word, or the HTTP status that turned the connection away. */
  readonly ended: Promise<{ code: number; reason: string }>;
  end: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;
  #number = 0;

  constructor(
    url: string,
    options: { path?: string; token?: string; query?: string; origin?: string; autoPong?: boolean; headers?: Record<string, string> } = {},
  ) {
    const query = options.query ?? (options.token === undefined ? '' : `?token=${encodeURIComponent(options.token)}`);
    const { origin, autoPong = true, headers = {} } = options;
    const address = `${url.replace(/^http/, 'ws')}${options.path ?? '/ws'}${query}`;
    this.#socket = new WebSocket(address, { autoPong, headers, ...(origin !== undefined && { origin }) });
    this.ended = new Promise((resolve) => {
      const end = (code: number, reason: string): void => {
        this.end ??= { code, reason };
        resolve(this.end);
      };
      this.#socket.on('unexpected-response', (request, response) => {
        end(response.statusCode ?? 0, '');
        response.resume();
        request.destroy();
      });
      this.#socket.on('close', (code, reason) => end(code, reason.toString()));
    });
    this.#socket.on('open', () => {
      this.opened = true;
    });
    // The close that follows tells.
    this.#socket.on('error', () => undefined);
    this.#socket.on('ping', () => {
      this.pings++;
    });
    this.#socket.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString()) as PlainFrame));
  }

  /** Signed in by its address. */
  static async of(url: string, token: string): Promise<PlainClient> {
    const client = new PlainClient(url, { token });
    await until('it is open', () => client.opened || client.end !== undefined);
    return client;
  }

  /** Once the WebSocket is open. */
  async send(frame: string | Uint8Array | object): Promise<void> {
    await until('it is open', () => this.opened || this.end !== undefined);
    this.now(frame);
  }

  now(frame: string | Uint8Array | object): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame));
  }

  pong(): void {
    this.#socket.pong();
  }

  /** The answer to a frame. Rejects when the connection ends without one. */
  async ask(action: string, payload: object = {}): Promise<PlainFrame> {
    const ref = `r${++this.#number}`;
    await this.send({ action, ref, ...payload });
    return this.answer(ref);
  }

  async answer(ref: string | number | undefined): Promise<PlainFrame> {
    const find = (): PlainFrame | undefined => this.frames.find((frame) => frame.event === undefined && frame.ref === ref);
    await until(`${ref} is answered`, () => find() !== undefined || this.end !== undefined);
    const found = find();
    if (!found) throw new Error(`the connection ended (${this.end?.code} ${this.end?.reason}) without an answer to ${ref}`);
    return found;
  }

  events(name?: string): PlainFrame[] {
    return this.frames.filter(({ event }) => event !== undefined && (name === undefined || event === name));
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readAgain(): void {
    this.#socket.resume();
  }

  /** Without a goodbye. */
  close(): void {
    this.#socket.terminate();
  }
}
