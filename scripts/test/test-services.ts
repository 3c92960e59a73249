import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Keeper, keepAlive } from '../services/keep-alive.js';
import { LockFile } from '../services/lock-file.js';
import { alive, commandLine } from '../services/process-table.js';
import { startServices } from '../services/services.js';

export interface TestServices {
  redisUrl: string;
  mongoUrl: string;
  /** Where a run may write; gone after the run. */
  folder: string;
  end(): Promise<void>;
}

const prefix = 'parley-test-';
const keptFolder = join(tmpdir(), 'parley-kept-test-services');

/** Services for one run, in a folder of their own, not forced to the disk. */
export const startTestServices = async (log: (line: string) => void): Promise<TestServices> => {
  removeLeftOvers();
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const lock = LockFile.tryTake(join(folder, 'lock'));
  let keepers: Keeper[] = [];
  try {
    const services = await startServices({ dataDir: join(folder, 'services'), durable: false, log });
    keepers = [keepAlive(services.redis, log), keepAlive(services.mongo, log)];
    return {
      redisUrl: services.redis.url,
      mongoUrl: services.mongo.url,
      folder,
      async end() {
        for (const keeper of keepers) keeper.release();
        await services.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    if (lock instanceof LockFile) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
};

/** Services that outlive the run: those that an earlier one kept, or new ones in a process of their own. */
export const keptTestServices = async (log: (line: string) => void): Promise<TestServices> => {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const lock = LockFile.tryTake(join(folder, 'lock'));
  const found = (await readKept()) ?? (await startKept());
  log(`services: kept, process ${found.pid} (end them with: kill ${found.pid})`);
  return {
    redisUrl: found.redisUrl,
    mongoUrl: found.mongoUrl,
    folder,
    async end() {
      if (lock instanceof LockFile) rmSync(folder, { recursive: true, force: true });
    },
  };
};

interface Kept {
  pid: number;
  redisUrl: string;
  mongoUrl: string;
}

const outputFile = `${keptFolder}.log`;

const readKept = async (): Promise<Kept | undefined> => {
  try {
    const text = readFileSync(outputFile, 'utf8');
    const [pid, redisUrl, mongoUrl] = ['PID', 'REDIS_URL', 'MONGODB_URL'].map((name) => new RegExp(`^${name}=(.+)$`, 'm').exec(text)?.[1]);
    if (!pid || !redisUrl || !mongoUrl || !alive(Number(pid)) || !commandLine(Number(pid)).includes('run.ts')) return undefined;
    return { pid: Number(pid), redisUrl, mongoUrl };
  } catch {
    return undefined;
  }
};

const startKept = async (): Promise<Kept> => {
  rmSync(outputFile, { force: true });
  const output = openSync(outputFile, 'a');
  const program = fileURLToPath(new URL('../services/run.ts', import.meta.url));
  const args = ['--import', 'tsx', program, '--data-dir', keptFolder, '--fast'];
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', output, output] });
  child.unref();
  for (const until = performance.now() + 600_000; performance.now() < until; await sleep(100)) {
    const kept = await readKept();
    if (kept) return kept;
    if (child.exitCode !== null) throw new Error(`the services did not start:\n${readFileSync(outputFile, 'utf8')}`);
  }
  throw new Error('the services did not start in time');
};

/** Folders of runs that were killed. */
const removeLeftOvers = (): void => {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const folder = join(tmpdir(), name);
    const lock = LockFile.tryTake(join(folder, 'lock'));
    if (lock instanceof LockFile) rmSync(folder, { recursive: true, force: true });
  }
};
