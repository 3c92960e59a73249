import { parseArgs } from 'node:util';

export type Limits = 'on' | 'off';

export interface FuzzOptions {
  minutes: number;
  seed: number;
  /** Ends after so many rounds, though there is time left; null: when the time is over. */
  rounds: number | null;
  limits: readonly Limits[];
}

export class BadArguments extends Error {}

export const fuzzHelp = `npm run fuzz -- [options]: requests, events and frames made from a running node's own documents, well-formed and broken, judged.

  --minutes M   how long, over both modes (default 4)
  --seed S      decides every case (default: the time); a failure names the seed and the round that show it again
  --rounds R    at most so many rounds a mode
  --limits L    on, off or both (default both): off reaches deep, on is how a node runs

REST cases come from /openapi.json, events from /asyncapi.json: what is added to the node is fuzzed without further work. Judged: each
answer is one that the documents know, with no defect behind it; the node logs no error and stays up; somebody who behaves keeps the
connection and hears; memory after a collection does not grow by more than a tenth over the second half of a mode of two minutes or more.

Exit codes: 0 nothing was found, 1 something was, 2 bad arguments, 3 the run itself failed.`;

/** Throws BadArguments, with what to change; null when help is wanted. */
export const parseFuzzArguments = (args: readonly string[], now: number): FuzzOptions | null => {
  const string = { type: 'string' } as const;
  let values: { minutes?: string; seed?: string; rounds?: string; limits?: string; help?: boolean };
  try {
    const options = { minutes: string, seed: string, rounds: string, limits: string, help: { type: 'boolean', short: 'h' } } as const;
    values = parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new BadArguments((error as Error).message);
  }
  if (values.help) return null;
  const number = (name: 'minutes' | 'seed' | 'rounds', low: number, high: number): number | undefined => {
    const given = values[name];
    if (given === undefined) return undefined;
    const value = Number(given);
    const isFit = value >= low && value <= high && (name === 'minutes' || Number.isInteger(value));
    if (!isFit) throw new BadArguments(`--${name} must be a ${name === 'minutes' ? '' : 'whole '}number from ${low} to ${high}`);
    return value;
  };
  const limits = { on: ['on'], off: ['off'], both: ['off', 'on'] } as const;
  if (values.limits !== undefined && !(values.limits in limits)) throw new BadArguments('--limits is on, off or both');
  return {
    minutes: number('minutes', 0.1, 24 * 60) ?? 4,
    seed: number('seed', 0, 2 ** 31 - 1) ?? now % 2 ** 31,
    rounds: number('rounds', 1, 1_000_000) ?? null,
    limits: limits[(values.limits ?? 'both') as keyof typeof limits],
  };
};
