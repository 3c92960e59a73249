/** `npm run test:guards`: see `--help`. Ends with one line, `N passed, N failed`, where a guard passes when its absence is noticed. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onNpmGone } from '../scripts/services/parent-watch.js';
import { ServiceProcess } from '../scripts/services/service-process.js';
import { endSteps } from '../scripts/test/step.js';
import { startTestServices, type TestServices } from '../scripts/test/test-services.js';
import type { Guard } from './guards/guard.js';
import { runJest } from './guards/jest-run.js';
import { BadGuardArguments, type GuardOptions, guardHelp, parseGuardArguments } from './guards/options.js';
import { runSim } from './guards/sim-run.js';
import { guards } from './guards/table.js';
import { type GuardVerdict, simulatedText, tableOf, verdictOn } from './guards/verdict.js';
import { WorkCopy } from './guards/work-copy.js';

const project = fileURLToPath(new URL('../', import.meta.url));
const log = (line: string): void => console.log(line);
let brokenOff = false;
let services: TestServices | undefined;
let copy: WorkCopy | undefined;

const end = async (): Promise<void> => {
  await endSteps();
  await services?.end().catch((error: unknown) => log(`stopping the services: ${String(error)}`));
  await ServiceProcess.endAll();
  copy?.remove();
};

const breakOff = (signal: NodeJS.Signals): void => {
  if (brokenOff) return;
  brokenOff = true;
  log(`\n${signal}: stopping …`);
  void end().finally(() => process.exit(130));
};

/** Tests that fail with every guard on would notice everything. */
const demandSound = async (sound: WorkCopy, chosen: readonly Guard[], env: NodeJS.ProcessEnv): Promise<void> => {
  const files = [...new Set(chosen.flatMap(({ tests }) => tests))];
  log(`with every guard on: ${files.length} test files …`);
  const { passed, failed, broken, silent, seconds } = await runJest(sound.folder, files, env);
  const wrong = [...failed, ...broken, ...(silent === undefined ? [] : [silent])];
  if (wrong.length > 0) throw new Error(`with every guard on these fail already:\n  ${wrong.join('\n  ')}`);
  log(`with every guard on: ${passed} tests passed (${seconds.toFixed(1)} s)`);
};

const judge = async (spoiled: WorkCopy, guard: Guard, seeds: number, env: NodeJS.ProcessEnv): Promise<GuardVerdict> => {
  try {
    return await spoiled.without(guard, async () => {
      const verdict = verdictOn(guard, await runJest(spoiled.folder, guard.tests, env));
      return seeds === 0 ? verdict : { ...verdict, simulated: simulatedText(await runSim(spoiled.folder, seeds, env)) };
    });
  } catch (error) {
    return { guard: guard.name, noticed: false, by: (error as Error).message, others: 0, seconds: 0 };
  }
};

const run = async (chosen: readonly Guard[], seeds: number): Promise<GuardVerdict[]> => {
  let env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: 'test' };
  if (chosen.some((guard) => guard.services)) {
    services = await startTestServices(log);
    env = { ...env, TEST_REDIS_URL: services.redisUrl, TEST_MONGODB_URL: services.mongoUrl };
  }
  copy = new WorkCopy(project, mkdtempSync(join(tmpdir(), 'parley-guards-')));
  await demandSound(copy, chosen, env);
  const verdicts: GuardVerdict[] = [];
  for (const [i, guard] of chosen.entries()) {
    if (brokenOff) break;
    log(`${i + 1} of ${chosen.length}: without ${guard.name} …`);
    const verdict = await judge(copy, guard, seeds, env);
    log(
      `  ${verdict.noticed ? 'noticed' : 'NOT NOTICED'} (${verdict.seconds.toFixed(1)} s): ${verdict.by}${verdict.simulated === undefined ? '' : `; in the simulation: ${verdict.simulated}`}`,
    );
    verdicts.push(verdict);
  }
  return verdicts;
};

const wanted = (): GuardOptions | undefined => {
  try {
    return parseGuardArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof BadGuardArguments)) throw error;
    console.error(`${error.message} (see npm run test:guards -- --help)`);
    return process.exit(2);
  }
};

const options = wanted();
if (options) {
  const { only = '', seeds } = options;
  const chosen = guards.filter(({ name }) => name.includes(only));
  if (chosen.length === 0) {
    console.error(`no guard's name holds '${only}'; there are: ${guards.map(({ name }) => name).join(', ')}`);
    process.exit(2);
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, breakOff);
  onNpmGone(() => breakOff('SIGTERM'));
  const started = performance.now();
  let verdicts: GuardVerdict[] = [];
  try {
    verdicts = await run(chosen, seeds);
  } catch (error) {
    if (!brokenOff) log((error as Error).message);
  }
  if (!brokenOff) {
    await end();
    const passed = verdicts.filter(({ noticed }) => noticed).length;
    if (verdicts.length > 0) log(`\n${tableOf(verdicts)}\n`);
    log(`all: ${((performance.now() - started) / 1000).toFixed(0)} s`);
    log(`${passed} passed, ${chosen.length - passed} failed`);
    process.exit(passed === chosen.length ? 0 : 1);
  }
} else {
  log(guardHelp);
}
