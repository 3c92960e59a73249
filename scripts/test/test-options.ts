import { parseArgs } from 'node:util';

export interface TestOptions {
  /** None: all there are, with lint and types before them. */
  suites: string[];
  /** Only test files whose path holds this. */
  only: string | undefined;
  /** Services outlive the run and serve the next one that keeps them too. */
  keep: boolean;
}

export class BadTestArguments extends Error {}

export const testHelp = `Runs lint, types and all test suites on Redis and MongoDB of its own.

  npm test -- [SUITE …] [--only PATTERN] [--keep]

  SUITE           a folder of tests/, such as unit or cluster; then without lint and types
  --only PATTERN  only test files whose path holds PATTERN
  --keep          leave the services running for the next run with --keep
  --help          this text`;

/** Quick ones first, so that a simple mistake shows early. */
const order = ['unit', 'conformance', 'services', 'integration', 'cluster', 'security', 'browser'];

export const inOrder = (folders: string[]): string[] => {
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...folders].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
};

/** Undefined: help was asked for. */
export const parseTestArguments = (args: string[], folders: string[]): TestOptions | undefined => {
  let parsed: { values: { only?: string; keep?: boolean; help?: boolean }; positionals: string[] };
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: { only: { type: 'string' }, keep: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new BadTestArguments((error as Error).message.split('. ')[0]);
  }
  if (parsed.values.help) return undefined;
  const unknown = parsed.positionals.find((name) => !folders.includes(name));
  if (unknown) throw new BadTestArguments(`there is no suite '${unknown}'; there are ${inOrder(folders).join(', ')}`);
  return { suites: inOrder(parsed.positionals), only: parsed.values.only, keep: parsed.values.keep ?? false };
};
