/**
 * The little of a clock that the client needs. `kernel/clock`'s clocks fit it, so tests steer the client with `FakeClock`;
 * the client itself does not import them, because they reach for Node.
 */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall time in milliseconds. */
  now(): number;
  after(ms: number, run: () => void): Timer;
}

/** Real time, in browsers and in Node. */
export const hostClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Resolves after so many milliseconds of that clock. */
export const sleep = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
