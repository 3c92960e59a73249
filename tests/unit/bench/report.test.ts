import { describe, expect, test } from '@jest/globals';
import { BadArguments, parseBenchArguments } from '../../../bench/suite/options.js';
import { reportPage } from '../../../bench/suite/page.js';
import { plotSheet } from '../../../bench/suite/plot-sheet.js';
import { number, table } from '../../../bench/suite/table.js';
import type { Row } from '../../../bench/suite/workload.js';

const row = (changes: Partial<Row> = {}): Row => ({
  ...{ id: 1, name: 'fan-out', unit: 'deliveries/CPU s', figure: 123_456, peer: 61_728.4, ratio: 2, goal: '≥ 1.5', held: true, note: '' },
  ...changes,
});

describe('the table', () => {
  test('has a line a row with its note below it', () => {
    const lines = table([row({ note: 'stored' }), row({ id: 10, name: 'x', figure: null, ratio: null, held: false })]).split('\n');
    expect(lines[0]).toBe(' #  workload   Parley    peer  unit              ratio  goal');
    expect(lines[2]).toBe(' 1  fan-out   123 456  61 728  deliveries/CPU s   2.00  ≥ 1.5  held');
    expect(lines[3]).toBe('    stored');
    expect(lines[4]).toBe('10  x               –  61 728  deliveries/CPU s      –  ≥ 1.5  NOT HELD');
  });

  test('says numbers with three digits', () => {
    expect([0, 0.012345, 1.5, 12.345, 99.96, 100.4, 1_234_567, null].map(number)).toEqual([
      ...['0', '0.0123', '1.5', '12.3', '100', '100', '1 234 567', '–'],
    ]);
  });
});

const chart = {
  title: 'a < b',
  x: { label: 'members', log: true },
  y: { label: 'µs' },
  lines: [
    {
      name: 'ours',
      points: [
        [1, 2],
        [10, 3],
      ] as const,
    },
  ],
};

describe('the page', () => {
  test('shows rows, ratios and plots, and needs nothing from elsewhere', () => {
    const page = reportPage({ rows: [row(), row({ held: false, note: '<b>' })], charts: [chart], circumstances: ['2 cores'] });
    expect(page).toContain('1 of 2 goals not held');
    expect(page).toContain('a &lt; b');
    expect(page).toContain('&lt;b&gt;');
    expect(page.match(/<svg/g)).toHaveLength(2);
    expect(page).not.toMatch(/https?:|<script|NaN|undefined/);
  });

  test('of a run in which nothing could be measured', () => {
    const page = reportPage({ rows: [row({ figure: null, peer: null, ratio: null, held: false })], charts: [], circumstances: [] });
    expect(page).not.toMatch(/NaN|undefined/);
  });
});

describe('the sheet of plots', () => {
  test('has every chart, a legend where there are several lines, and is an image by itself', () => {
    const [line] = chart.lines;
    const sheet = plotSheet([chart, { ...chart, title: 'two', lines: [line!, { ...line!, name: 'theirs' }] }, chart]);
    expect(sheet.match(/class="title"/g)).toHaveLength(3);
    expect(sheet.match(/theirs<\/tspan>/g)).toHaveLength(1);
    expect(sheet).toContain('a &lt; b');
    expect(sheet).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 1160 720"/);
    expect(sheet).not.toMatch(/NaN|undefined/);
  });
});

describe('the arguments', () => {
  test('all workloads unless told otherwise, in the order of the suite', () => {
    const plain = { quick: false, archive: null, json: null, out: 'bench-report', compare: null };
    expect(parseBenchArguments([], [1, 2, 8], [11])).toEqual({ only: [1, 2, 8], ...plain });
    expect(parseBenchArguments(['--growth', '--archive', 'a.gz'], [1, 2, 8], [11])).toEqual({ only: [11], ...plain, archive: 'a.gz' });
    expect(parseBenchArguments(['--only', '11,2'], [1, 2, 8], [11])).toMatchObject({ only: [2, 11] });
    expect(parseBenchArguments(['--only', '8,1', '--quick', '--json', 'f'], [1, 2, 8])).toMatchObject({
      only: [1, 8],
      quick: true,
      json: 'f',
    });
    expect(parseBenchArguments(['--compare', 'a.json, b.json'], [1])).toMatchObject({ compare: ['a.json', 'b.json'] });
    expect(parseBenchArguments(['--help'], [1])).toBeNull();
  });

  test('what cannot be is refused', () => {
    expect(() => parseBenchArguments(['--only', '11'], [1])).toThrow(BadArguments);
    expect(() => parseBenchArguments(['--fast'], [1])).toThrow(BadArguments);
    expect(() => parseBenchArguments(['--compare', 'a.json'], [1])).toThrow(BadArguments);
  });
});
