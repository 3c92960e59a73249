import { describe, expect, test } from '@jest/globals';
import { flatRow, type Series, seriesRows } from '../../../bench/growth/series.js';

const series = (points: Series['points'], violations: string[] = []): Series => ({
  ...{ id: 11, of: 'threads', cost: 'CPU a message', unit: 'µs', points, violations },
});

describe('a cost at growing sizes', () => {
  test('is a row a size, without a peer', () => {
    expect(seriesRows(series([[10_000, 7]]))).toEqual([
      expect.objectContaining({ id: 11, name: '10 000 threads: CPU a message', figure: 7, peer: null, ratio: null, held: null }),
    ]);
  });

  test('is flat when the largest size costs at most half as much again as the one it is compared with', () => {
    const growing: Series['points'] = [
      [1, 90],
      [10, 10],
      [100, 15],
    ];
    expect(flatRow(series(growing), 10)).toMatchObject({ figure: 1.5, held: true });
    expect(flatRow(series([...growing, [1_000, 16]]), 10)).toMatchObject({ figure: 1.6, held: false });
  });

  test('is not flat when it could not be measured, or when the run counts for nothing', () => {
    expect(
      flatRow(
        series([
          [1, 1],
          [10, null],
        ]),
        1,
      ),
    ).toMatchObject({ figure: null, held: false });
    expect(flatRow(series([[1, 1]], ['1 hole']), 1)).toMatchObject({ figure: null, held: false });
  });
});
