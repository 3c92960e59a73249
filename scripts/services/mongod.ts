import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from './cache-folder.js';
import { mongoUrlOf } from './endpoint.js';
import { answers } from './mongo-ping.js';
import { makeFolder } from './private-folder.js';
import { alive, commandLine, endProcess } from './process-table.js';
import type { RunningService, ServiceOptions } from './running-service.js';
import { ServiceProcess } from './service-process.js';
import { socketFolder } from './socket-folder.js';

const version = '8.0.4';
const reachableMs = 4000;
const downloadMs = 15 * 60_000;
const stopSteps: readonly [NodeJS.Signals, number][] = [
  ['SIGTERM', 30_000],
  ['SIGKILL', 5_000],
];

/** A real mongod on the data directory, as a standalone server. */
export const startMongod = async (program: string, options: ServiceOptions): Promise<RunningService> => {
  const folder = join(options.dataDir, 'mongod');
  mkdirSync(folder, { recursive: true });
  await endOrphan(folder, options.log);
  const socket = join(socketFolder(options.dataDir, options.log), 'mongo.sock');
  const service = new Mongod(program, folder, socket, join(options.dataDir, 'logs', 'mongod.log'));
  await service.restart();
  options.log(`mongo: ${service.url}, ${program}, data in ${folder}`);
  return service;
};

/**
 * Fetches mongod by mongodb-memory-server, once. Answers undefined, with one line, when that is not possible here. The site is asked
 * first, with a short limit, because the library by itself keeps trying for minutes.
 */
export const downloadMongod = async (log: (line: string) => void): Promise<string | undefined> => {
  const folder = join(cacheFolder(), 'mongod');
  makeFolder(folder);
  const kept = readdirSync(folder).find((name) => name.startsWith('mongod') && !name.endsWith('.lock') && name.includes(version));
  if (kept) return join(folder, kept);
  try {
    process.env.MONGOMS_DISABLE_POSTINSTALL = '1';
    const [{ MongoBinary }, { MongoBinaryDownloadUrl }, { getOS }] = await Promise.all([
      import('mongodb-memory-server-core/lib/util/MongoBinary.js'),
      import('mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js'),
      import('mongodb-memory-server-core/lib/util/getos/index.js'),
    ]);
    const site = await new MongoBinaryDownloadUrl({
      platform: process.platform,
      arch: process.arch,
      version,
      os: await getOS(),
    }).getDownloadUrl();
    const response = await fetch(site, { method: 'HEAD', signal: AbortSignal.timeout(reachableMs) });
    if (!response.ok) throw new Error(`its site answers ${response.status}`);
    log(`mongo: downloading mongod ${version} …`);
    const timeout = sleep(downloadMs).then(() => Promise.reject(new Error('the download takes too long')));
    return await Promise.race([MongoBinary.getPath({ version, downloadDir: folder }), timeout]);
  } catch (error) {
    const cause = (error as Error).cause;
    const reason = (cause instanceof Error && cause.message ? cause : (error as Error)).message.split('\n')[0];
    log(`mongo: mongod cannot be downloaded here (${reason})`);
    return undefined;
  }
};

class Mongod implements RunningService {
  readonly name = 'mongo';
  readonly url: string;
  readonly source: string;
  readonly #folder: string;
  readonly #socket: string;
  readonly #logFile: string;
  #process: ServiceProcess | undefined;

  constructor(program: string, folder: string, socket: string, logFile: string) {
    this.source = program;
    this.#folder = folder;
    this.#socket = socket;
    this.#logFile = logFile;
    // A standalone server acknowledges before the journal is on the disk unless it is asked.
    this.url = mongoUrlOf(socket, 'directConnection=true&w=1&journal=true');
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  get exited(): Promise<void> {
    return this.#process?.exited ?? Promise.resolve();
  }

  async restart(): Promise<void> {
    if (this.#process?.running) return;
    // A path among the addresses is a Unix socket; being the only one, it leaves no port that others on this machine could use.
    const args = ['--dbpath', this.#folder, '--bind_ip', this.#socket, '--filePermissions', '0700', '--quiet'];
    this.#process = await ServiceProcess.start({ command: this.source, args, logFile: this.#logFile, orphanSignal: 'TERM' });
    for (const until = performance.now() + 300_000; performance.now() < until; await sleep(100)) {
      if (!this.#process.running) throw new Error(`mongod ended at once:\n${this.#process.tail()}`);
      if (await answers(this.url)) return;
    }
    throw new Error(`mongod does not answer; its log is ${this.#logFile}`);
  }

  async stop(): Promise<void> {
    await this.#process?.stop(stopSteps);
  }
}

/** A mongod that an earlier run left on the same folder ends first. */
const endOrphan = async (folder: string, log: (line: string) => void): Promise<void> => {
  let pid = 0;
  try {
    pid = Number(readFileSync(join(folder, 'mongod.lock'), 'utf8'));
  } catch {
    return;
  }
  if (!pid || !alive(pid) || !commandLine(pid).includes(folder)) return;
  log(`mongo: ending mongod (process ${pid}), left over from an earlier run`);
  if (!(await endProcess(pid, stopSteps))) throw new Error(`mongod (process ${pid}) does not end`);
};
