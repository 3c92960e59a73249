import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
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
    { number: 1, text: null },
    { number: 2, text: 'ok' },
    { number: 3, text: null },
  ]);
});

const read = async (path: string) => {
  const file = await LineFile.open(path);
  const texts = [];
  for await (const { text } of file.lines(1_000)) texts.push(text);
  return texts;
};

test('plain and packed files are told apart by what is in them', async () => {
  const content = 'one\ntwo\n';
  writeFileSync(join(folder, 'plain.gz'), content);
  writeFileSync(join(folder, 'packed.jsonl'), gzipSync(content));
  expect(await read(join(folder, 'plain.gz'))).toEqual(['one', 'two']);
  expect(await read(join(folder, 'packed.jsonl'))).toEqual(['one', 'two']);
});

test('a packed file that is cut off fails, after the lines that are whole', async () => {
  const whole = gzipSync(Array.from({ length: 2_000 }, (_, i) => `line ${i} ${Math.random()}`).join('\n'));
  writeFileSync(join(folder, 'cut.gz'), whole.subarray(0, whole.length - 2_000));
  await expect(read(join(folder, 'cut.gz'))).rejects.toThrow();
});

test('leaving early closes the file', async () => {
  writeFileSync(join(folder, 'long'), 'x\n'.repeat(1_000_000));
  const file = await LineFile.open(join(folder, 'long'));
  for await (const { number } of file.lines(10)) if (number === 3) break;
});
