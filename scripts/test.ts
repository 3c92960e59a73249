/** `npm test`: see `--help`. Ends with one line, `N passed, N failed`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAll } from './build.js';
import { chromiumPath } from './services/chromium.js';
import { onNpmGone } from './services/parent-watch.js';
import { ServiceProcess } from './services/service-process.js';
import { endSteps, runStep } from './test/step.js';
import { type JestReport, sum, type Tally, tallyOf } from './test/tally.js';
import { BadTestArguments, parseTestArguments, type TestFiles, type TestOptions, testHelp } from './test/test-options.js';
import { keptTestServices, startTestServices, type TestServices } from './test/test-services.js';

const project = fileURLToPath(new URL('../', import.meta.url));
const jest = join(project, 'node_modules', 'jest', 'bin', 'jest.js');
const checkLimitMs = 5 * 60_000;
/** Suites whose tests start nodes or browsers: one file at a time is enough for the cores. */
const ownProcesses = new Set(['cluster', 'security', 'browser']);
const suiteLimitMs = 15 * 60_000;

const log = (line: string): void => console.log(line);
let brokenOff = false;
let services: TestServices | undefined;

const testFiles = (): TestFiles => {
  const folders = readdirSync(join(project, 'tests'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const suites = folders.map(({ name }) => {
    const files = readdirSync(join(project, 'tests', name), { recursive: true }).map(String);
    return [name, files.filter((file) => file.endsWith('.test.ts'))] as const;
  });
  return new Map(suites.filter(([, files]) => files.length > 0));
};

/** Lint and types count as one test each; their output shows only when they fail. */
const check = async (name: string): Promise<Tally> => {
  const { ok, seconds, output } = await runStep('npm', ['run', '--silent', name], { limitMs: checkLimitMs });
  if (!ok && !brokenOff) log(output.trimEnd());
  log(`${name}: ${ok ? 'passed' : 'failed'} (${seconds.toFixed(1)} s)`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
};

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const runSuite = async (suite: string, options: TestOptions, running: TestServices, env: NodeJS.ProcessEnv): Promise<Tally> => {
  const report = join(running.folder, `${suite}.json`);
  const args = [jest, '-w', ownProcesses.has(suite) ? '1' : '2', '--json', `--outputFile=${report}`];
  // Node 20 may turn round for ever in its own clean-up at the end, after sockets that tests have cut off.
  if (suite !== 'unit') args.push('--forceExit');
  args.push('--testPathPatterns', `tests/${suite}/${options.only === undefined ? '' : `.*${literally(options.only)}`}`);
  log(`${suite}: …`);
  const { seconds, output } = await runStep(process.execPath, ['--experimental-vm-modules', '--no-warnings', ...args], {
    env,
    limitMs: suiteLimitMs,
    show: true,
  });
  const tally = existsSync(report) ? tallyOf(JSON.parse(readFileSync(report, 'utf8')) as JestReport) : { passed: 0, failed: 1 };
  log(`${suite}: ${tally.passed} passed, ${tally.failed} failed${output} (${seconds.toFixed(1)} s)`);
  return tally;
};

const runAll = async (options: TestOptions): Promise<Tally> => {
  const { suites } = options;
  const checks = options.isWhole ? Promise.all([check('lint'), check('types')]) : Promise.resolve([]);
  const preparing = (async () => {
    services = await (options.keep ? keptTestServices(log) : startTestServices(log));
    // Suites that need no build run all the same; the failure counts.
    const built = await buildAll(log).then(
      () => [],
      (error: unknown) => {
        log(`build: failed\n${(error as Error).message}`);
        return [{ passed: 0, failed: 1 }];
      },
    );
    return { running: services, built, browser: suites.includes('browser') ? await chromiumPath(log) : undefined };
  })();
  // Whichever fails first, the other is waited for: nothing may go on behind the last line.
  const [checked, prepared] = await Promise.allSettled([checks, preparing]);
  const tallies = checked.status === 'fulfilled' ? checked.value : [{ passed: 0, failed: 1 }];
  if (prepared.status === 'rejected') {
    log(`the tests cannot run: ${(prepared.reason as Error).message}`);
    return sum([...tallies, { passed: 0, failed: 1 }]);
  }
  const { running, browser, built } = prepared.value;
  tallies.push(...built);
  const env = {
    ...process.env,
    NODE_ENV: 'test',
    TEST_REDIS_URL: running.redisUrl,
    TEST_MONGODB_URL: running.mongoUrl,
    ...(browser && { CHROMIUM_PATH: browser }),
  };
  for (const suite of suites) if (!brokenOff) tallies.push(await runSuite(suite, options, running, env));
  return sum(tallies);
};

const end = async (): Promise<void> => {
  await endSteps();
  await services?.end().catch((error: unknown) => log(`stopping the services: ${String(error)}`));
  await ServiceProcess.endAll();
};

const breakOff = (signal: NodeJS.Signals): void => {
  if (brokenOff) return;
  brokenOff = true;
  log(`\n${signal}: stopping …`);
  void end().finally(() => process.exit(130));
};

const wanted = (): TestOptions | undefined => {
  try {
    return parseTestArguments(process.argv.slice(2), testFiles());
  } catch (error) {
    if (!(error instanceof BadTestArguments)) throw error;
    console.error(`${error.message} (see npm test -- --help)`);
    return process.exit(2);
  }
};

const options = wanted();
if (options) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, breakOff);
  onNpmGone(() => breakOff('SIGTERM'));
  const started = performance.now();
  const { passed, failed } = await runAll(options);
  if (!brokenOff) {
    await end();
    log(`all: ${((performance.now() - started) / 1000).toFixed(0)} s`);
    log(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 && passed > 0 ? 0 : 1);
  }
} else {
  log(testHelp);
}
