import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../load/', import.meta.url));
const program = join(folder, 'node_modules', 'artillery', 'bin', 'run');
/** It never calls home and fetches no browsers. */
const quiet = { ARTILLERY_DISABLE_TELEMETRY: 'true', PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' };

/** Installs Artillery beside Parley when it is not there: some 600 MB, so it is no dependency of Parley's own. */
export const installArtillery = (log: (line: string) => void): void => {
  if (existsSync(program)) return;
  log('installing Artillery into load/ (once, about 600 MB) …');
  const installed = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    env: { ...process.env, ...quiet },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (installed.status !== 0 || !existsSync(program)) throw new Error('Artillery could not be installed (npm install in load/)');
};

export interface LoadRun {
  target: string;
  seconds: number;
  /** New visitors a second, and how many of them at a time at most. */
  rate: number;
  atOnce: number;
  visitorsFile: string;
  placesFile: string;
  reportFile: string;
}

/** Runs the scenarios and answers Artillery's exit code: not 0 when a threshold was missed. Ended by force when it overruns by a minute. */
export const runArtillery = (run: LoadRun): Promise<number> => {
  const overrides = {
    config: {
      phases: [{ duration: run.seconds, arrivalRate: run.rate, maxVusers: run.atOnce }],
      payload: [{ path: run.visitorsFile, fields: ['token', 'login', 'password'], order: 'random', skipHeader: true }],
    },
  };
  const args = [
    program,
    'run',
    '--target',
    run.target,
    '--overrides',
    JSON.stringify(overrides),
    '--output',
    run.reportFile,
    'scenarios.yml',
  ];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    // One worker: the machine is also the server's.
    env: { ...process.env, ...quiet, WORKERS: '1', PARLEY_LOAD_PLACES: run.placesFile },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const end = (): void => void child.kill('SIGTERM');
  const overrun = setTimeout(() => child.kill('SIGKILL'), (run.seconds + 60) * 1000);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(overrun);
      resolve(code ?? 1);
    });
  });
};
