import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../scripts/services/ports.js';
import { allPids, commandLine, parentOf } from '../../scripts/services/process-table.js';
import type { RunState } from '../../scripts/start/run-file.js';
import { until } from '../until.js';

const project = fileURLToPath(new URL('../../', import.meta.url));

/** The environment of a person at a terminal: nothing of the test run's own. */
const plainEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_|PARLEY_NPM|TEST_|REDIS_URL|MONGODB_URL|JWT_SECRET|NODE_ENV|NODE_OPTIONS|PORT|JEST_)/.test(name),
    ),
  );

export interface StartedOptions {
  /** Not made when it is given. */
  dataDir?: string;
  port?: number;
  args?: string[];
  env?: NodeJS.ProcessEnv;
  /** A shell command around it, in which `"$@"` stands for it. */
  within?: string;
}

/** A real `npm start`, as somebody else's program would run it. */
export class Started {
  readonly dataDir: string;
  readonly port: number;
  readonly npm: ChildProcess;
  /** The exit code; null after a signal. */
  readonly ended: Promise<number | null>;
  output = '';
  /** All processes of this run have it in their environment, or a file of the data directory open. */
  readonly #mark: string;

  private constructor(dataDir: string, port: number, options: StartedOptions) {
    this.dataDir = dataDir;
    this.port = port;
    this.#mark = `PARLEY_TEST_RUN=${process.pid}-${port}-${Math.random()}`;
    const command = ['npm', 'start', '--', '--data-dir', dataDir, ...(options.args ?? ['--port', String(port)])];
    const [name, value] = this.#mark.split('=') as [string, string];
    this.npm = spawn('sh', ['-c', options.within ?? 'exec "$@"', 'sh', ...command], {
      cwd: project,
      env: { ...plainEnv(), ...options.env, [name]: value },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.npm.stdout, this.npm.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    this.ended = new Promise((resolve) => this.npm.once('close', resolve));
  }

  static async begin(options: StartedOptions = {}): Promise<Started> {
    return new Started(options.dataDir ?? openFolder(), options.port ?? (await freePort()), options);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async untilReady(): Promise<void> {
    await this.untilSaid('Parley is running');
  }

  /** Waits for a part of its output. */
  async untilSaid(text: string): Promise<void> {
    await until(
      `'${text}'`,
      () => this.output.includes(text),
      () => {
        if (this.npm.exitCode !== null) throw new Error(`it ended before it said '${text}':\n${this.output}`);
      },
    );
  }

  get state(): RunState {
    return JSON.parse(readFileSync(join(this.dataDir, 'run.json'), 'utf8')) as RunState;
  }

  /** The program that npm runs. */
  get supervisor(): number | undefined {
    return this.processes().find((pid) => commandLine(pid).includes('scripts/start.ts') && !commandLine(pid).startsWith('npm'));
  }

  /** Every living process of this run, whoever its parent is by now. */
  processes(): number[] {
    const mine = new Set(allPids().filter((pid) => hasMark(pid, this.#mark) || usesFolder(pid, this.dataDir)));
    // PostgreSQL's and Redis' own children; found by their parents.
    for (let grew = true; grew; ) {
      grew = false;
      for (const pid of allPids())
        if (!mine.has(pid) && mine.has(parentOf(pid))) {
          mine.add(pid);
          grew = true;
        }
    }
    return [...mine];
  }

  /** Ends whatever there is, in order where that is possible, and takes the folder away. */
  async clean(): Promise<void> {
    const supervisor = this.supervisor;
    if (supervisor) signal(supervisor, 'SIGTERM');
    await until('it to end', () => this.processes().length === 0).catch(() => {
      for (const pid of this.processes()) signal(pid, 'SIGKILL');
    });
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** As `mkdir` makes it: everybody may look into it. */
export const openFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-started-'));
  chmodSync(folder, 0o755);
  return folder;
};

export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
};

const hasMark = (pid: number, mark: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark);
  } catch {
    return false;
  }
};

/** The services' environment is not ours, but their output goes to a file in the data directory. */
const usesFolder = (pid: number, folder: string): boolean => {
  if (pid === process.pid || !existsSync(`/proc/${pid}/fd`)) return false;
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`).startsWith(`${folder}/`));
  } catch {
    return false;
  }
};

export const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};
