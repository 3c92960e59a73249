import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { demandMayStart } from './last-orders.js';
import { leash } from './leash.js';

/** The full path of a program on PATH. */
export const findProgram = (name: string): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });

/** The program ended with an error; `output` holds its last lines. */
export class CommandFailed extends Error {
  constructor(
    command: string,
    readonly output: string,
  ) {
    super(`${command} failed: ${output.split('\n').slice(-4).join(' / ')}`);
  }
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  onLine?(line: string): void;
  timeoutMs?: number;
  /**
   * How it ends when we do. At once and with all it has started, unless told; `when it can` is for what must not be torn off in its
   * middle, such as a package's installation: that is asked, and may first finish its step.
   */
  ends?: 'at once' | 'when it can';
}

interface RunningProgram {
  pid: number;
  ends: 'at once' | 'when it can';
  ended: Promise<unknown>;
}

const running = new Set<RunningProgram>();
const patienceMs = 120_000;

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has just ended by itself.
  }
};

const signalOne = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // As above.
  }
};

const forced = ({ pid }: RunningProgram): void => signalGroup(pid, 'SIGKILL');
process.once('exit', () => {
  for (const program of running) if (program.ends === 'at once') forced(program);
});

/** Ends all programs that run now, and resolves when they have ended. */
export const endPrograms = async (): Promise<void> => {
  await Promise.all(
    [...running].map(async (program) => {
      if (program.ends === 'at once') forced(program);
      // To itself alone: what it has started would be torn off.
      else signalOne(program.pid, 'SIGINT');
      const timer = setTimeout(() => forced(program), patienceMs);
      await program.ended;
      clearTimeout(timer);
    }),
  );
};

/** Runs a program to its end, in its own process group, and answers its output. */
export const runProgram = (command: string, args: string[], options: RunOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    demandMayStart();
    const { ends = 'at once' } = options;
    const leashed = leash(ends === 'at once' ? 'KILL' : 'INT', command, args);
    const child = spawn(...leashed, { env: options.env ?? process.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const program = { pid: child.pid ?? 0, ends, ended: new Promise((ended) => child.once('close', ended)) };
    if (program.pid) running.add(program);
    const lines: string[] = [];
    let rest = '';
    const read = (chunk: Buffer): void => {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        lines.push(line);
        options.onLine?.(line);
      }
      if (lines.length > 2000) lines.splice(0, 1000);
    };
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), options.timeoutMs);
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      running.delete(program);
      if (rest) lines.push(rest);
      if (code === 0) resolve(lines.join('\n'));
      else reject(new CommandFailed(command, lines.slice(-20).join('\n')));
    });
  });
