import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Workloads by number, in the suite's order. */
  only: readonly number[];
  quick: boolean;
  /** Where the rows go as JSON. */
  json: string | null;
  /** Where report.html goes. */
  out: string;
}

export class BadArguments extends Error {}

export const benchHelp = (
  workloads: readonly { id: number; name: string }[],
): string => `npm run bench -- [options]: Parley and its peers in one run, on this machine.

  --only 1,8   only these workloads
  --quick      a few seconds each, with smaller numbers: shows that everything works, and nothing of speed
  --json FILE  the rows as JSON
  --out DIR    where report.html goes (default bench-report)

${workloads.map(({ id, name }) => `  ${String(id).padStart(2)}  ${name}`).join('\n')}

Exit codes: 0 every goal was held, 1 some were not, 2 bad arguments, 3 the run itself failed.`;

/** Throws BadArguments, with what to change; null when help is wanted. */
export const parseBenchArguments = (args: readonly string[], ids: readonly number[]): BenchOptions | null => {
  let values: { only?: string; quick?: boolean; json?: string; out?: string; help?: boolean };
  try {
    const string = { type: 'string' } as const;
    const boolean = { type: 'boolean' } as const;
    const options = { only: string, quick: boolean, json: string, out: string, help: { ...boolean, short: 'h' } };
    values = parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new BadArguments((error as Error).message.split('. ')[0]);
  }
  if (values.help) return null;
  const named = values.only
    ?.split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  for (const id of named ?? []) if (!ids.includes(id)) throw new BadArguments(`there is no workload ${id}; there are ${ids.join(', ')}`);
  return {
    only: ids.filter((id) => !named || named.includes(id)),
    quick: values.quick ?? false,
    json: values.json ?? null,
    out: values.out ?? 'bench-report',
  };
};
