import type { Row } from './workload.js';

/** Three significant digits, without exponents; large numbers in groups. */
export const number = (value: number | null): string => {
  if (value === null) return '–';
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en-US').replaceAll(',', ' ');
  return String(Number(value.toPrecision(3)));
};

const ratio = (value: number | null): string => (value === null ? '–' : value.toFixed(2));
export const verdict = (held: boolean | null): string => (held === null ? '' : held ? 'held' : 'NOT HELD');

const heads = ['#', 'workload', 'Parley', 'peer', 'unit', 'ratio', 'goal', ''];
const toTheRight = [0, 2, 3, 5];

export const cellsOf = (row: Row): string[] => [
  String(row.id),
  row.name,
  number(row.figure),
  number(row.peer),
  row.unit,
  ratio(row.ratio),
  row.goal ?? '',
  verdict(row.held),
];

/** A line of heads, one of dashes, and one a row, in columns. */
export const aligned = (heads: readonly string[], rows: readonly (readonly string[])[], toTheRight: readonly number[]): string[] => {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (toTheRight.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(heads), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)];
};

/** For a terminal: a line a row, its note below it. */
export const table = (rows: readonly Row[]): string => {
  const [head, dashes, ...lines] = aligned(heads, rows.map(cellsOf), toTheRight);
  const below = ' '.repeat(dashes!.indexOf(' ') + 2);
  return [head, dashes, ...rows.flatMap((row, i) => [lines[i]!, ...(row.note ? [below + row.note] : [])])].join('\n');
};
