/** `npm run sim`: see `--help`. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { showSeeds } from './simulation/progress.js';
import { type SeedReport, Totals } from './simulation/report.js';
import { judgeSeed } from './simulation/seed.js';

const help = `npm run sim -- [--seeds 300 --from 1 --workers N] | --seed S [--log]

Runs the real runtime, cluster, domain, gateway, workers and client over simulated time, network, Redis and store, with faults,
and judges the history of each run by the invariants of docs/delivery-semantics.md. A seed always runs the same way. A failure
prints its seed and its shortest history.

  --seeds N     how many (default 300)
  --from S      the first one (default 1)
  --workers W   processes (default: one a core)
  --seed S      this one alone
  --log         with --seed: everything that the nodes log`;

const log = (line: string): void => console.log(line);

const whole = (text: string, name: string, min: number): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min) throw new Error(`--${name} must be a whole number from ${min} on`);
  return value;
};

const one = async (seed: number, all: boolean): Promise<number> => {
  const report = await judgeSeed(seed, all ? log : undefined);
  log(report.failure ?? `seed ${seed} passes: ${JSON.stringify(report.figures)}`);
  return report.failure === undefined ? 0 : 1;
};

/** A worker: gets seeds, answers with reports, until it is told to end. */
const work = (): void => {
  process.on('message', (seed: number) => {
    judgeSeed(seed).then(
      (report) => process.send?.(report),
      (error: unknown) => {
        console.error(`seed ${seed} could not be run`, error);
        process.exit(2);
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
};

const many = async (from: number, count: number, workers: number): Promise<number> => {
  const begun = performance.now();
  const totals = new Totals();
  const progress = showSeeds(count, log);
  let next = from;
  const give = (worker: ChildProcess): void => {
    if (next < from + count) worker.send(next++);
    else worker.disconnect();
  };
  const ended = Array.from({ length: Math.min(workers, count) }, () => {
    const worker = fork(fileURLToPath(import.meta.url), ['--worker'], { execArgv: process.execArgv, stdio: 'inherit' });
    worker.on('message', (report) => {
      const seed = report as SeedReport;
      totals.add(seed);
      if (seed.failure !== undefined) log(seed.failure);
      progress.done(totals.passed, totals.failed);
      give(worker);
    });
    give(worker);
    return new Promise<number>((resolve) => worker.on('exit', (code) => resolve(code ?? 2)));
  });
  const codes = await Promise.all(ended);
  progress.stop();
  for (const line of totals.lines((performance.now() - begun) / 1_000)) log(line);
  return codes.some((code) => code !== 0) || totals.failed > 0 || totals.passed < count ? 1 : 0;
};

const main = async (): Promise<number | undefined> => {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '300' },
      from: { type: 'string', default: '1' },
      workers: { type: 'string', default: String(availableParallelism()) },
      seed: { type: 'string' },
      log: { type: 'boolean', default: false },
      worker: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    log(help);
    return 0;
  }
  if (values.worker) {
    work();
    return undefined;
  }
  if (values.seed !== undefined) return one(whole(values.seed, 'seed', 0), values.log);
  return many(whole(values.from, 'from', 0), whole(values.seeds, 'seeds', 1), whole(values.workers, 'workers', 1));
};

main().then(
  (code) => {
    if (code !== undefined) process.exit(code);
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  },
);
