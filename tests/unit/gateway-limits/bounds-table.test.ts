import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { mostPipelined } from '../../../src/gateway/rest/pipelines.js';
import { connectionBounds } from '../../../src/gateway/socket/admission.js';
import { inletBounds } from '../../../src/gateway/socket/inlet-bounds.js';
import { defaultMarks } from '../../../src/gateway/socket/reader-stage.js';
import { limits } from '../../../src/protocol/access.js';
import { bounds } from '../../../src/protocol/primitives.js';

/** docs/operations.md lists every bound that a client can meet, with the number that the code has. */
const page = readFileSync('docs/operations.md', 'utf8');
const rows = page
  .slice(page.indexOf('\n## Bounds\n'), page.indexOf('\n## Logs\n'))
  .split('\n')
  .filter((line) => line.startsWith('| '));

const shown = (value: number): string =>
  value % 1_048_576 === 0 && value > 16_777_216 ? `${value / 1_048_576} MiB` : value.toLocaleString('en');
/** Numbers with their names: `entering.total`; a reader's mark has two. */
const named = (object: object, prefix = ''): [string, number][] =>
  Object.entries(object).flatMap(([key, value]: [string, unknown]): [string, number][] => {
    if (typeof value === 'number') return [[key === 'bytes' || key === 'packets' ? prefix.slice(0, -1) : prefix + key, value]];
    return named(value as object, `${prefix}${key}.`);
  });

const { frameBytes, depth, syncPage, page: pageSize } = bounds;
const all = [
  ...named(connectionBounds).filter(([name]) => name !== 'begun.end'),
  ...named(inletBounds),
  ...named(defaultMarks),
  ...named({ mostPipelined, frameBytes, depth, syncPage, page: pageSize }),
];

describe('the table of bounds', () => {
  test.each(all)('has %s with %s', (name, value) => {
    const row = rows.find((line) => line.includes(`\`${name}\``)) ?? '';
    // As a number of its own, not within another.
    expect(row).toMatch(new RegExp(`(?<![d,])${shown(value)}(?!,?d)`));
  });

  test.each(Object.entries(limits))('has the limit %s', (name, { points, seconds, by }) => {
    const row = rows.find((line) => line.startsWith(`| \`${name}\``)) ?? '';
    expect(row).toContain(`| ${shown(points)} in ${shown(seconds)} s | ${by} |`);
  });

  test('has every bound that the metric counts', () => {
    const sources = readdirSync('src/gateway', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const text = sources.map((file) => readFileSync(`src/gateway/${file}`, 'utf8')).join('\n');
    const counted = [...text.matchAll(/boundsMet\.inc\(\{ bound: '(\w+)'|#(?:end|full)\('(\w+)'/g)].map(([, one, other]) => one ?? other);
    expect(new Set(counted).size).toBeGreaterThanOrEqual(12);
    for (const bound of counted) expect([bound, rows.some((line) => line.includes(`\`${bound}\``))]).toEqual([bound, true]);
  });
});
