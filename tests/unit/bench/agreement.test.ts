import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { agreements, agreementTable, readRows } from '../../../bench/suite/agreement.js';
import { BadArguments } from '../../../bench/suite/options.js';
import type { Row } from '../../../bench/suite/workload.js';

const row = (ratio: number | null, changes: Partial<Row> = {}): Row => ({
  ...{ id: 1, name: 'fan-out', unit: 'deliveries/s', figure: ratio === null ? null : ratio * 100, peer: 100, ratio },
  ...{ goal: '≥ 1', held: ratio !== null && ratio >= 1, note: '' },
  ...changes,
});

describe('several runs', () => {
  test('agree while no ratio is further than a fifth from the median', () => {
    const [near] = agreements([[row(1)], [row(1.2)], [row(0.8)]]);
    expect(near).toMatchObject({ ratios: [1, 1.2, 0.8], agree: true, held: [true, true, false] });
    expect(near!.spread).toBeCloseTo(0.2);
    expect(agreements([[row(1)], [row(1.25)], [row(0.9)]])[0]).toMatchObject({ agree: false });
    expect(agreements([[row(1)], [row(1.6)]])[0]!.spread).toBeCloseTo(0.3 / 1.3);
  });

  test('do not agree where one of them counted for nothing', () => {
    expect(agreements([[row(1)], [row(null)], [row(1)]])[0]).toMatchObject({ agree: false, spread: 0, ratios: [1, null, 1] });
    expect(agreements([[row(1)], [], [row(1)]])[0]).toMatchObject({ agree: false });
  });

  test('have nothing to compare where no run has a ratio', () => {
    expect(agreements([[row(null)], [row(null)]])[0]).toMatchObject({ agree: null, spread: null });
    expect(agreements([[row(0)], [row(0)]])[0]).toMatchObject({ agree: true, spread: 0 });
  });

  test('tell rows of one workload apart by name and by unit', () => {
    const one = [row(1), row(2, { name: 'packed' }), row(3, { unit: 'KB' })];
    expect(agreements([one, [...one].reverse()]).map(({ ratios }) => ratios)).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  test('are a table', () => {
    const lines = agreementTable(agreements([[row(1)], [row(0.5)], [row(1)]])).split('\n');
    expect(lines[0]).toBe('#  workload  unit          Parley 1  Parley 2  Parley 3  ratio 1  ratio 2  ratio 3  apart          goal');
    expect(lines[2]).toBe(
      '1  fan-out   deliveries/s       100        50       100     1.00     0.50     1.00   50 %  DIFFER  ≥ 1   held 2 of 3',
    );
  });
});

describe('a file of rows', () => {
  test('is what a run wrote, and nothing else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-agreement-'));
    try {
      const file = (name: string, text: string): string => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
      };
      expect(readRows(file('good', JSON.stringify({ rows: [row(1)] })))).toEqual([row(1)]);
      expect(() => readRows(file('other', '{"rows": [{"id": 1}]}'))).toThrow(BadArguments);
      expect(() => readRows(file('text', 'rows'))).toThrow(BadArguments);
      expect(() => readRows(join(folder, 'none'))).toThrow(BadArguments);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
