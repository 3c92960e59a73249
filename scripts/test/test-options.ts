import { parseArgs } from 'node:util';

export interface TestOptions {
  /** Everything there is, with lint and types before it. */
  isWhole: boolean;
  /** Those that have a file to run. */
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

/** Test files by their suite, each by its path in the suite's folder. */
export type TestFiles = ReadonlyMap<string, readonly string[]>;

/** As Jest looks at paths: whatever the case. */
const holds = (path: string, pattern: string): boolean => path.toLowerCase().includes(pattern.toLowerCase());

/** Undefined: help was asked for. Fails with BadTestArguments, also where no file would run. */
export const parseTestArguments = (args: string[], files: TestFiles): TestOptions | undefined => {
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
  const { only, keep = false } = parsed.values;
  const all = inOrder([...files.keys()]);
  const unknown = parsed.positionals.find((name) => !files.has(name));
  if (unknown) throw new BadTestArguments(`there is no suite '${unknown}'; there are ${all.join(', ')}`);
  const asked = parsed.positionals.length > 0 ? inOrder(parsed.positionals) : all;
  const suites = asked.filter((name) => files.get(name)!.some((path) => holds(path, only ?? '')));
  if (suites.length === 0) throw new BadTestArguments(`no test file of ${asked.join(', ')} has '${only}' in its path`);
  return { isWhole: parsed.positionals.length === 0 && only === undefined, suites, only, keep };
};
