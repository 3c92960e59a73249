import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { type ArchivedMessage, busiest, fullestStretch, readArchive } from '../../../bench/growth/archive.js';

const said = (at: number, community = 'a'): ArchivedMessage => ({ community, thread: 't', author: 'x', at, content: String(at) });

describe('an archive to be replayed', () => {
  test('is read plain or gzipped; what is no message is passed over, what may not be said is taken out', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-archive-'));
    const line = { community: 'c', thread: 't', author: 'x', at: '2020-01-01T00:00:00Z', content: 'a\u0000b\ud800c😀' };
    const text = [JSON.stringify(line), '', '{"broken', JSON.stringify({ ...line, at: 'soon' })].join('\n');
    try {
      writeFileSync(join(folder, 'plain.jsonl'), text);
      writeFileSync(join(folder, 'packed.jsonl.gz'), gzipSync(text));
      const expected = [{ ...line, at: Date.parse(line.at), content: 'abc😀' }];
      expect(await readArchive(join(folder, 'plain.jsonl'))).toEqual(expected);
      expect(await readArchive(join(folder, 'packed.jsonl.gz'))).toEqual(expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('the busiest communities are those with the most messages', () => {
    expect(busiest([said(1, 'a'), said(2, 'b'), said(3, 'b'), said(4, 'c'), said(5, 'c')], 2)).toEqual(new Set(['b', 'c']));
  });

  test('the fullest stretch holds the most messages of any of its length', () => {
    const messages = [0, 10, 100, 101, 105, 109, 200].map((at) => said(at));
    expect(fullestStretch(messages, 10).map(({ at }) => at)).toEqual([100, 101, 105, 109]);
    expect(fullestStretch(messages, 1_000)).toHaveLength(7);
    expect(fullestStretch([], 10)).toEqual([]);
  });
});
