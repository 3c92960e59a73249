import { WebSocket } from 'ws';

interface Wait {
  fits(frame: string): boolean;
  resolve(frame: string): void;
  reject(error: Error): void;
  what: string;
}

/**
 * The socket door, frame by frame: Engine.IO 4 over one WebSocket. Everything that arrives is kept, and whoever waits for a
 * frame or for the end is told; a wait that the connection's end makes vain rejects.
 */
export class RawSocket {
  readonly frames: string[] = [];
  /** The WebSocket's close code, or the HTTP status that turned the connection away. */
  readonly ended: Promise<number>;
  #end: number | undefined;
  #number = 0;
  readonly #socket: WebSocket;
  readonly #waits = new Set<Wait>();
  readonly #acknowledged = new Map<string, string>();

  /** `sid`: of a polling connection that is to become this one. */
  constructor(
    url: string,
    options: { origin?: string | undefined; headers?: Record<string, string>; localAddress?: string; sid?: string } = {},
  ) {
    const upgraded = options.sid === undefined ? '' : `&sid=${options.sid}`;
    const address = `${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket${upgraded}`;
    this.#socket = new WebSocket(address, {
      ...(options.origin !== undefined && { origin: options.origin }),
      ...(options.localAddress !== undefined && { localAddress: options.localAddress }),
      headers: options.headers ?? {},
    });
    let settle: (end: number) => void = () => undefined;
    this.ended = new Promise((resolve) => {
      settle = resolve;
    });
    const end = (code: number): void => {
      this.#end ??= code;
      settle(this.#end);
      for (const wait of this.#waits) wait.reject(new Error(`the connection ended (${this.#end}) without ${wait.what}`));
      this.#waits.clear();
    };
    this.#socket.on('unexpected-response', (request, response) => {
      end(response.statusCode ?? 0);
      response.resume();
      request.destroy();
    });
    this.#socket.on('close', (code) => end(code));
    // The close that follows tells.
    this.#socket.on('error', () => undefined);
    this.#socket.on('message', (bytes: Buffer) => this.#hear(bytes.toString('utf8')));
  }

  get open(): boolean {
    return this.#end === undefined;
  }

  /** Resolves with the first frame of this kind, also one that came before; rejects when the connection ends without one. */
  frame(what: string, fits: (frame: string) => boolean): Promise<string> {
    const found = this.frames.find(fits);
    if (found !== undefined) return Promise.resolve(found);
    if (this.#end !== undefined) return Promise.reject(new Error(`the connection ended (${this.#end}) without ${what}`));
    return new Promise((resolve, reject) => this.#waits.add({ fits, resolve, reject, what }));
  }

  /** The WebSocket is open; one that polled before is not greeted again. */
  connected(): Promise<this> {
    if (this.#socket.readyState === WebSocket.OPEN) return Promise.resolve(this);
    return new Promise((resolve) => this.#socket.once('open', () => resolve(this)));
  }

  /** Past Engine.IO's greeting. */
  async greeted(): Promise<this> {
    await this.frame("Engine.IO's greeting", (frame) => frame.startsWith('0'));
    return this;
  }

  /** Joins the namespace; gives the server's word: `40…` let in, `44…` turned away. */
  async enter(token: string): Promise<string> {
    await this.greeted();
    this.send(`40${JSON.stringify({ token })}`);
    return this.frame('an answer to CONNECT', (frame) => frame.startsWith('40') || frame.startsWith('44'));
  }

  /** Sends an event and gives what is acknowledged. */
  ask(...packet: unknown[]): Promise<unknown> {
    return this.askRaw(JSON.stringify(packet));
  }

  /** The same for text that stands for `[event, payload]`. */
  askRaw(packet: string): Promise<unknown> {
    const number = ++this.#number;
    this.send(`42${number}${packet}`);
    return this.acknowledged(number);
  }

  /** The acknowledgement with a number. */
  async acknowledged(number: number): Promise<unknown> {
    const head = `43${number}[`;
    const frame =
      this.#acknowledged.get(String(number)) ?? (await this.frame(`acknowledgement ${number}`, (candidate) => candidate.startsWith(head)));
    return (JSON.parse(frame.slice(head.length - 1)) as unknown[])[0];
  }

  send(frame: string | Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  /** Answers once the frame has left this process, so that a flood stays a flood and not a heap of this process. */
  sent(frame: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame, () => resolve());
      else resolve();
    });
  }

  close(): void {
    this.#socket.terminate();
  }

  #hear(frame: string): void {
    if (frame === '2') this.#socket.send('3');
    const acknowledgement = /^43(\d+)/.exec(frame);
    if (acknowledgement) this.#acknowledged.set(acknowledgement[1] as string, frame);
    this.frames.push(frame);
    for (const wait of this.#waits) {
      if (!wait.fits(frame)) continue;
      this.#waits.delete(wait);
      wait.resolve(frame);
    }
  }
}
