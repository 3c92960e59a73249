import { createHash, randomBytes } from 'node:crypto';

let bytesOf: (count: number) => Buffer = randomBytes;
let counter = randomBytes(3).readUIntBE(0, 3);
let processPart: Buffer = randomBytes(5);
const written = Buffer.alloc(12);

/**
 * For simulations: from here on ids and tokens come from these bytes, so that a run can be repeated. Without an argument they are
 * unguessable again.
 */
export const seedIds = (bytes: (count: number) => Buffer = randomBytes): void => {
  bytesOf = bytes;
  counter = bytes(3).readUIntBE(0, 3);
  processPart = bytes(5);
};

/**
 * A new id of 24 hex digits: seconds, process, counter. Ids made later sort later (to the second), on every node, which
 * lets a sweep find what is new by id alone.
 */
export const newId = (nowMs: number): string => {
  counter = (counter + 1) & 0xffffff;
  written.writeUInt32BE(Math.floor(nowMs / 1000), 0);
  processPart.copy(written, 4);
  written.writeUIntBE(counter, 9, 3);
  // One flat string: joined from pieces it would be kept as pieces.
  return written.toString('hex');
};

/** The lowest id that can have been made at a time: everything newer sorts after it. */
export const firstIdAt = (ms: number): string =>
  `${Math.max(0, Math.floor(ms / 1000))
    .toString(16)
    .padStart(8, '0')}0000000000000000`;

/** The same id for the same name, always: for things that are named by their origin, such as imported threads. */
export const idFromName = (kind: string, name: string): string =>
  createHash('sha256').update(kind).update('\0').update(name).digest('hex').slice(0, 24);

/** Unguessable text of 6 bits a character, safe in URLs. */
export const randomToken = (bytes = 32): string => bytesOf(bytes).toString('base64url');

/** A 32-bit hash that is the same on every node and every version: FNV-1a with a final mix. */
export const hash32 = (text: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};
