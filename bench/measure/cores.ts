import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);
const taskset = ['/usr/bin/taskset', '/bin/taskset'].find(existsSync);

/** Whether servers and load can be kept apart here: two cores and `taskset`. */
export const canPin = taskset !== undefined && availableParallelism() >= 2;

/**
 * Keeps a process with all its threads on the server's core (the first) or on the others, which the load has. More than one server
 * gets no core of its own. Does nothing where it cannot.
 */
export const pin = async (pid: number, what: 'server' | 'load'): Promise<void> => {
  if (!canPin || !taskset) return;
  const cores = what === 'server' ? '0' : `1-${availableParallelism() - 1}`;
  await run(taskset, ['-acp', cores, String(pid)]).catch(() => undefined);
};
