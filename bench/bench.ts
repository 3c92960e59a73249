/** `npm run bench`: see `--help`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { OwnBuild } from '../proof/chaos/own-build.js';
import { buildServer } from '../scripts/build.js';
import { onNpmGone } from '../scripts/services/parent-watch.js';
import { canPin } from './measure/cores.js';
import { agreements, agreementTable, readRows } from './suite/agreement.js';
import { BadArguments, type BenchOptions, benchHelp, parseBenchArguments } from './suite/options.js';
import { reportPage } from './suite/page.js';
import { plotSheet } from './suite/plot-sheet.js';
import { Suite } from './suite/suite.js';
import { table } from './suite/table.js';
import { growth, workloads } from './suite/workloads.js';

const circumstances = (quick: boolean): string[] => [
  `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}, ${new Date().toISOString()}`,
  canPin
    ? 'The server has the first core, the load the others; databases go where there is room.'
    : 'Servers and load share the cores: they cannot be pinned here.',
  'Peer, Parley, peer again in one run (or in two turns); a side’s figure is the median of its takes. Receivers check order, holes and duplicates.',
  ...(quick ? ['A quick run: it shows that everything works, and nothing of speed.'] : []),
];

const play = async (options: BenchOptions): Promise<number> => {
  // The run has services of its own, so that peers and ourselves stand on the same.
  delete process.env.REDIS_URL;
  delete process.env.MONGODB_URL;
  await buildServer();
  const build = new OwnBuild();
  process.env.PARLEY_MAIN = build.make();
  const suite = new Suite([...workloads, ...growth], options);
  const end = async (): Promise<void> => {
    await suite.end();
    build.remove();
  };
  let broken = false;
  const leave = (): void => {
    broken = true;
    void end().finally(() => process.exit(130));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave);
  onNpmGone(leave);
  try {
    const { rows, charts } = await suite.play();
    mkdirSync(options.out, { recursive: true });
    writeFileSync(join(options.out, 'report.html'), reportPage({ rows, charts, circumstances: circumstances(options.quick) }));
    if (charts.length > 0) writeFileSync(join(options.out, 'plots.svg'), plotSheet(charts));
    if (options.json !== null) {
      mkdirSync(dirname(resolve(options.json)), { recursive: true });
      writeFileSync(options.json, `${JSON.stringify({ rows }, null, 1)}\n`);
    }
    console.log(`${table(rows)}\n\n${join(options.out, 'report.html')}`);
    return rows.every((row) => row.held !== false) ? 0 : 1;
  } catch (error) {
    // What is ended takes what waits for it along.
    if (broken) return 130;
    console.error(`bench: ${error instanceof Error ? error.stack : String(error)}`);
    return 3;
  } finally {
    await end();
  }
};

const compare = (files: readonly string[]): number => {
  const rows = agreements(files.map(readRows));
  console.log(agreementTable(rows));
  return rows.every(({ agree }) => agree !== false) ? 0 : 1;
};

const main = async (): Promise<number> => {
  try {
    const options = parseBenchArguments(
      process.argv.slice(2),
      workloads.map(({ id }) => id),
      growth.map(({ id }) => id),
    );
    if (options) return options.compare ? compare(options.compare) : await play(options);
    console.log(benchHelp(workloads, growth));
    return 0;
  } catch (error) {
    if (!(error instanceof BadArguments)) throw error;
    console.error(`bench: ${error.message} (see npm run bench -- --help)`);
    return 2;
  }
};

process.exit(await main());
