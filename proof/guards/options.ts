import { parseArgs } from 'node:util';

export interface GuardOptions {
  /** Only guards whose name holds this. */
  only: string | undefined;
  /** Beside the tests, at most so many simulated seeds for each guard; 0: none. */
  seeds: number;
}

export class BadGuardArguments extends Error {}

export const guardHelp = `Switches off each guard of the delivery promises in turn, in a copy of the project, and sees that a test notices.

  npm run test:guards -- [--only NAME] [--seeds N]

  --only NAME  only guards whose name holds NAME
  --seeds N    let the simulation look for it, too, in at most N seeds (minutes for each guard); tests alone decide what passes
  --help       this text`;

/** Undefined: help was asked for. */
export const parseGuardArguments = (args: string[]): GuardOptions | undefined => {
  let values: { only?: string; seeds?: string; help?: boolean };
  try {
    values = parseArgs({
      args,
      options: { only: { type: 'string' }, seeds: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }).values;
  } catch (error) {
    throw new BadGuardArguments((error as Error).message.split('. ')[0]);
  }
  if (values.help) return undefined;
  const seeds = Number(values.seeds ?? 0);
  if (!Number.isSafeInteger(seeds) || seeds < 0) throw new BadGuardArguments('--seeds must be a whole number');
  return { only: values.only, seeds };
};
