import { expect, test } from '@jest/globals';
import { serialize } from 'bson';
import fc from 'fast-check';
import { joined, parted } from '../../../scripts/backup/documents.js';

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const all = async (pieces: AsyncIterable<Uint8Array>): Promise<Buffer[]> => {
  const found: Buffer[] = [];
  for await (const piece of pieces) found.push(Buffer.from(piece));
  return found;
};

/** Cut behind each so many bytes, in turns. */
const cut = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
};

test('documents come back as they were, however they were cut into pieces', async () => {
  const documents = fc.array(
    fc.string({ maxLength: 300 }).map((text) => Buffer.from(serialize({ text }))),
    { maxLength: 20 },
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(documents, sizes, fc.integer({ min: 1, max: 1_000 }), async (given, cuts, size) => {
      const bytes = Buffer.concat(await all(joined(each(given), size)));
      expect(bytes.equals(Buffer.concat(given))).toBe(true);
      expect(await all(parted(each(cut(bytes, cuts))))).toEqual(given);
    }),
  );
});

test('what ends within a document is told, and so is what is none', async () => {
  const one = Buffer.from(serialize({ text: 'hello' }));
  for (const bytes of [one.subarray(0, 2), one.subarray(0, -1), Buffer.concat([one, one.subarray(0, 7)])]) {
    await expect(all(parted(each([bytes])))).rejects.toThrow('it ends within a document');
  }
  for (const length of [-1, 0, 4, 0x7fffffff]) {
    const bytes = Buffer.from(one);
    bytes.writeInt32LE(length);
    await expect(all(parted(each([bytes])))).rejects.toThrow('no document');
  }
});
