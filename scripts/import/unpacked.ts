import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { constants, createGunzip } from 'node:zlib';

/** How it stands with a packed file. `unclear`: it is cut short, or has several parts. */
export interface Health {
  state: 'whole' | 'damaged' | 'unclear';
}

/**
 * Unpacks gzip as far as it goes: of a file that was cut short or damaged all that can be read comes first, and then `health` tells
 * of it. A gunzip of Node's own throws what it has unpacked away with the error.
 */
export async function* unpacked(packed: AsyncIterable<Buffer>, health: Health): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  let ready: Buffer[] = [];
  let failure: Error | undefined;
  let length = 0;
  const closed = new Promise<void>((resolve) => {
    gunzip.once('close', resolve);
    gunzip.once('end', resolve);
  });
  gunzip.on('data', (chunk: Buffer) => {
    ready.push(chunk);
    length += chunk.length;
  });
  gunzip.on('error', (error: Error) => {
    failure = error;
  });
  const taken = function* (): Iterable<Buffer> {
    const chunks = ready;
    ready = [];
    yield* chunks;
  };
  let tail = Buffer.alloc(0);
  try {
    for await (const chunk of packed) {
      tail = Buffer.concat([tail, chunk]).subarray(-trailer);
      await Promise.race([new Promise<void>((resolve) => gunzip.write(chunk, () => resolve())), closed]);
      yield* taken();
      if (failure) break;
    }
    if (!failure) gunzip.end();
    await closed;
    yield* taken();
  } finally {
    gunzip.destroy();
  }
  if (failure) health.state = 'damaged';
  // The last four bytes of a whole file tell how long the last of its parts is, most often the only one.
  else if (tail.length < trailer || tail.readUInt32LE(trailer - 4) !== length % 2 ** 32) health.state = 'unclear';
}

/** Checksum and length, behind all that is packed. */
const trailer = 8;

/** Whether a packed file can be unpacked to its end: for files of several parts, whose length the last part does not tell. */
export const isWhole = async (packed: AsyncIterable<Buffer>): Promise<boolean> => {
  const gunzip = createGunzip();
  gunzip.resume();
  const ended = once(gunzip, 'end').then(
    () => true,
    () => false,
  );
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for await (const chunk of packed) {
    if (isOver) break;
    await Promise.race([new Promise<void>((resolve) => gunzip.write(chunk, () => resolve())), ended]);
  }
  if (!gunzip.destroyed) gunzip.end();
  return ended;
};

export const isGzip = async (path: string): Promise<boolean> => {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
};
