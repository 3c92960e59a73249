import { Fault } from '../../kernel/errors.js';
import { atLeast, fullJitter } from '../backoff.js';
import type { Timer } from '../clock.js';
import { markOf } from './deltas-of-states.js';
import type { FollowedLedger } from './followed-ledger.js';
import { isWhole, type LedgerAsk } from './ledger-state.js';
import { type LedgersPort, namesAtOnce } from './ledgers-port.js';

export interface JoiningParts {
  port: Pick<LedgersPort, 'clock' | 'random' | 'syncLedgers'>;
  /** Ledgers whose changes are wanted and do not come yet. */
  waiting(): FollowedLedger[];
  history(): string | null;
  learn(history: string): void;
}

const backoff = { baseMs: 400, maxMs: 15_000 };

/**
 * Subscribes a connection to ledgers and brings what changed meanwhile: one request for each 200, one after the other.
 */
export class Joining {
  readonly #parts: JoiningParts;
  /** What the server had no time for; it comes after what has not been asked for. */
  readonly #later = new Set<FollowedLedger>();
  #isActive = false;
  #isAsking = false;
  #failures = 0;
  #timer: Timer | undefined;
  #life = 0;

  constructor(parts: JoiningParts) {
    this.#parts = parts;
  }

  /** A connection is there to ask over, or none any more. */
  begin(isActive: boolean): void {
    this.#life++;
    this.#isActive = isActive;
    this.#failures = 0;
    this.#later.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
    if (isActive) this.want();
  }

  /** There may be something to ask for; all that comes within the same moment goes together. */
  want(): void {
    if (this.#isActive && !this.#isAsking) this.#after(0);
  }

  #after(ms: number): void {
    this.#timer ??= this.#parts.port.clock.after(ms, () => {
      this.#timer = undefined;
      this.#run();
    });
  }

  #run(): void {
    if (!this.#isActive || this.#isAsking) return;
    const waiting = this.#parts.waiting();
    const first = waiting.filter((ledger) => !this.#later.has(ledger));
    const some = (first.length > 0 ? first : waiting).slice(0, namesAtOnce);
    if (some.length === 0) return;
    const life = this.#life;
    this.#isAsking = true;
    this.#join(some, life).then(
      (isDone) => this.#done(life, isDone ? 0 : this.#wait()),
      (thrown: unknown) => this.#done(life, this.#wait(Fault.from(thrown).retry_after_ms)),
    );
  }

  #done(life: number, wait: number): void {
    this.#isAsking = false;
    // Another connection asks at once.
    if (this.#isActive) this.#after(life === this.#life ? wait : 0);
  }

  #wait(askedMs?: number): number {
    const { random } = this.#parts.port;
    return Math.max(50, askedMs === undefined ? fullJitter(this.#failures++, backoff, random) : atLeast(askedMs, random));
  }

  /** One request. False: nothing but what has to wait is left. */
  async #join(some: readonly FollowedLedger[], life: number): Promise<boolean> {
    const history = this.#parts.history();
    const asked = new Map<FollowedLedger, LedgerAsk>();
    for (const ledger of some) {
      const { state } = ledger;
      const known = isWhole(state) && markOf(state)?.history === history;
      asked.set(ledger, { after_rev: known ? state.rev : null, cursor: null });
      ledger.take({ type: 'asked' });
    }
    const revs = Object.fromEntries([...asked].map(([{ name }, { after_rev }]) => [name, after_rev ?? -1]));
    const answer = await this.#parts.port.syncLedgers({ ledgers: revs, ...(history !== null && { history }) });
    if (life !== this.#life) return true;
    this.#parts.learn(answer.history);
    const pages = new Map(answer.ledgers.map(({ ledger, ...page }) => [ledger, page]));
    const gone = new Set(answer.gone);
    const silent = new Set(answer.silent);
    const later = new Set(answer.later);
    for (const [ledger, ask] of asked) {
      this.#later.delete(ledger);
      const page = pages.get(ledger.name);
      if (gone.has(ledger.name)) ledger.lose(new Fault('not_found', 'There is no such ledger, or not for you'));
      else if (later.has(ledger.name)) this.#later.add(ledger);
      else {
        if (page) ledger.take({ type: 'page', asked: ask, page, history: answer.history });
        ledger.joined({ isTold: !silent.has(ledger.name) });
      }
    }
    if (later.size < some.length) this.#failures = 0;
    return this.#later.size === 0 || this.#parts.waiting().some((ledger) => !this.#later.has(ledger));
  }
}
