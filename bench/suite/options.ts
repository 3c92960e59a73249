import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Workloads by number, in the suite's order. */
  only: readonly number[];
  quick: boolean;
  /** For the replay; null: none. */
  archive: string | null;
  /** Where the rows go as JSON. */
  json: string | null;
  /** Where report.html and plots.svg go. */
  out: string;
  /** Results of earlier runs to lay beside each other, instead of running; null: run. */
  compare: readonly string[] | null;
}

export class BadArguments extends Error {}

interface Named {
  id: number;
  name: string;
}

const listed = (workloads: readonly Named[]): string => workloads.map(({ id, name }) => `  ${String(id).padStart(2)}  ${name}`).join('\n');

export const benchHelp = (
  workloads: readonly Named[],
  growth: readonly Named[],
): string => `npm run bench -- [options]: Parley and its peers in one run, on this machine.

  --only 1,8      only these workloads
  --growth        how costs change as work grows (11 to 15), instead of the comparison (1 to 10)
  --archive FILE  what 15 replays: an archive as npm run import takes it
  --quick         a few seconds each, with smaller numbers: shows that everything works, and nothing of speed
  --json FILE     the rows as JSON
  --out DIR       where report.html and plots.svg go (default bench-report)
  --compare A,B   runs nothing: shows how far earlier runs, written with --json, are apart

${listed(workloads)}

${listed(growth)}

Exit codes: 0 every goal was held (--compare: the runs agree within a fifth), 1 some were not (they do not), 2 bad arguments, 3 the run itself failed.`;

const parts = (list: string | undefined): string[] | undefined =>
  list
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Throws BadArguments, with what to change; null when help is wanted. */
export const parseBenchArguments = (
  args: readonly string[],
  ids: readonly number[],
  growthIds: readonly number[] = [],
): BenchOptions | null => {
  let values: {
    only?: string;
    growth?: boolean;
    archive?: string;
    quick?: boolean;
    json?: string;
    out?: string;
    compare?: string;
    help?: boolean;
  };
  try {
    const string = { type: 'string' } as const;
    const boolean = { type: 'boolean' } as const;
    const options = {
      only: string,
      growth: boolean,
      archive: string,
      quick: boolean,
      json: string,
      out: string,
      compare: string,
      help: { ...boolean, short: 'h' },
    };
    values = parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new BadArguments((error as Error).message.split('. ')[0]);
  }
  if (values.help) return null;
  const named = parts(values.only)?.map(Number);
  const all = [...ids, ...growthIds];
  for (const id of named ?? []) if (!all.includes(id)) throw new BadArguments(`there is no workload ${id}; there are ${all.join(', ')}`);
  const compare = parts(values.compare) ?? null;
  if (compare && compare.length < 2) throw new BadArguments('--compare wants two or more files, with commas between them');
  return {
    only: named ? all.filter((id) => named.includes(id)) : [...(values.growth ? growthIds : ids)],
    archive: values.archive ?? null,
    quick: values.quick ?? false,
    json: values.json ?? null,
    out: values.out ?? 'bench-report',
    compare,
  };
};
