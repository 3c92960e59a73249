import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { alive, commandLine, endProcess } from '../services/process-table.js';
import { ServiceProcess } from '../services/service-process.js';
import { nodeFlags } from './node-flags.js';

const program = process.env.PARLEY_MAIN ?? fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const readyMs = 120_000;
const drainMs = 15_000;

export interface NodeOptions {
  id: string;
  port: number;
  dataDir: string;
  env: NodeJS.ProcessEnv;
  /** That it has to itself; 1 if not given. */
  cores?: number;
}

/** One Parley node as a child process. Its output goes to its own log file, which outlives us both. */
export class NodeProcess {
  readonly id: string;
  readonly url: string;
  readonly logFile: string;
  readonly #options: NodeOptions;
  #process: ServiceProcess | undefined;
  #starting: Promise<void> | undefined;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.id = options.id;
    this.url = `http://127.0.0.1:${options.port}`;
    this.logFile = join(options.dataDir, 'logs', `${options.id}.log`);
  }

  get name(): string {
    return `node ${this.id}`;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get exited(): Promise<void> {
    return this.#process?.exited ?? Promise.resolve();
  }

  /** Starts it unless it runs; calls that come together start one. */
  restart(): Promise<void> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #start(): Promise<void> {
    if (this.#process?.running) return;
    this.#process = await ServiceProcess.start({
      command: process.execPath,
      args: ['--enable-source-maps', ...nodeFlags(this.#options.cores), program],
      env: { ...this.#options.env, NODE_ID: this.id, PORT: String(this.#options.port) },
      logFile: this.logFile,
      orphanSignal: 'TERM',
    });
  }

  async ready(): Promise<boolean> {
    return (await this.#unready()) === undefined;
  }

  /** Resolves when the node takes work; fails when it ends or takes too long, or when the signal comes. */
  async untilReady(signal?: AbortSignal): Promise<void> {
    const node = this.#process!;
    let reason: string | undefined;
    for (const until = performance.now() + readyMs; performance.now() < until; await sleep(100)) {
      if (signal?.aborted) throw new Error(`node ${this.id} was not waited for`);
      if (!node.running) throw new Error(`node ${this.id} ended while starting; the end of ${this.logFile}:\n${node.tail()}`);
      reason = await this.#unready();
      if (reason === undefined) return;
    }
    throw new Error(`node ${this.id} is not ready after ${readyMs / 1000} s (${reason}); the end of ${this.logFile}:\n${node.tail()}`);
  }

  /** Why it takes no work; undefined when it does. */
  async #unready(): Promise<string | undefined> {
    try {
      const response = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2000) });
      const text = await response.text();
      return response.status === 200 ? undefined : `${response.status} ${text.slice(0, 200)}`;
    } catch {
      return 'it does not answer';
    }
  }

  async stop(hurry: boolean): Promise<void> {
    await this.#starting?.catch(() => undefined);
    await this.#process?.stop([
      ['SIGTERM', hurry ? 200 : drainMs],
      ['SIGKILL', 5000],
    ]);
  }

  kill(): void {
    if (this.#process?.running) process.kill(this.#process.pid, 'SIGKILL');
  }
}

/** Ends a node that a killed run left behind. */
export const endOrphanNode = async (pid: number): Promise<void> => {
  if (!alive(pid) || !commandLine(pid).includes(program)) return;
  await endProcess(pid, [
    ['SIGTERM', drainMs],
    ['SIGKILL', 5000],
  ]);
};
