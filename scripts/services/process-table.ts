import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the system knows of processes. Where there is no /proc, only life and signals work; the rest answers nothing. */
export const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return statFields(pid)?.[0] !== 'Z';
};

/** A process is known by its pid and its start together, since pids come round again. */
export const startedAt = (pid: number): string => statFields(pid)?.[19] ?? '';

export const parentOf = (pid: number): number => Number(statFields(pid)?.[1] ?? 0);

export const commandLine = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();

export const workingDirectory = (pid: number): string => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
};

export const allPids = (): number[] => {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
};

/** Sends each signal in turn until the process has ended. Answers whether it has. */
export const endProcess = async (pid: number, steps: readonly [signal: NodeJS.Signals, waitMs: number][]): Promise<boolean> => {
  for (const [signal, waitMs] of steps) {
    if (!alive(pid)) return true;
    try {
      process.kill(pid, signal);
    } catch {
      return true;
    }
    const until = performance.now() + waitMs;
    while (alive(pid) && performance.now() < until) await sleep(20);
  }
  return !alive(pid);
};

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** The fields behind the command's name, which may itself hold spaces and parentheses: state first. */
const statFields = (pid: number): string[] | undefined => {
  const text = read(`/proc/${pid}/stat`);
  return text ? text.slice(text.lastIndexOf(')') + 2).split(' ') : undefined;
};
