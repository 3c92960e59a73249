import type { Guard } from './guard.js';
import type { JestOutcome } from './jest-run.js';
import type { SimOutcome } from './sim-run.js';

export interface GuardVerdict {
  guard: string;
  noticed: boolean;
  /** The first test that failed, or why the guard does not count as noticed. */
  by: string;
  /** How many more tests failed. */
  others: number;
  seconds: number;
  /** What the simulation says; absent where it was not asked. */
  simulated?: string;
}

/** A guard is noticed when a test ran and failed; a project that no longer loads proves nothing. */
export const verdictOn = ({ name, tests }: Guard, { failed, broken, silent, seconds }: JestOutcome): GuardVerdict => {
  const verdict = { guard: name, others: Math.max(0, failed.length - 1), seconds };
  if (silent !== undefined) return { ...verdict, noticed: false, by: `the tests told nothing: ${silent.trim().split('\n').at(-1)}` };
  if (failed[0] !== undefined) return { ...verdict, noticed: true, by: failed[0] };
  if (broken.length > 0) return { ...verdict, noticed: false, by: `could not be run: ${broken.join(', ')}` };
  return { ...verdict, noticed: false, by: `nobody (${tests.join(', ')})` };
};

/** What the simulation says of a guard that is off; it proves nothing when it stays silent, since not every guard is in its way. */
export const simulatedText = ({ seeds, failure, broken, seconds }: SimOutcome): string => {
  const words = failure ?? (broken === undefined ? `none of ${seeds} seeds` : `broken: ${broken}`);
  return `${words} (${seconds.toFixed(0)} s)`;
};

/** One line a guard, as a table in plain text. */
export const tableOf = (verdicts: readonly GuardVerdict[]): string => {
  const withSeeds = verdicts.some(({ simulated }) => simulated !== undefined);
  const rows = verdicts.map(({ guard, noticed, by, others, seconds, simulated }) => [
    guard,
    noticed ? 'yes' : 'NO',
    `${seconds.toFixed(1)} s`,
    ...(withSeeds ? [simulated ?? ''] : []),
    others > 0 ? `${by} (and ${others} more)` : by,
  ]);
  const head = ['guard switched off', 'noticed', 'took', ...(withSeeds ? ['in the simulation'] : []), 'by'];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
