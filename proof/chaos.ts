/** `npm run chaos`: see `--help`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildServer } from '../scripts/build.js';
import { BadArguments, type ChaosOptions, chaosHelp, parseChaosArguments } from './chaos/options.js';
import { OwnBuild } from './chaos/own-build.js';
import { faultLine, silenceBoundMs } from './chaos/report.js';
import { reportPage } from './chaos/report-page.js';

const wanted = (): ChaosOptions | null => {
  try {
    return parseChaosArguments(process.argv.slice(2), Date.now());
  } catch (error) {
    if (!(error instanceof BadArguments)) throw error;
    console.error(`chaos: ${error.message} (see npm run chaos -- --help)`);
    return process.exit(2);
  }
};

const play = async (options: ChaosOptions): Promise<number> => {
  // The run has services of its own: it breaks them.
  delete process.env.REDIS_URL;
  delete process.env.MONGODB_URL;
  await buildServer();
  const build = new OwnBuild();
  process.env.PARLEY_MAIN = build.make();
  const { ChaosRun } = await import('./chaos/run.js');
  const run = new ChaosRun(options);
  const leave = (code: number): void => {
    void run.end().then(() => {
      build.remove();
      process.exit(code);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => leave(130));
  try {
    const report = await run.play();
    mkdirSync(options.out, { recursive: true });
    writeFileSync(join(options.out, 'report.json'), `${JSON.stringify(report, null, 1)}\n`);
    writeFileSync(join(options.out, 'report.html'), reportPage(report));
    const { totals, violations, faults, leftOut } = report;
    for (const fault of faults) console.log(faultLine(fault));
    console.log(
      `${totals.acknowledged} sends acknowledged, ${totals.failed} failed, p50 ${totals.p50} ms, p99 ${totals.p99} ms, longest silence ${(totals.longestSilenceMs / 1000).toFixed(1)} s`,
    );
    for (const { invariant, what } of violations.slice(0, 20)) console.log(`violation of ${invariant}: ${what}`);
    console.log(leftOut.length === 0 ? 'every fault was played' : `faults not played: ${leftOut.join(', ')}`);
    for (const { name, unkept } of faults) for (const what of unkept) console.log(`not as promised for ${name}: ${what}`);
    const silent = faults.filter(({ withinBound }) => withinBound === false).map(({ name }) => name);
    if (silent.length > 0) console.log(`a thread was silent for more than ${silenceBoundMs / 1000} s after ${silent.join(', ')}`);
    console.log(
      `chaos: ${violations.length === 0 ? 'no violation' : `${violations.length} violations`}; seed ${options.seed}; ${options.out}/report.html`,
    );
    return report.verdict === 'no violation' ? 0 : 1;
  } catch (error) {
    console.error(`chaos: ${error instanceof Error ? error.stack : String(error)}`);
    return 3;
  } finally {
    await run.end();
    build.remove();
  }
};

const options = wanted();
if (options) process.exit(await play(options));
else console.log(chaosHelp);
