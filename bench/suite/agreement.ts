import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { median } from './median.js';
import { BadArguments } from './options.js';
import { aligned, number, verdict } from './table.js';
import type { Row } from './workload.js';

/** Runs whose ratios are no further than this from their median agree. */
const within = 0.2;

/** One row of the result as several runs have it; null stands for a run that counted for nothing. */
export interface Agreement {
  row: Row;
  figures: readonly (number | null)[];
  ratios: readonly (number | null)[];
  /** The ratios' greatest distance from their median, as a share of it; null: fewer than two runs have one. */
  spread: number | null;
  /** Null: there is nothing to compare. A run without a ratio agrees with none that has one. */
  agree: boolean | null;
  held: readonly (boolean | null)[];
}

const spreadOf = (ratios: readonly number[]): number | null => {
  const middle = median(ratios);
  if (middle === null || ratios.length < 2) return null;
  if (middle === 0) return ratios.every((ratio) => ratio === 0) ? 0 : null;
  return Math.max(...ratios.map((ratio) => Math.abs(ratio / middle - 1)));
};

const keyOf = ({ id, name, unit }: Row): string => JSON.stringify([id, name, unit]);

/** Rows are one where workload, name and unit are; in the order of the first run, then of those that have more. */
export const agreements = (runs: readonly (readonly Row[])[]): Agreement[] => {
  const keys = [...new Set(runs.flatMap((rows) => rows.map(keyOf)))];
  return keys.map((key) => {
    const rows = runs.map((run) => run.find((row) => keyOf(row) === key));
    const ratios = rows.map((row) => row?.ratio ?? null);
    const known = ratios.filter((ratio) => ratio !== null);
    const spread = spreadOf(known);
    const compared = known.length > 0 && runs.length > 1;
    return {
      row: rows.findLast((row) => row !== undefined)!,
      figures: rows.map((row) => row?.figure ?? null),
      ratios,
      spread,
      agree: compared ? known.length === runs.length && spread !== null && spread <= within : null,
      held: rows.map((row) => row?.held ?? null),
    };
  });
};

const shared = (held: readonly (boolean | null)[]): string =>
  new Set(held).size === 1 ? verdict(held[0]!) : `held ${held.filter((is) => is === true).length} of ${held.length}`;

/** For a terminal, a line a row: what each run has, how far they are apart, and whether the goal was held. */
export const agreementTable = (rows: readonly Agreement[]): string => {
  const runs = rows[0]?.ratios.length ?? 0;
  const each = <T>(make: (run: number) => T): T[] => Array.from({ length: runs }, (_, run) => make(run));
  const heads = [
    '#',
    'workload',
    'unit',
    ...each((run) => `Parley ${run + 1}`),
    ...each((run) => `ratio ${run + 1}`),
    'apart',
    '',
    'goal',
    '',
  ];
  const right = [0, ...each((run) => 3 + run), ...each((run) => 3 + runs + run), 3 + 2 * runs];
  const cells = rows.map(({ row, figures, ratios, spread, agree, held }) => [
    String(row.id),
    row.name,
    row.unit,
    ...figures.map(number),
    ...ratios.map((ratio) => (ratio === null ? '–' : ratio.toFixed(2))),
    spread === null ? '–' : `${Math.round(spread * 100)} %`,
    agree === null ? '' : agree ? 'agree' : 'DIFFER',
    row.goal ?? '',
    row.goal === null ? '' : shared(held),
  ]);
  return aligned(heads, cells, right).join('\n');
};

const nullable = z.number().nullable();
const Result = z.object({
  rows: z.array(
    z.object({
      ...{ id: z.number(), name: z.string(), unit: z.string(), figure: nullable, peer: nullable, ratio: nullable },
      ...{ goal: z.string().nullable(), held: z.boolean().nullable(), note: z.string() },
    }),
  ),
});

/** What `--json` wrote. Throws BadArguments where a file is not there or is something else. */
export const readRows = (file: string): Row[] => {
  try {
    return Result.parse(JSON.parse(readFileSync(file, 'utf8'))).rows;
  } catch (error) {
    throw new BadArguments(`${file} is no result of a run (${error instanceof z.ZodError ? 'other fields' : (error as Error).message})`);
  }
};
