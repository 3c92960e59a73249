import type { Socket } from 'node:net';
import { WebSocket } from 'ws';

const handshakeMs = 10_000;
const pulseMs = 4_000;

/** A socket without the client's manners: Engine.IO 4 by hand over one WebSocket, reading as fast as it is let. */
export class RawReader {
  readonly #socket: WebSocket;
  readonly #entered: Promise<boolean>;
  #tcp: Socket | undefined;
  #drip: NodeJS.Timeout | undefined;
  #pulse: NodeJS.Timeout | undefined;
  #acks = 0;
  ended = false;

  constructor(url: string, token: string) {
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`, { handshakeTimeout: handshakeMs });
    this.#socket.on('error', () => undefined);
    this.#socket.on('upgrade', ({ socket }) => {
      this.#tcp = socket;
    });
    this.#entered = new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), handshakeMs);
      this.#socket.on('close', () => {
        this.ended = true;
        clearTimeout(timer);
        resolve(false);
      });
      this.#socket.on('message', (bytes: Buffer) => {
        const first = bytes.toString('utf8', 0, 2);
        if (first.startsWith('0')) this.send(`40${JSON.stringify({ token })}`);
        else if (first.startsWith('2')) this.send('3');
        else if (first === '40' || first === '44') {
          clearTimeout(timer);
          resolve(first === '40');
        }
      });
    });
  }

  /** Whether the server let it in. */
  entered(): Promise<boolean> {
    return this.#entered;
  }

  send(frame: string | Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  emit(event: string, payload: unknown): void {
    this.send(`42${this.#acks++}${JSON.stringify([event, payload])}`);
  }

  /** From now on nothing is read; heartbeats are answered unread, or the server would take the silent one for gone. */
  stall(): void {
    this.#pulse ??= setInterval(() => this.send('3'), pulseMs);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.pause();
  }

  /** From now on it takes little more than one chunk every `ms` milliseconds. */
  readSlowly(ms: number): void {
    this.stall();
    this.#drip = setInterval(() => {
      if (this.#socket.readyState !== WebSocket.OPEN) return;
      this.#tcp?.once('data', () => this.stall());
      this.#socket.resume();
    }, ms);
  }

  /** Without a farewell. */
  drop(): void {
    clearInterval(this.#drip);
    clearInterval(this.#pulse);
    this.#socket.terminate();
  }
}
