/**
 * The only source of time and timers, so that tests and simulations steer it. `now` is wall time (for what people see);
 * `monotonic` never goes back (for leases, deadlines and measuring). All in milliseconds.
 */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  now(): number;
  monotonic(): number;
  after(ms: number, run: () => void): Timer;
  every(ms: number, run: () => void): Timer;
  sleep(ms: number): Promise<void>;
}

/** What a timer can hold, ms: some 25 days. A longer wait would fire at once, so it is cut to this. */
const longestMs = 2 ** 31 - 1;

/** Real time. Its timers do not keep the process alive: what must live holds a socket or a server open. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, longestMs));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  every(ms, run) {
    const timer = setInterval(run, Math.min(ms, longestMs));
    timer.unref();
    return { cancel: () => clearInterval(timer) };
  },
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, longestMs))),
};

interface Pending {
  at: number;
  order: number;
  period: number | undefined;
  run: () => void;
}

/** Time that moves only when told: timers fire in order of their due time, ties in order of creation. */
export class FakeClock implements Clock {
  #wall: number;
  #mono = 0;
  #order = 0;
  #pending = new Set<Pending>();

  constructor(startAt = Date.UTC(2026, 0, 1)) {
    this.#wall = startAt;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#mono;
  }

  after(ms: number, run: () => void): Timer {
    return this.#add({ at: this.#mono + ms, order: this.#order++, period: undefined, run });
  }

  every(ms: number, run: () => void): Timer {
    return this.#add({ at: this.#mono + ms, order: this.#order++, period: ms, run });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Moves time forward, firing what falls due and letting promises settle between two timers. */
  async advance(ms: number): Promise<void> {
    const end = this.#mono + ms;
    await settle();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#moveTo(next.at);
      if (next.period === undefined) this.#pending.delete(next);
      else next.at += next.period;
      next.run();
      await settle();
    }
    this.#moveTo(end);
  }

  #moveTo(at: number): void {
    this.#wall += at - this.#mono;
    this.#mono = at;
  }

  #next(end: number): Pending | undefined {
    let best: Pending | undefined;
    for (const p of this.#pending) {
      if (p.at <= end && (!best || p.at < best.at || (p.at === best.at && p.order < best.order))) best = p;
    }
    return best;
  }

  #add(pending: Pending): Timer {
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }
}

/** Lets every promise that is ready run to its next real wait. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
