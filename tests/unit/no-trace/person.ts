import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { fieldsOfPath } from '../../../src/catalogue/catalogue.js';
import { type Door, type Operation, opensAt } from '../../../src/catalogue/operation.js';
import type { House } from './house.js';

export type Input = Record<string, unknown>;
export const password = 'correct horse battery';

/** What differs from one connection to the next, and says nothing of what is asked. */
const ofTransport = ['date', 'connection', 'keep-alive', 'transfer-encoding'];

/** Somebody with a session, a Socket.IO connection and a plain WebSocket, all of whose answers and events are written down. */
export class Person {
  /** Everything that came without being asked for, by connection. */
  readonly heard = { socket: [] as unknown[], websocket: [] as unknown[] };
  readonly #answers = new Map<string, (answer: unknown) => void>();
  #asked = 0;
  #socket: Socket | undefined;
  #plain: WebSocket | undefined;

  private constructor(
    readonly house: House,
    readonly name: string,
    readonly id: string,
    readonly token: string,
    readonly refresh: string,
  ) {}

  static async signUp(house: House, name: string): Promise<Person> {
    const response = await fetch(`${house.url}/api/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: name, email: `${name}@example.org`, password }),
    });
    const signedIn = (await response.json()) as { member: { id: string }; access_token: string; refresh_token: string };
    return new Person(house, name, signedIn.member.id, signedIn.access_token, signedIn.refresh_token);
  }

  async connect(): Promise<void> {
    const socket = io(this.house.url, { auth: { token: this.token }, transports: ['websocket'], reconnection: false, forceNew: true });
    socket.onAny((event: string, payload: unknown) => this.heard.socket.push([event, payload]));
    const plain = new WebSocket(`${this.house.url.replace('http', 'ws')}/ws?token=${encodeURIComponent(this.token)}`);
    plain.on('message', (data: Buffer) => this.#read(JSON.parse(data.toString())));
    this.#socket = socket;
    this.#plain = plain;
    await Promise.all([
      new Promise<void>((resolve, reject) => void socket.once('connect', resolve).once('connect_error', reject)),
      new Promise<void>((resolve, reject) => void plain.once('open', resolve).once('error', reject)),
    ]);
  }

  /** Hears from here on where threads stand, on both connections. */
  async hearHeads(): Promise<void> {
    const operation = this.house.operations.find(({ name }) => name === 'sync_heads') as Operation;
    for (const door of ['socket', 'websocket'] as const) {
      const answer = (await this.ask(door, operation, {})) as { ok: boolean };
      if (!answer.ok) throw new Error(`${this.name} hears no heads: ${JSON.stringify(answer)}`);
    }
  }

  close(): void {
    this.#socket?.close();
    this.#plain?.terminate();
  }

  /** Asks by one door: all that came of it. */
  ask(door: Door, operation: Operation, input: Input): Promise<unknown> {
    return door === 'rest' ? this.#byRest(operation, input) : this.#byConnection(door, operation, input);
  }

  /** What an act answers. Throws what refuses it. */
  async act<T = Record<string, never>>(name: string, input: Input = {}): Promise<T> {
    const operation = this.house.operations.find((one) => one.name === name) as Operation;
    const byRest = opensAt(operation, 'rest');
    const answer = (await this.ask(byRest ? 'rest' : 'socket', operation, input)) as { status: number; body: string } & Record<
      string,
      never
    >;
    if (byRest ? answer.status >= 300 : !answer.ok) throw new Error(`${this.name} ${name}: ${JSON.stringify(answer)}`);
    return (byRest ? (answer.body ? JSON.parse(answer.body) : undefined) : answer.data) as T;
  }

  #read(frame: Record<string, unknown>): void {
    const answered = frame.event === undefined ? this.#answers.get(String(frame.ref)) : undefined;
    if (answered) answered(frame);
    else this.heard.websocket.push(frame);
  }

  #byConnection(door: Door, { name }: Operation, input: Input): Promise<unknown> {
    if (door === 'socket') {
      if (!this.#socket?.connected) return Promise.resolve('not connected');
      return this.#socket.timeout(20_000).emitWithAck(name, input);
    }
    const plain = this.#plain;
    if (plain?.readyState !== WebSocket.OPEN) return Promise.resolve('not connected');
    const ref = `r${++this.#asked}`;
    return new Promise((resolve) => {
      this.#answers.set(ref, resolve);
      plain.once('close', () => resolve('closed'));
      plain.send(JSON.stringify({ action: name, ref, ...input }));
    });
  }

  async #byRest({ rest }: Operation, input: Input): Promise<unknown> {
    const { method, path } = rest!;
    const named = fieldsOfPath(path);
    const filled = path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(input[key])));
    const others = Object.entries(input).filter(([field]) => !named.includes(field));
    const query = method === 'get' && others.length > 0 ? `?${new URLSearchParams(others.map(([k, v]) => [k, String(v)]))}` : '';
    const hasBody = method !== 'get' && others.length > 0;
    const response = await fetch(`${this.house.url}/api${filled}${query}`, {
      method: method.toUpperCase(),
      headers: { authorization: `Bearer ${this.token}`, ...(hasBody && { 'content-type': 'application/json' }) },
      ...(hasBody && { body: JSON.stringify(Object.fromEntries(others)) }),
    });
    const headers = [...response.headers].filter(([name]) => !ofTransport.includes(name));
    return { status: response.status, headers, body: await response.text() };
  }
}
