import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { idFromName } from '../../../src/kernel/ids.js';
import { until } from '../../until.js';
import type { WorldNode } from './world.js';

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** One masked WebSocket frame, as clients send them. The mask is zero, so the body is as it is. */
const encode = (opcode: number, body: Buffer, isLast = true): Buffer => {
  const length = Buffer.alloc(body.length < 126 ? 1 : body.length < 65_536 ? 3 : 9);
  if (body.length < 126) {
    length[0] = 0x80 | body.length;
  } else if (body.length < 65_536) {
    length[0] = 0x80 | 126;
    length.writeUInt16BE(body.length, 1);
  } else {
    length[0] = 0x80 | 127;
    length.writeBigUInt64BE(BigInt(body.length), 1);
  }
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode]), length, Buffer.alloc(4), body]);
};

/** A client that sends whatever Engine.IO frames it likes, and reads only while it wants to. */
export class RawClient {
  readonly frames: string[] = [];
  /** Pings too, which `frames` leaves out. */
  readonly everything: string[] = [];
  /** The WebSocket's own, not Engine.IO's. */
  readonly pongs: string[] = [];
  answersPings = true;
  closed = false;
  readonly #socket: Socket;
  #pending = Buffer.alloc(0);
  #upgraded = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
    });
  }

  /** An engine that has not joined; with `sid` a WebSocket for one that polls. */
  static async open(to: WorldNode, sid?: string): Promise<RawClient> {
    const { hostname, port, host } = new URL(to.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      [
        `GET /socket.io/?EIO=4&transport=websocket${sid === undefined ? '' : `&sid=${sid}`} HTTP/1.1`,
        `Host: ${host}`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        'Sec-WebSocket-Version: 13',
        '\r\n',
      ].join('\r\n'),
    );
    const client = new RawClient(socket);
    await until('the engine is open', () => client.#upgraded && client.frames.length === (sid === undefined ? 1 : 0));
    return client;
  }

  /** Signed in as mallory. */
  static async member(to: WorldNode): Promise<RawClient> {
    const client = await RawClient.open(to);
    client.send(`40${JSON.stringify({ token: `${idFromName('member', 'mallory')}:m` })}`);
    await until('it is in', () => client.frames.length === 2);
    if (!client.frames[1]?.startsWith('40{"sid"')) throw new Error('it was not let in');
    return client;
  }

  send(frame: string | Uint8Array): void {
    if (this.closed) return;
    this.#socket.write(typeof frame === 'string' ? encode(TEXT, Buffer.from(frame)) : encode(BINARY, Buffer.from(frame)));
  }

  ping(body: string): void {
    if (!this.closed) this.#socket.write(encode(PING, Buffer.from(body)));
  }

  pong(): void {
    if (!this.closed) this.#socket.write(encode(PONG, Buffer.alloc(0)));
  }

  /** A piece of a message that has no end. */
  sendFragment(isFirst: boolean): void {
    if (!this.closed) this.#socket.write(encode(isFirst ? TEXT : 0, Buffer.from('x'), false));
  }

  /** The acknowledgement with this id. */
  async answer(id: number): Promise<{ ok: boolean; error?: { code: string; message: string } }> {
    const start = `43${id}[`;
    await until(`${id} is answered`, () => this.frames.some((frame) => frame.startsWith(start)));
    const frame = this.frames.find((f) => f.startsWith(start))!;
    return (JSON.parse(frame.slice(start.length - 1)) as [{ ok: boolean; error?: { code: string; message: string } }])[0];
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readAgain(): void {
    this.#socket.resume();
  }

  /** What the server sent, by event, in order. */
  events(): { event: string; payload: Record<string, unknown> }[] {
    return this.frames
      .filter((frame) => frame.startsWith('42['))
      .map((frame) => {
        const [event, payload] = JSON.parse(frame.slice(2)) as [string, Record<string, unknown>];
        return { event, payload };
      });
  }

  /** Ends without a goodbye: what the server writes next fails. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    if (!this.#upgraded) {
      const end = this.#pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#upgraded = true;
      this.#pending = this.#pending.subarray(end + 4);
    }
    for (let frame = this.#take(); frame; frame = this.#take()) {
      if (frame.opcode === CLOSE) this.#socket.end(encode(CLOSE, frame.body));
      else if (frame.opcode === PONG) this.pongs.push(frame.body.toString());
      else this.#heard(frame.body.toString());
    }
  }

  #heard(frame: string): void {
    this.everything.push(frame);
    if (frame !== '2') this.frames.push(frame);
    else if (this.answersPings) this.send('3');
  }

  #take(): { opcode: number; body: Buffer } | undefined {
    const all = this.#pending;
    if (all.length < 2) return undefined;
    const short = all[1]! & 0x7f;
    const start = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (all.length < start) return undefined;
    const length = short === 126 ? all.readUInt16BE(2) : short === 127 ? Number(all.readBigUInt64BE(2)) : short;
    if (all.length < start + length) return undefined;
    this.#pending = all.subarray(start + length);
    return { opcode: all[0]! & 0x0f, body: all.subarray(start, start + length) };
  }
}
