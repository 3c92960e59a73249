import { parseArgs } from 'node:util';
import { type FaultName, faultNames, isFaultName } from './fault-names.js';
import { minutesFor } from './schedule.js';

export interface ChaosOptions {
  /** Length of the run under load, without start and settling. */
  minutes: number;
  nodes: number;
  seed: number;
  /** Where the report goes. */
  out: string;
  faults: readonly FaultName[];
  /** Members who talk, and messages a second that they send in all. */
  clients: number;
  rate: number;
}

export class BadArguments extends Error {}

/** Enough for these faults, rounded up to a tenth. */
const wholeMinutes = (faults: readonly FaultName[]): number => Math.ceil(minutesFor(faults) * 10) / 10;

export const chaosHelp = `npm run chaos -- [options]: real nodes and services under load and faults, judged by the history checker.

  --minutes M   how long under load (default 5; the full list of faults needs ${wholeMinutes(faultNames)}, a shorter
                run has a part of them by seed and says which it leaves out)
  --nodes N     nodes (default 3)
  --seed S      decides the order of faults, their targets and what people do (default: the time)
  --out DIR     where report.json and report.html go (default chaos-report)
  --faults a,b  only these faults, in turn; refused when they do not fit the minutes
  --clients C   members who talk (default 30)
  --rate R      messages a second, all members together (default 100)

Faults: ${faultNames.join(', ')}

Exit codes: 0 no violation, no thread silent for longer than 10 s after a single fault, and every overload shed in the promised
order, 1 otherwise, 2 bad arguments, 3 the run itself failed.`;

/** Throws BadArguments, with what to change; null when help is wanted. */
export const parseChaosArguments = (args: readonly string[], now: number): ChaosOptions | null => {
  let values: Record<string, string | boolean | undefined>;
  try {
    const string = { type: 'string' } as const;
    const options = { minutes: string, nodes: string, seed: string, out: string, faults: string, clients: string, rate: string };
    values = parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    throw new BadArguments((error as Error).message);
  }
  if (values.help) return null;
  const number = (name: string, usual: number, low: number, high: number, whole = true): number => {
    const given = values[name];
    if (given === undefined) return usual;
    const value = Number(given);
    if (!Number.isFinite(value) || value < low || value > high || (whole && !Number.isInteger(value)))
      throw new BadArguments(`--${name} must be a ${whole ? 'whole ' : ''}number from ${low} to ${high}`);
    return value;
  };
  const named = typeof values.faults === 'string' ? values.faults.split(',').filter((name) => name !== '') : faultNames;
  for (const name of named) if (!isFaultName(name)) throw new BadArguments(`there is no fault ${name}; there are ${faultNames.join(', ')}`);
  const minutes = number('minutes', 5, 0.2, 24 * 60, false);
  const isPart = faultNames.some((name) => !named.includes(name));
  if (isPart && minutes < minutesFor(named as FaultName[]))
    throw new BadArguments(`these faults need --minutes ${wholeMinutes(named as FaultName[])} or more; they would not fit ${minutes}`);
  return {
    minutes,
    nodes: number('nodes', 3, 2, 9),
    seed: number('seed', now % 1_000_000, 0, 2 ** 32 - 1),
    out: typeof values.out === 'string' ? values.out : 'chaos-report',
    faults: named as FaultName[],
    clients: number('clients', 30, 8, 200),
    rate: number('rate', 100, 1, 1_000),
  };
};
