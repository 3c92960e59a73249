import { describe, expect, test } from '@jest/globals';
import { parseLine } from '../../../scripts/import/line.js';

const now = Date.UTC(2026, 0, 1);
const good = { community: 'C', thread: 'T', author: 'A', at: '2020-01-01T00:00:00.000Z', content: 'hello' };
const parse = (patch: object) => parseLine(JSON.stringify({ ...good, ...patch }), now);

test('a good line, with fields that nobody knows', () => {
  expect(parse({ extra: 1 })).toEqual({ ok: true, line: { ...good, at: Date.UTC(2020, 0, 1) } });
});

test('what Parley lets nobody send is taken out, the rest stays as it is', () => {
  expect(parse({ content: '\bbackspace \ud83d half \ud83d\ude00' })).toMatchObject({
    ok: true,
    line: { content: 'backspace  half \ud83d\ude00' },
  });
  expect(parse({ thread: ' two  spaces\u200b\nand a line end' })).toMatchObject({
    ok: true,
    line: { thread: 'two  spaces and a line end' },
  });
  expect(parse({ author: 'Ann\u3164 ', thread: 'docu\u00admentation', community: 'می\u200cخواهم 👩\u200d💻' })).toMatchObject({
    ok: true,
    line: { author: 'Ann', thread: 'documentation', community: 'می\u200cخواهم 👩\u200d💻' },
  });
  expect(parse({ author: ' Ann\u00a0' })).toMatchObject({ ok: true, line: { author: 'Ann' } });
});

describe('lines that cannot be taken name the field, never the value', () => {
  test.each<[string, object | string, string]>([
    ['not JSON', '{"community":', 'is not JSON'],
    ['not an object', '[]', 'expected object'],
    ['no author', { author: undefined }, 'author: '],
    ['empty content', { content: ' \b ' }, 'content: '],
    ['long content', { content: 'x'.repeat(10_001) }, 'content: '],
    ['long title', { thread: 'x'.repeat(201) }, 'thread: '],
    ['content that is no text', { content: { $ne: null } }, 'content: '],
    ['no time', { at: 'yesterday' }, 'at: '],
    ['a time without a zone', { at: '2020-01-01T00:00:00' }, 'at: '],
    ['before 1970', { at: '1969-12-31T23:59:59.000Z' }, 'at: '],
    ['the future', { at: '2026-02-01T00:00:00.000Z' }, 'at: lies in the future'],
  ])('%s', (_what, input, reason) => {
    const parsed = typeof input === 'string' ? parseLine(input, now) : parse(input);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) {
      expect(parsed.reason).toContain(reason);
      expect(parsed.reason).not.toContain('yesterday');
    }
  });
});
