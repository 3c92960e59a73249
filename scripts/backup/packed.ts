import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { joined, parted } from './documents.js';
import type { Packed } from './manifest.js';

/** Hands on what passes. */
const counted = (hash: Hash, counts: (bytes: number) => void) =>
  async function* (pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      hash.update(piece);
      counts(piece.length);
      yield piece;
    }
  };

/**
 * Writes a new file of documents, packed, that its owner alone may read; it is on the disk when this resolves. Reads on only as fast as
 * it writes. Rejects when the signal comes.
 */
export const writePacked = async (path: string, documents: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<Packed> => {
  const hash = createHash('sha256');
  let count = 0;
  let bytes = 0;
  const each = async function* (): AsyncGenerator<Uint8Array> {
    for await (const document of documents) {
      count++;
      yield document;
    }
  };
  const file = await open(path, 'wx', 0o600);
  try {
    await pipeline(
      Readable.from(joined(each()), { highWaterMark: 2 }),
      createGzip(),
      async (pieces: AsyncIterable<Buffer>) => {
        for await (const piece of pieces) {
          hash.update(piece);
          bytes += piece.length;
          await file.appendFile(piece);
        }
      },
      { ...(signal && { signal }) },
    );
    await file.sync();
  } finally {
    await file.close();
  }
  return { documents: count, bytes, sha256: hash.digest('hex') };
};

/** The documents of a packed file. Throws at its end, or before, with a reason when it is not what is said of it. */
export async function* readPacked(path: string, said: Packed): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let count = 0;
  let bytes = 0;
  const file = createReadStream(path);
  const gunzip = createGunzip();
  const unpacked = pipeline(
    file,
    counted(hash, (more) => {
      bytes += more;
    }),
    gunzip,
  );
  // What went wrong is told by reading; that it is told here too must not count as unheard.
  unpacked.catch(() => undefined);
  try {
    for await (const document of parted(gunzip)) {
      count++;
      yield document;
    }
    await unpacked;
  } catch (error) {
    throw new Error(reasonOf(error));
  } finally {
    file.destroy();
    gunzip.destroy();
  }
  if (bytes !== said.bytes) throw new Error(`it has ${bytes} bytes, not ${said.bytes}`);
  if (hash.digest('hex') !== said.sha256) throw new Error('its SHA-256 is another than that in the manifest');
  if (count !== said.documents) throw new Error(`it holds ${count} documents, not ${said.documents}`);
}

const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'it is missing';
  if (code === 'Z_BUF_ERROR') return 'it is cut short';
  return code?.startsWith('Z_') ? `it cannot be unpacked (${message})` : message;
};
