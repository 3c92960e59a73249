import { mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { canInstallPackages, disableSystemService, installPackages } from './debian.js';
import { alive, commandLine, endProcess, workingDirectory } from './process-table.js';
import type { RunningService, ServiceOptions } from './running-service.js';
import { external } from './running-service.js';
import { ServiceProcess } from './service-process.js';
import { findProgram } from './shell.js';
import { socketFolder } from './socket-folder.js';

const stopSteps: readonly [NodeJS.Signals, number][] = [
  ['SIGTERM', 10_000],
  ['SIGKILL', 5_000],
];

/** Redis for this data directory: the one named in the environment, the one on PATH, or Debian's. */
export const startRedis = async (options: ServiceOptions): Promise<RunningService> => {
  const url = process.env.REDIS_URL;
  if (url) {
    await ping(url).catch((error: unknown) => {
      throw new Error(`REDIS_URL is set, but no Redis answers at ${withoutPassword(url)} (${message(error)})`);
    });
    options.log(`redis: ${withoutPassword(url)}, from REDIS_URL`);
    return external('redis', url, 'REDIS_URL');
  }
  const program = findProgram('redis-server') ?? (await install(options.log));
  const folder = join(options.dataDir, 'redis');
  mkdirSync(folder, { recursive: true });
  await endOrphan(folder, options.log);
  const socket = join(socketFolder(options.dataDir, options.log), 'redis.sock');
  const service = new LocalRedis(program, folder, socket, join(options.dataDir, 'logs', 'redis.log'));
  await service.restart();
  options.log(`redis: ${service.url}, ${program}, data in ${folder}`);
  return service;
};

class LocalRedis implements RunningService {
  readonly name = 'redis';
  readonly url: string;
  readonly source: string;
  readonly #args: string[];
  readonly #folder: string;
  readonly #logFile: string;
  #process: ServiceProcess | undefined;

  constructor(program: string, folder: string, socket: string, logFile: string) {
    this.source = program;
    this.url = socket;
    this.#folder = folder;
    this.#logFile = logFile;
    // Messages are in the store; what Redis may lose in its last second (presence, limits, leases) is made again.
    this.#args = settings({
      // No port: whoever is on this machine could use that.
      port: '0',
      unixsocket: socket,
      unixsocketperm: '700',
      dir: folder,
      pidfile: join(folder, 'redis.pid'),
      daemonize: 'no',
      appendonly: 'yes',
      appendfsync: 'everysec',
      save: '',
      'maxmemory-policy': 'noeviction',
      'tcp-backlog': '511',
    });
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  get exited(): Promise<void> {
    return this.#process?.exited ?? Promise.resolve();
  }

  async restart(): Promise<void> {
    if (this.#process?.running) return;
    this.#process = await ServiceProcess.start({
      command: this.source,
      args: this.#args,
      cwd: this.#folder,
      logFile: this.#logFile,
      orphanSignal: 'TERM',
    });
    // A large append-only file takes a while to load; Redis answers the ping only when it is done.
    for (const until = performance.now() + 300_000; performance.now() < until; await sleep(50)) {
      if (!this.#process.running) throw new Error(`redis-server ended at once:\n${this.#process.tail()}`);
      if (
        await ping(this.url).then(
          () => true,
          () => false,
        )
      )
        return;
    }
    throw new Error(`redis-server does not answer; its log is ${this.#logFile}`);
  }

  async stop(): Promise<void> {
    await this.#process?.stop(stopSteps);
  }
}

const settings = (values: Record<string, string>): string[] => Object.entries(values).flatMap(([key, value]) => [`--${key}`, value]);

const install = async (log: (line: string) => void): Promise<string> => {
  const advice = 'install Redis 6.2 or later (Debian: apt-get install redis-server) or set REDIS_URL';
  if (!canInstallPackages()) throw new Error(`no redis-server on PATH; ${advice}`);
  log('redis: no redis-server on PATH; installing Debian’s');
  await installPackages(['redis-server'], log).catch((error: unknown) => {
    throw new Error(`redis-server could not be installed (${message(error)}); ${advice}`);
  });
  await disableSystemService('redis-server');
  const program = findProgram('redis-server');
  if (!program) throw new Error(`the package brought no redis-server; ${advice}`);
  return program;
};

/** A Redis that an earlier run left on the same folder ends first: two servers on one append-only file destroy it. */
const endOrphan = async (folder: string, log: (line: string) => void): Promise<void> => {
  let pid = 0;
  try {
    pid = Number(readFileSync(join(folder, 'redis.pid'), 'utf8'));
  } catch {
    return;
  }
  if (!pid || !alive(pid) || !commandLine(pid).includes('redis-server') || workingDirectory(pid) !== realpathSync(folder)) return;
  log(`redis: ending process ${pid}, left over from an earlier run`);
  if (!(await endProcess(pid, stopSteps))) throw new Error(`redis-server (process ${pid}) does not end`);
};

const ping = async (url: string): Promise<void> => {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 3000, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
};

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

const withoutPassword = (url: string): string => url.replace(/\/\/[^@/]*@/, '//…@');
