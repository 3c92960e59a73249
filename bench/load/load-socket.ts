import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { FrameReader, opcodes } from './frame-reader.js';
import { pongFrame, textFrame } from './frame-writer.js';

export interface LoadSocketEvents {
  /** Let in: the server answered the connect packet, whose payload is in place. */
  connected(bytes: Buffer, start: number, end: number): void;
  /** Not let in; the server's own words. */
  refused(why: string): void;
  /** Payload of an event packet, in place: `42[…]` from start to end. */
  event(bytes: Buffer, start: number, end: number): void;
  /** Payload of an acknowledgement, in place, behind its number. */
  acknowledged(id: number, bytes: Buffer, start: number, end: number): void;
  /** Ended though nobody here ended it. */
  lost(why: string): void;
}

const shared = Buffer.allocUnsafe(256 * 1024);
const pong = textFrame('3');
const zero = 0x30;

/**
 * One client on a bare TCP socket: WebSocket, Engine.IO and Socket.IO by hand, so that thousands of them cost a process little. All
 * sockets of a process read into one buffer.
 */
export class LoadSocket {
  readonly #events: LoadSocketEvents;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #auth: string;
  #head: Buffer | undefined = Buffer.alloc(0);
  #closed = false;
  bytes = 0;

  constructor(port: number, auth: object, events: LoadSocketEvents) {
    this.#events = events;
    this.#auth = JSON.stringify(auth);
    this.#reader = new FrameReader((bytes, start, end, opcode) => this.#frame(bytes, start, end, opcode));
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length) => {
          this.#read(length);
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => this.#end(error.message));
    this.#socket.on('close', () => this.#end('closed by the server'));
    this.#socket.on('connect', () =>
      this.#socket.write(
        `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      ),
    );
  }

  send(event: string, payload: string, acknowledgement: number): void {
    this.#socket.write(textFrame(`42${acknowledgement}["${event}",${payload}]`));
  }

  /** Reads no more: what the server sends fills the buffers of both sides. */
  stall(): void {
    this.#socket.pause();
  }

  /** Without a farewell, so that no port stays in TIME_WAIT. */
  close(): void {
    this.#closed = true;
    this.#socket.resetAndDestroy();
  }

  #end(why: string): void {
    if (this.#closed) return;
    this.close();
    this.#events.lost(why);
  }

  #read(length: number): void {
    this.bytes += length;
    try {
      if (this.#head) this.#upgrade(Buffer.concat([this.#head, shared.subarray(0, length)]));
      else this.#reader.push(shared, 0, length);
    } catch (error) {
      this.#end((error as Error).message);
    }
  }

  #upgrade(head: Buffer): void {
    const end = head.indexOf('\r\n\r\n');
    this.#head = head;
    if (end < 0) return;
    this.#head = undefined;
    const status = head.toString('latin1', 0, 12);
    if (status !== 'HTTP/1.1 101') {
      this.#closed = true;
      this.#socket.destroy();
      this.#events.refused(status);
    } else this.#reader.push(head, end + 4, head.length);
  }

  #frame(bytes: Buffer, start: number, end: number, opcode: number): void {
    if (opcode === opcodes.text) this.#packet(bytes, start, end);
    else if (opcode === opcodes.close) this.#end(`the server closed the WebSocket`);
    else if (opcode === opcodes.ping) this.#socket.write(pongFrame(bytes.toString('latin1', start, end)));
  }

  #packet(bytes: Buffer, start: number, end: number): void {
    const engine = bytes[start]! - zero;
    if (engine === 2) {
      this.#socket.write(pong);
      return;
    }
    if (engine === 0) {
      this.#socket.write(textFrame(`40${this.#auth}`));
      return;
    }
    if (engine === 1) this.#end('the server closed the connection');
    if (engine !== 4) return;
    switch (bytes[start + 1]! - zero) {
      case 0:
        this.#events.connected(bytes, start + 2, end);
        break;
      case 1:
        this.#end('the server disconnected the namespace');
        break;
      case 2:
        this.#events.event(bytes, start + 2, end);
        break;
      case 3: {
        let id = 0;
        let at = start + 2;
        for (; at < end; at++) {
          const digit = bytes[at]! - zero;
          if (digit < 0 || digit > 9) break;
          id = id * 10 + digit;
        }
        this.#events.acknowledged(id, bytes, at, end);
        break;
      }
      case 4: {
        const why = bytes.toString('utf8', start + 2, end);
        this.close();
        this.#events.refused(why);
        break;
      }
      default:
        break;
    }
  }
}
