import { setTimeout as sleep } from 'node:timers/promises';
import { BackOff } from './back-off.js';

/** What can die and be started again. */
export interface Mortal {
  readonly name: string;
  readonly exited: Promise<void>;
  restart?(): Promise<void>;
}

export interface Keeper {
  /** From now on the thing may die. */
  release(): void;
}

/** Starts a thing again whenever it dies, waiting longer each time that it does not live long. */
export const keepAlive = (thing: Mortal, log: (line: string) => void, onRestart: () => void = () => undefined): Keeper => {
  const backOff = new BackOff();
  const released = new AbortController();
  const watch = async (): Promise<void> => {
    let bornAt = performance.now();
    while (thing.restart) {
      await thing.exited;
      const waitMs = backOff.afterLifeOf(performance.now() - bornAt);
      if (released.signal.aborted) return;
      log(`${thing.name} has ended; starting it again in ${waitMs / 1000} s`);
      await sleep(waitMs, undefined, { signal: released.signal });
      bornAt = performance.now();
      try {
        await thing.restart();
        log(`${thing.name} has been started again`);
        onRestart();
      } catch (error) {
        log(`${thing.name} does not start: ${(error as Error).message}`);
      }
    }
  };
  watch().catch(() => undefined);
  return { release: () => released.abort() };
};
