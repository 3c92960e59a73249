import type { Clock, Timer } from '../../kernel/clock.js';
import { isThenable } from './thenable.js';

/**
 * Calls an actor's `activate` or `deactivate`, which may take `mostMs`: after them it counts as failed, and what it still does is
 * ignored. Calls `done` or `failed`, once; within this call when the hook is not asynchronous.
 */
export const callHook = (
  { clock, mostMs }: { clock: Clock; mostMs: number },
  hook: () => Promise<void> | void,
  done: () => void,
  failed: (error: unknown) => void,
): void => {
  let result: Promise<void> | void;
  try {
    result = hook();
  } catch (error) {
    failed(error);
    return;
  }
  if (!isThenable(result)) {
    done();
    return;
  }
  let timer: Timer | undefined;
  let isOver = false;
  const end = (then: () => void): void => {
    if (isOver) return;
    isOver = true;
    timer?.cancel();
    then();
  };
  timer = clock.after(mostMs, () => end(() => failed(new Error(`a hook took over ${mostMs} ms`))));
  result.then(
    () => end(done),
    (error: unknown) => end(() => failed(error)),
  );
};
