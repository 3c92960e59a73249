import type { Clock, Timer } from '../../src/kernel/clock.js';
import type { SimTime } from './sim-time.js';

/** Wall time at which every simulation begins. */
export const beginning = Date.UTC(2026, 0, 1);

/**
 * One operating system process: what reaches it from outside (timers, answers, packets) comes through `deliver`, so that it can be
 * halted as by SIGSTOP (everything waits, then runs late, and its monotonic clock has jumped) or killed.
 */
export class SimProcess {
  readonly name: string;
  readonly time: SimTime;
  readonly clock: Clock;
  #state: 'running' | 'paused' | 'dead' = 'running';
  #waiting: (() => void)[] = [];
  /** Ms by which its wall clock is wrong. */
  wallOffset = 0;
  readonly #deaths = new Set<() => void>();

  constructor(name: string, time: SimTime) {
    this.name = name;
    this.time = time;
    this.clock = new ProcessClock(this);
  }

  get dead(): boolean {
    return this.#state === 'dead';
  }

  get paused(): boolean {
    return this.#state === 'paused';
  }

  /** Something from outside: now, once it goes on, or never. */
  deliver(run: () => void): void {
    if (this.#state === 'running') run();
    else if (this.#state === 'paused') this.#waiting.push(run);
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    // Each in a turn of its own, in the order of arrival, before whatever comes from now on.
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) this.time.after(0, () => this.deliver(run));
  }

  kill(): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#waiting = [];
    for (const listener of [...this.#deaths]) listener();
  }

  /** Called at its death, by whoever is connected to it. Answers how to stop. */
  onDeath(listener: () => void): () => void {
    this.#deaths.add(listener);
    return () => void this.#deaths.delete(listener);
  }
}

/** The time as one process has it. */
class ProcessClock implements Clock {
  readonly #process: SimProcess;

  constructor(process: SimProcess) {
    this.#process = process;
  }

  now(): number {
    return Math.floor(beginning + this.#process.time.now + this.#process.wallOffset);
  }

  monotonic(): number {
    return this.#process.time.now;
  }

  after(ms: number, run: () => void): Timer {
    let on = true;
    const timer = this.#process.time.after(ms, () =>
      this.#process.deliver(() => {
        if (on) run();
      }),
    );
    return {
      cancel: () => {
        on = false;
        timer.cancel();
      },
    };
  }

  /** One that falls due again while it waits for its process runs once. */
  every(ms: number, run: () => void): Timer {
    let on = true;
    let due = false;
    const { time } = this.#process;
    let timer: Timer;
    const tick = (): void => {
      if (!on || this.#process.dead) return;
      timer = time.after(ms, tick);
      if (due) return;
      due = true;
      this.#process.deliver(() => {
        due = false;
        if (on) run();
      });
    };
    timer = time.after(ms, tick);
    return {
      cancel: () => {
        on = false;
        timer.cancel();
      },
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }
}
