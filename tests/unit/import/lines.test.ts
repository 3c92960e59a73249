import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LineFile, splitLines } from '../../../scripts/import/lines.js';

const split = async (chunks: string[], max = 100) => {
  const found = [];
  const source = async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  };
  for await (const line of splitLines(source(), max)) found.push(line);
  return found;
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-import-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('lines are numbered as an editor does, across chunks, with and without a last line end', async () => {
  expect(await split(['a\nb', 'c\r\n\n', 'd'])).toEqual([
    { number: 1, text: 'a' },
    { number: 2, text: 'bc' },
    { number: 4, text: 'd' },
  ]);
  expect(await split(['a\n'])).toEqual([{ number: 1, text: 'a' }]);
  expect(await split(['\ufeffa\n'])).toEqual([{ number: 1, text: 'a' }]);
});

test('a character cut by a chunk border stays whole', async () => {
  const bytes = Buffer.from('é\n');
  const source = async function* () {
    yield bytes.subarray(0, 1);
    yield bytes.subarray(1);
  };
  const found = [];
  for await (const line of splitLines(source(), 10)) found.push(line.text);
  expect(found).toEqual(['é']);
});

test('a line that is too long is told of and not kept, the next one is fine', async () => {
  expect(await split(['x'.repeat(60), 'x'.repeat(60), `${'x'.repeat(60)}\nok\n`, 'y'.repeat(101)])).toEqual([
    { number: 1, text: null, reason: 'is longer than 100 bytes' },
    { number: 2, text: 'ok' },
    { number: 3, text: null, reason: 'is longer than 100 bytes' },
  ]);
});

describe('what is not UTF-8 is told of by its line, and the others are fine', () => {
  const bytes = (...parts: (string | number[] | Buffer)[]) =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part as Uint8Array))));
  test.each<[string, Buffer]>([
    ['Latin-1', bytes('caf', [0xe9])],
    ['Windows-1252', bytes([0x93], 'word', [0x94])],
    ['a character that is cut', bytes('x', [0xe2, 0x82])],
    ['one written too long', bytes([0xc0, 0xaf])],
    ['half a pair', bytes([0xed, 0xa0, 0xbd])],
    ['beyond all characters', bytes([0xf4, 0x90, 0x80, 0x80])],
    ['UTF-16', bytes([0xff, 0xfe, 0x61, 0x00])],
  ])('%s', async (_what, line) => {
    const source = async function* () {
      yield bytes('é\n', line, '\nlast \ufffd');
    };
    const lines = [];
    for await (const one of splitLines(source(), 100)) lines.push(one);
    expect(lines).toEqual([
      { number: 1, text: 'é' },
      { number: 2, text: null, reason: 'is not UTF-8' },
      { number: 3, text: 'last \ufffd' },
    ]);
  });
});

const read = async (path: string) => {
  const file = await LineFile.open(path);
  const texts = [];
  for await (const { text } of file.lines(1_000)) texts.push(text);
  return { texts, damage: file.damage };
};

test('plain and packed files are told apart by what is in them', async () => {
  const content = 'one\ntwo\n';
  writeFileSync(join(folder, 'plain.gz'), content);
  writeFileSync(join(folder, 'packed.jsonl'), gzipSync(content));
  expect(await read(join(folder, 'plain.gz'))).toEqual({ texts: ['one', 'two'], damage: null });
  expect(await read(join(folder, 'packed.jsonl'))).toEqual({ texts: ['one', 'two'], damage: null });
});

describe('a packed file', () => {
  const all = Array.from({ length: 20_000 }, (_, i) => `line ${i} ${randomBytes(20).toString('hex')}`);
  const packed = gzipSync(`${all.join('\n')}\n`);
  const readBytes = (bytes: Buffer) => {
    const path = join(folder, 'some.gz');
    writeFileSync(path, bytes);
    return read(path);
  };

  test.each([0.1, 0.5, 0.95, 0.999])('that is cut off at %d of its length gives every line that can be read, and says so', async (part) => {
    const { texts, damage } = await readBytes(packed.subarray(0, Math.floor(packed.length * part)));
    expect(damage).toBe('is cut short');
    // Unpacking stands behind by less than a block of the packer, and the last line is torn.
    expect(texts.length).toBeGreaterThan(all.length * part - 1_500);
    expect(texts.slice(0, -1)).toEqual(all.slice(0, texts.length - 1));
  });

  test.each([1, 4, 8, 9])('that lacks its last %d bytes is told of', async (count) => {
    const { texts, damage } = await readBytes(packed.subarray(0, -count));
    expect(damage).toBe('is cut short');
    expect(texts).toHaveLength(all.length);
  });

  test('that is damaged in its middle gives the lines before', async () => {
    const damaged = Buffer.from(packed);
    const middle = Math.floor(packed.length / 2);
    damaged.fill(0xff, middle, middle + 400);
    const { texts, damage } = await readBytes(damaged);
    expect(damage).toBe('is damaged');
    expect(texts.length).toBeGreaterThan(all.length / 2 - 3_000);
    expect(texts[0]).toBe(all[0]);
  });

  test('whose checksum is wrong is damaged', async () => {
    const damaged = Buffer.from(packed);
    damaged[packed.length - 8]! ^= 1;
    expect((await readBytes(damaged)).damage).toBe('is damaged');
  });

  test('of several parts is whole', async () => {
    const parts = [all.slice(0, 5_000), all.slice(5_000, 5_001), all.slice(5_001)].map((some) => gzipSync(`${some.join('\n')}\n`));
    expect(await readBytes(Buffer.concat(parts))).toEqual({ texts: all, damage: null });
    expect((await readBytes(Buffer.concat(parts).subarray(0, -20))).damage).toBe('is cut short');
  });

  test('that is packed very tightly is read in bounds', async () => {
    const { texts, damage } = await readBytes(gzipSync('x\n'.repeat(300_000)));
    expect(texts).toHaveLength(300_000);
    expect(damage).toBeNull();
  });
});

test('leaving early closes the file', async () => {
  writeFileSync(join(folder, 'long'), 'x\n'.repeat(1_000_000));
  const file = await LineFile.open(join(folder, 'long'));
  for await (const { number } of file.lines(10)) if (number === 3) break;
});
