import { opcodes } from './frame-reader.js';

/** A client's frame. Masked as the protocol demands, with the key 0, under which the payload stays as it is. */
const frame = (opcode: number, payload: string): Buffer => {
  const length = Buffer.byteLength(payload);
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const bytes = Buffer.alloc(6 + extra + length);
  bytes[0] = 0x80 | opcode;
  bytes[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) bytes.writeUInt16BE(length, 2);
  if (extra === 8) bytes.writeBigUInt64BE(BigInt(length), 2);
  bytes.write(payload, 6 + extra);
  return bytes;
};

export const textFrame = (payload: string): Buffer => frame(opcodes.text, payload);
export const pongFrame = (payload: string): Buffer => frame(opcodes.pong, payload);
