import { failureText, type SeedReport } from './report.js';
import { runSeed } from './run.js';
import { shrinkRun } from './shrink.js';

/** Ms of real time that may go into making a failure shorter. */
const shrinkMs = 20_000;

/** Runs a seed; when it fails, finds the shortest run of it that fails alike. */
export const judgeSeed = async (seed: number, log?: (line: string) => void): Promise<SeedReport> => {
  const result = await runSeed({ seed, log });
  if (result.violations.length === 0) return { seed, figures: result.figures };
  const until = performance.now() + shrinkMs;
  const shortest = await shrinkRun(result, { seed }, () => performance.now() < until);
  return { seed, figures: result.figures, failure: failureText(shortest) };
};
