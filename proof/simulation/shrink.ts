import { type RunOptions, type RunResult, runSeed } from './run.js';

/** Runs that a search for a shorter one may take. */
const mostRuns = 60;

/**
 * The same seed with as few operations and faults as still break the same invariant: whole ranges are left out first, then halves
 * of what is left, and so on. Not always the least, but short enough to read.
 */
export const shrinkRun = async (failed: RunResult, options: RunOptions, mayGoOn: () => boolean): Promise<RunResult> => {
  const invariant = failed.violations[0]?.invariant;
  let best = failed;
  let runs = 0;
  const fails = async (operations: readonly number[], faults: readonly number[]): Promise<boolean> => {
    if (runs++ >= mostRuns || !mayGoOn()) return false;
    const result = await runSeed({ ...options, operations, faults }).catch(() => undefined);
    if (!result?.violations.some((violation) => violation.invariant === invariant)) return false;
    best = result;
    return true;
  };
  let operations: readonly number[] = failed.plan.operations;
  let faults: readonly number[] = failed.plan.faults.map((_, i) => i);
  faults = await reduced(faults, (kept) => fails(operations, kept));
  operations = await reduced(operations, (kept) => fails(kept, faults));
  return best;
};

/** Leaves out what can be left out. */
const reduced = async (items: readonly number[], stillFails: (kept: readonly number[]) => Promise<boolean>): Promise<readonly number[]> => {
  let kept = items;
  for (let size = Math.ceil(kept.length / 2); size >= 1 && kept.length > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kept.length; ) {
      const without = [...kept.slice(0, from), ...kept.slice(from + size)];
      if (await stillFails(without)) kept = without;
      else from += size;
    }
  }
  return kept;
};
