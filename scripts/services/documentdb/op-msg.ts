/**
 * The MongoDB wire protocol, as far as drivers need it: OP_MSG both ways and the OP_QUERY of the first handshake. Documents stay
 * the bytes they came as; only what the gateway answers itself is ever decoded.
 */
export const maxMessageBytes = 48_000_000;
export const headerBytes = 16;

const opReply = 1;
const opQuery = 2004;
const opMsg = 2013;
const checksumPresent = 1;
const moreToCome = 2;

/** One request. `sequence` is the raw bytes of the documents that came beside the command, under the name `sequenceName`. */
export interface WireRequest {
  id: number;
  legacy: boolean;
  wantsReply: boolean;
  command: Buffer;
  sequenceName: string | undefined;
  sequence: Buffer | undefined;
}

/** The bytes cannot be a request; the connection that sent them is closed. */
export class WireError extends Error {}

/** Cuts a stream of bytes into whole messages. What is not complete yet waits, without being copied again and again. */
export class MessageReader {
  #chunks: Buffer[] = [];
  #buffered = 0;

  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const messages: Buffer[] = [];
    for (let message = this.#take(); message; message = this.#take()) messages.push(message);
    return messages;
  }

  #take(): Buffer | undefined {
    if (this.#buffered < headerBytes) return undefined;
    if (this.#chunks[0]!.length < 4) this.#join();
    const length = this.#chunks[0]!.readInt32LE(0);
    if (length < headerBytes || length > maxMessageBytes) throw new WireError(`a message of ${length} bytes`);
    if (this.#buffered < length) return undefined;
    if (this.#chunks[0]!.length < length) this.#join();
    const first = this.#chunks[0]!;
    const message = first.subarray(0, length);
    if (first.length === length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(length);
    this.#buffered -= length;
    return message;
  }

  #join(): void {
    this.#chunks = [Buffer.concat(this.#chunks)];
  }
}

/** Reads one whole message. */
export const parseRequest = (message: Buffer): WireRequest => {
  const id = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  try {
    if (opCode === opMsg) return parseOpMsg(message, id);
    if (opCode === opQuery) return parseOpQuery(message, id);
  } catch (error) {
    if (error instanceof WireError) throw error;
    throw new WireError('a truncated message');
  }
  throw new WireError(`an unknown operation ${opCode}`);
};

const parseOpMsg = (message: Buffer, id: number): WireRequest => {
  const flags = message.readUInt32LE(headerBytes);
  const end = message.length - (flags & checksumPresent ? 4 : 0);
  const request: WireRequest = {
    id,
    legacy: false,
    wantsReply: !(flags & moreToCome),
    command: Buffer.alloc(0),
    sequenceName: undefined,
    sequence: undefined,
  };
  let at = headerBytes + 4;
  while (at < end) {
    const kind = message[at++];
    const length = message.readInt32LE(at);
    if (length < 5 || at + length > end) throw new WireError('a section longer than its message');
    if (kind === 0) {
      request.command = message.subarray(at, at + length);
    } else if (kind === 1) {
      const nameEnd = message.indexOf(0, at + 4);
      if (nameEnd < 0 || nameEnd >= at + length) throw new WireError('a section without a name');
      if (request.sequence) throw new WireError('two document sequences');
      request.sequenceName = message.toString('latin1', at + 4, nameEnd);
      request.sequence = message.subarray(nameEnd + 1, at + length);
    } else {
      throw new WireError(`an unknown section ${kind}`);
    }
    at += length;
  }
  if (request.command.length === 0) throw new WireError('a message without a command');
  return request;
};

const parseOpQuery = (message: Buffer, id: number): WireRequest => {
  const nameEnd = message.indexOf(0, headerBytes + 4);
  const at = nameEnd + 1 + 8;
  const length = message.readInt32LE(at);
  if (nameEnd < 0 || length < 5 || at + length > message.length) throw new WireError('a truncated query');
  return { id, legacy: true, wantsReply: true, command: message.subarray(at, at + length), sequenceName: undefined, sequence: undefined };
};

let replyId = 0;

/** The head of a reply; the document's own bytes follow it on the socket. */
export const replyHead = (request: Pick<WireRequest, 'id' | 'legacy'>, bodyBytes: number): Buffer => {
  const head = Buffer.alloc(request.legacy ? headerBytes + 20 : headerBytes + 5);
  replyId = (replyId + 1) & 0x7fffffff;
  head.writeInt32LE(head.length + bodyBytes, 0);
  head.writeInt32LE(replyId, 4);
  head.writeInt32LE(request.id, 8);
  head.writeInt32LE(request.legacy ? opReply : opMsg, 12);
  if (request.legacy) head.writeInt32LE(1, headerBytes + 16);
  return head;
};
