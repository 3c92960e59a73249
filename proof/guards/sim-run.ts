import { join } from 'node:path';
import { runStep } from '../../scripts/test/step.js';

export interface SimOutcome {
  /** Seeds that were run. */
  seeds: number;
  /** The first failure, with the invariants that it breaks. */
  failure?: string;
  /** The simulation did not come to a verdict. */
  broken?: string;
  seconds: number;
}

/** Between two looks at whether a seed has failed: enough to keep the cores busy. */
const group = 12;
const limitMs = 10 * 60_000;

/** Runs the folder's simulation, at most so many seeds from 1 on; ends soon after one that fails. */
export const runSim = async (folder: string, most: number, env: NodeJS.ProcessEnv): Promise<SimOutcome> => {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  for (let from = 1; from <= most; from += group) {
    const seeds = Math.min(group, most - from + 1);
    const args = ['--import', 'tsx', join(folder, 'proof/sim.ts'), '--from', `${from}`, '--seeds', `${seeds}`];
    const { ok, output } = await runStep(process.execPath, args, { env, limitMs });
    if (ok) continue;
    const failure = failureIn(output);
    const done = { seeds: from + seeds - 1, seconds: seconds() };
    return failure === undefined ? { ...done, broken: output.trim().split('\n').at(-1) ?? '' } : { ...done, failure };
  }
  return { seeds: most, seconds: seconds() };
};

/** `seed 7: invariants 1, 4`, from what the simulation prints; undefined when it tells of no seed that failed. */
export const failureIn = (output: string): string | undefined => {
  const seed = /^seed (\d+) fails/m.exec(output);
  if (!seed) return undefined;
  const own = output.slice(seed.index, output.indexOf('see it again', seed.index));
  const invariants = [...new Set([...own.matchAll(/^invariant (\d+):/gm)].map((match) => match[1]))];
  return `seed ${seed[1]}${invariants.length > 0 ? `: invariant ${invariants.join(', ')}` : ''}`;
};
