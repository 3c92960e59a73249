/** `npm run fuzz`: see `--help`. */
import { buildServer } from '../scripts/build.js';
import { ServiceProcess } from '../scripts/services/service-process.js';
import { startTestServices } from '../scripts/test/test-services.js';
import { BadArguments, type FuzzOptions, fuzzHelp, parseFuzzArguments } from './fuzz/options.js';
import { fuzz } from './fuzz/run.js';

const wanted = (): FuzzOptions | null => {
  try {
    return parseFuzzArguments(process.argv.slice(2), Date.now());
  } catch (error) {
    if (!(error instanceof BadArguments)) throw error;
    console.error(`fuzz: ${error.message} (see npm run fuzz -- --help)`);
    return process.exit(2);
  }
};

const log = (line: string): void => console.log(line);

const play = async (options: FuzzOptions): Promise<number> => {
  await buildServer();
  const services = await startTestServices(log);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void services.end().finally(() => process.exit(130)));
  }
  try {
    let found = 0;
    for (const limits of options.limits) {
      log(`limits ${limits}, seed ${options.seed}: …`);
      const ms = (options.minutes * 60_000) / options.limits.length;
      const { cases, answers, findings, kept } = await fuzz({ services, limits, seed: options.seed, ms, rounds: options.rounds, log });
      const counts = Object.entries(answers).sort(([, a], [, b]) => b - a);
      log(
        `limits ${limits}: ${cases} cases in ${kept.length} rounds; ${counts.map(([answer, count]) => `${answer}: ${count}`).join(', ')}`,
      );
      log(`limits ${limits}: kept ${kept.map((bytes) => Math.round(bytes / 2 ** 20)).join(' ')} MB behind each round`);
      found += findings.length;
    }
    log(`fuzz: ${found === 0 ? 'nothing was found' : `${found} found`}; seed ${options.seed}`);
    return found === 0 ? 0 : 1;
  } catch (error) {
    console.error(`fuzz: ${error instanceof Error ? error.stack : String(error)}`);
    return 3;
  } finally {
    await services.end();
    await ServiceProcess.endAll();
  }
};

const options = wanted();
if (options) process.exit(await play(options));
else console.log(fuzzHelp);
