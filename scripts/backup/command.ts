import { constants, setPriority } from 'node:os';
import { onNpmGone } from '../services/parent-watch.js';

/** What the three commands have in common. */
export const codes = { done: 0, failed: 1, interrupted: 130 } as const;

export const log = (line: string): void => console.error(line);

export const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Tells of a signal to end, and of npm's end; of a second one, some time later, the process ends at once. */
export const untilInterrupted = (): AbortSignal => {
  const stop = new AbortController();
  let at = 0;
  const onSignal = (): void => {
    // npm and tsx may hand on a signal that the terminal has sent already: only a later one is a second one.
    if (at && performance.now() - at > 1_000) process.exit(codes.interrupted);
    at ||= performance.now();
    stop.abort(new Error('interrupted'));
  };
  onNpmGone(onSignal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  return stop.signal;
};

/** Runs one to its end, and ends the process: with 0, with 1 and the reason, or with 130 when it was interrupted. */
export const runCommand = (name: string, run: (signal: AbortSignal) => Promise<number>): void => {
  const signal = untilInterrupted();
  run(signal).then(
    (code) => process.exit(code),
    (error: unknown) => {
      console.error(`${name}: ${signal.aborted ? 'interrupted' : error instanceof Error ? error.message : String(error)}`);
      process.exit(signal.aborted ? codes.interrupted : codes.failed);
    },
  );
};

/** Nodes on the same machine go first. Where the system does not let us, all are alike. */
export const giveWay = (): void => {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    log('this process could not be put behind others on its machine');
  }
};
