import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { demandMayStart } from './last-orders.js';
import { leash } from './leash.js';
import { rotateLog } from './log-rotation.js';
import { endProcess } from './process-table.js';

export interface ProcessOptions {
  command: string;
  args: string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Output goes here, behind what is there already. It stays within `logBounds`. */
  logFile: string;
  /** The process ends when this pipe does, so it needs no signal when its parent is killed. */
  pipeStdin?: boolean;
  /** Where the system can: the process gets this signal when its parent is killed. */
  orphanSignal?: 'TERM' | 'INT' | 'KILL';
}

/** How often logs are looked at: a program that writes without end gets so far beyond the bound. */
const logLookMs = 2_000;

/**
 * A child in a process group of its own: Ctrl-C in the terminal reaches only the supervisor, which stops its children in order.
 */
export class ServiceProcess {
  static readonly #running: ServiceProcess[] = [];
  static #logs: NodeJS.Timeout | undefined;
  readonly pid: number;
  readonly logFile: string;
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, logFile: string) {
    this.#child = child;
    this.pid = child.pid!;
    this.logFile = logFile;
    ServiceProcess.#running.push(this);
    ServiceProcess.#logs ??= setInterval(() => ServiceProcess.#keepLogsShort(), logLookMs).unref();
    this.exited = new Promise((resolve) =>
      child.once('exit', () => {
        ServiceProcess.#running.splice(ServiceProcess.#running.indexOf(this), 1);
        resolve();
      }),
    );
  }

  /** Ends whatever runs, the youngest first: for a start that is broken off in its middle. */
  static async endAll(): Promise<void> {
    for (let last = ServiceProcess.#running.at(-1); last; last = ServiceProcess.#running.at(-1)) {
      await last.stop([
        ['SIGINT', 10_000],
        ['SIGKILL', 5_000],
      ]);
    }
  }

  static #keepLogsShort(): void {
    for (const { logFile } of ServiceProcess.#running) rotateLog(logFile);
  }

  static async start(options: ProcessOptions): Promise<ServiceProcess> {
    demandMayStart();
    mkdirSync(dirname(options.logFile), { recursive: true });
    rotateLog(options.logFile);
    const log = openSync(options.logFile, 'a');
    const { orphanSignal } = options;
    const [command, args] = orphanSignal ? leash(orphanSignal, options.command, options.args) : [options.command, options.args];
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      detached: true,
      stdio: [options.pipeStdin ? 'pipe' : 'ignore', log, log],
    });
    closeSync(log);
    child.stdin?.on('error', () => undefined);
    // Known from its first moment: a stop may come before its start is told.
    const started = child.pid === undefined ? undefined : new ServiceProcess(child, options.logFile);
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    return started!;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async stop(steps: readonly [signal: NodeJS.Signals, waitMs: number][]): Promise<void> {
    if (!this.running) return;
    await endProcess(this.pid, steps);
    await this.exited;
  }

  /** The last lines it wrote, for an error message. */
  tail(lines = 15): string {
    return tailOf(this.logFile, lines);
  }
}

export const tailOf = (file: string, lines: number): string => {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
};
