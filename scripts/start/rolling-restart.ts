/** One of the things that are restarted one after the other. */
export interface Renewable {
  readonly name: string;
  /** Whether it takes work now. Never rejects. */
  ready(): Promise<boolean>;
  /** Resolves when it takes work; rejects, with a line for people, when that takes too long or the signal comes. */
  untilReady(signal: AbortSignal): Promise<void>;
  /** Ends it in good order, starts it again and waits until it takes work; rejects as `untilReady` does. */
  renew(signal: AbortSignal): Promise<void>;
}

export interface RollingRestartParts {
  /** All that is to go on as one. */
  members: readonly Renewable[];
  /** Comes before anything is touched; when it rejects, nothing is. */
  prepare(): Promise<void>;
  log(line: string): void;
}

/**
 * Restarts everything one by one, so that at most one is away at any time: one that takes work is touched only while all others do.
 * What does not take work comes first, since that takes nothing away. Whatever does not come back ends the whole of it there.
 */
export class RollingRestart {
  readonly #parts: RollingRestartParts;
  readonly #cancelled = new AbortController();
  #running: Promise<void> | undefined;
  #again = false;

  constructor(parts: RollingRestartParts) {
    this.#parts = parts;
  }

  /** Begins one; during one another is noted, once, and follows it if it succeeds. */
  request(): void {
    if (this.#cancelled.signal.aborted) return;
    if (this.#running) {
      this.#parts.log(this.#again ? 'a rolling restart waits already' : 'a rolling restart is under way; another follows it');
      this.#again = true;
      return;
    }
    this.#running = this.#rounds().finally(() => {
      this.#running = undefined;
    });
  }

  /** Touches nothing more. Resolves when what was under way has ended. */
  async cancel(): Promise<void> {
    this.#cancelled.abort();
    await this.#running;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Never rejects. */
  async #rounds(): Promise<void> {
    do {
      this.#again = false;
      if (!(await this.#round())) break;
    } while (this.#again && !this.#cancelled.signal.aborted);
    this.#again = false;
  }

  async #round(): Promise<boolean> {
    const { log, prepare } = this.#parts;
    const { signal } = this.#cancelled;
    const began = performance.now();
    log('rolling restart: begins');
    try {
      await prepare();
      for (const { member, ready } of await this.#order()) {
        if (ready) await this.#othersReady(member);
        if (signal.aborted) return false;
        const from = performance.now();
        await member.renew(signal);
        if (signal.aborted) return false;
        log(`rolling restart: ${member.name} is back (${seconds(from)})`);
      }
    } catch (error) {
      if (!signal.aborted) log(`rolling restart: stopped here, what runs goes on: ${(error as Error).message}`);
      return false;
    }
    log(`rolling restart: done (${seconds(began)})`);
    return true;
  }

  /** Those that take no work first. */
  async #order(): Promise<{ member: Renewable; ready: boolean }[]> {
    const all = await Promise.all(this.#parts.members.map(async (member) => ({ member, ready: await member.ready() })));
    return [...all.filter(({ ready }) => !ready), ...all.filter(({ ready }) => ready)];
  }

  async #othersReady(member: Renewable): Promise<void> {
    for (const other of this.#parts.members) if (other !== member) await other.untilReady(this.#cancelled.signal);
  }
}

const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;
