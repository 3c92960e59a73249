import { batchEvent } from '../../protocol/batch.js';
import type { Written } from './outlet.js';
import type { RoomEvent } from './room-mail.js';

/** A message of Engine.IO, and in it an event and an acknowledgement of Socket.IO. */
const messageType = '4';
const eventType = '2';
const ackType = '3';
const eventPrefix = messageType + eventType;

/**
 * What a set of events is to a socket, made at most once each: WebSocket frames one behind the other in one buffer, so that a
 * socket costs one write whatever the number of events; the same in one packet, for clients that take them so; single packets,
 * for transports that know no frames.
 */
export class Frames implements Written {
  readonly #events: readonly RoomEvent[];
  #single: Buffer | undefined;
  #packed: Buffer | undefined;
  #plain: Buffer | undefined;
  #packets: string[] | undefined;

  constructor(events: readonly RoomEvent[]) {
    this.#events = events;
  }

  /** A frame an event. */
  get single(): Buffer {
    this.#single ??= framesOf(this.#events.map((event) => eventPrefix + event.text));
    return this.#single;
  }

  /** One frame for all. */
  get packed(): Buffer {
    if (this.#events.length === 1) return this.single;
    this.#packed ??= framesOf([`${eventPrefix}["${batchEvent}",[${this.#events.map((event) => event.text).join(',')}]]`]);
    return this.#packed;
  }

  /** A frame an event, for who speaks plain JSON. */
  get plain(): Buffer {
    this.#plain ??= framesOf(this.#events.map(plainEvent));
    return this.#plain;
  }

  /** Socket.IO's packets, without Engine.IO's type. */
  get packets(): readonly string[] {
    this.#packets ??= this.#events.map((event) => eventType + event.text);
    return this.#packets;
  }
}

/** The answer to one request, by its id. */
export class Acknowledgement implements Written {
  readonly packets: readonly [string];

  constructor(id: number, answer: unknown) {
    this.packets = [`${ackType}${id}${JSON.stringify([answer])}`];
  }

  get single(): Buffer {
    return framesOf([messageType + this.packets[0]]);
  }

  get packed(): Buffer {
    return this.single;
  }

  /** There is none: whoever speaks plain JSON numbers no packets. */
  get plain(): Buffer {
    return this.single;
  }
}

/** `{"event":"name",…payload}` of `["name",{…payload}]`. */
export const plainEvent = ({ name, text }: Pick<RoomEvent, 'name' | 'text'>): string => {
  const said = JSON.stringify(name);
  // After `["name",` and before `]`.
  const payload = text.slice(said.length + 2, -1);
  return `{"event":${said}${payload === '{}' ? '}' : `,${payload.slice(1)}`}`;
};

/** What a server says to hear whether a client is still there. */
export const pingFrame = (): Buffer => framesOf(['2']);

/** The same as WebSockets have it. */
export const plainPingFrame = (): Buffer => Buffer.from([0x89, 0]);

/** A text as one frame. */
export const textFrame = (text: string): Buffer => framesOf([text]);

/** Unmasked text frames (RFC 6455, 5.2), as a server sends them. */
const framesOf = (texts: readonly string[]): Buffer => {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const buffer = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length + headerLength(length), 0));
  let at = 0;
  for (const [i, text] of texts.entries()) {
    at = writeHeader(buffer, at, lengths[i]!);
    at += buffer.write(text, at);
  }
  return buffer;
};

const headerLength = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10);

const finalText = 0x81;

const writeHeader = (buffer: Buffer, at: number, length: number): number => {
  buffer[at] = finalText;
  if (length < 126) {
    buffer[at + 1] = length;
    return at + 2;
  }
  if (length < 65_536) {
    buffer[at + 1] = 126;
    return buffer.writeUInt16BE(length, at + 2);
  }
  buffer[at + 1] = 127;
  return buffer.writeBigUInt64BE(BigInt(length), at + 2);
};
