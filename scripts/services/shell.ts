import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

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
  /** What is begun here must not go on without us; what is not so marked ends well by itself, such as a package's installation. */
  endsWithUs?: boolean;
}

const endingWithUs = new Set<number>();
process.once('exit', () => {
  for (const pid of endingWithUs) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
});

/** Runs a program to its end, in its own process group, and answers its output. */
export const runProgram = (command: string, args: string[], options: RunOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: options.env ?? process.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const pid = child.pid;
    if (pid && options.endsWithUs) endingWithUs.add(pid);
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
      if (pid) endingWithUs.delete(pid);
      if (rest) lines.push(rest);
      if (code === 0) resolve(lines.join('\n'));
      else reject(new CommandFailed(command, lines.slice(-20).join('\n')));
    });
  });
