import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { deserialize, serialize } from 'bson';
import type { Packed } from '../../../scripts/backup/manifest.js';
import { readPacked, writePacked } from '../../../scripts/backup/packed.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-packed-'));
  path = join(folder, 'some.bson.gz');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function* numbers(count: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < count; n++) yield serialize({ n, text: 'word '.repeat(n % 50) });
}
const read = async (said: Packed): Promise<number[]> => {
  const found: number[] = [];
  for await (const raw of readPacked(path, said)) found.push(deserialize(raw).n);
  return found;
};

/** To its end, whatever is in it. */
const readAll = async (said: Packed): Promise<void> => {
  for await (const raw of readPacked(path, said)) expect(raw.length).toBeGreaterThan(4);
};

test('gives back what it was given, and its owner alone may read it', async () => {
  const said = await writePacked(path, numbers(5_000));
  expect(said).toMatchObject({ documents: 5_000, bytes: statSync(path).size });
  expect(await read(said)).toEqual([...Array(5_000).keys()]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('of nothing there is a whole file too', async () => {
  const said = await writePacked(path, numbers(0));
  expect(said.documents).toBe(0);
  expect(await read(said)).toEqual([]);
});

test('writes over nothing', async () => {
  writeFileSync(path, 'mine');
  await expect(writePacked(path, numbers(1))).rejects.toThrow('EEXIST');
  expect(readFileSync(path, 'utf8')).toBe('mine');
});

test('what cannot be read to its end is no file', async () => {
  const broken = async function* () {
    yield* numbers(10);
    throw new Error('the store went away');
  };
  await expect(writePacked(path, broken())).rejects.toThrow('the store went away');
  await expect(writePacked(join(folder, 'other'), numbers(10), AbortSignal.abort(new Error('enough')))).rejects.toThrow();
});

const damages: [string, (bytes: Buffer, said: Packed) => [Buffer, Packed], RegExp][] = [
  ['is cut short', (bytes, said) => [bytes.subarray(0, -20), said], /cut short/],
  ['is empty', (_, said) => [Buffer.alloc(0), said], /cut short|0 bytes/],
  ['was tampered with', (bytes, said) => [flipped(bytes), said], /cannot be unpacked|SHA-256|no document|within a document/],
  ['was packed anew', (bytes, said) => repacked(gzipSync(gunzipSync(bytes), { level: 1 }), said), /SHA-256/],
  ['has more than was said', (bytes, said) => [bytes, { ...said, documents: said.documents - 1 }], /holds 300 documents, not 299/],
  ['has another length', (bytes, said) => [bytes, { ...said, bytes: said.bytes + 1 }], /bytes, not/],
  ['is something else', (_, said) => [Buffer.from('hello'), said], /cannot be unpacked/],
];
const flipped = (bytes: Buffer): Buffer => {
  const other = Buffer.from(bytes);
  other[other.length >> 1]! ^= 0x10;
  return other;
};
const repacked = (bytes: Buffer, said: Packed): [Buffer, Packed] => [bytes, { ...said, bytes: bytes.length }];

test.each(damages)('a file that %s is told', async (_what, damage, why) => {
  const said = await writePacked(path, numbers(300));
  const [bytes, claimed] = damage(readFileSync(path), said);
  writeFileSync(path, bytes);
  await expect(readAll(claimed)).rejects.toThrow(why);
});

test('one that is missing is told', async () => {
  const said = await writePacked(path, numbers(3));
  rmSync(path);
  await expect(read(said)).rejects.toThrow('it is missing');
});

test('one who stops reading early leaves nothing open and hears nothing', async () => {
  const said = await writePacked(path, numbers(5_000));
  for await (const raw of readPacked(path, said)) if (deserialize(raw).n === 3) break;
});
