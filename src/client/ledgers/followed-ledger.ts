import { Fault } from '../../kernel/errors.js';
import { atLeast, fullJitter } from '../backoff.js';
import type { Timer } from '../clock.js';
import type { ItemName } from './items.js';
import { askOf, emptyLedger, isBehind, type LedgerAction, type LedgerAsk, type LedgerState, nextLedger } from './ledger-state.js';
import type { LedgerAnswer, LedgersPort } from './ledgers-port.js';

export interface FollowedLedgerParts {
  port: Pick<LedgersPort, 'clock' | 'random'>;
  /** One request for this ledger. */
  ask(asked: LedgerAsk): Promise<LedgerAnswer>;
  /** The server has named its history; what is known under another one goes before this returns. */
  learn(history: string): void;
  /** The state is another. */
  changed(before: LedgerState, names: readonly ItemName[]): void;
  /** Whether it is known to be current is other than before. */
  stands(): void;
  /** It is not there for this member. */
  gone(): void;
}

/** A hole is asked about within so long, so that all who see it do not ask at once. */
const holeMs = 300;
/** So many answers in a row that do not reach the head that was heard of: then all of it is asked for. */
const maxStale = 5;
const backoff = { baseMs: 400, maxMs: 15_000 };

/** Whether an answer brought one on; a snapshot that begins again and again does not. */
const hasMoved = (before: LedgerState, { rev, snapshot }: LedgerState): boolean => {
  if (!snapshot) return rev > before.rev;
  return !before.snapshot || (before.snapshot.start === snapshot.start && before.snapshot.cursor !== snapshot.cursor);
};

/** One ledger that is followed, and the one request for it that may be under way. */
export class FollowedLedger {
  readonly name: string;
  /** How many follow it in this tab. */
  holders = 0;
  isWantedElsewhere = false;
  /** Whether what was stored is known. */
  isLoaded = false;
  /** Why it is not there for this member. */
  fault: Fault | null = null;
  readonly #parts: FollowedLedgerParts;
  #state: LedgerState = emptyLedger;
  #isJoined = false;
  #isLost = false;
  #isTold = true;
  #isAsking = false;
  #failures = 0;
  #stale = 0;
  #timer: Timer | undefined;
  /** Counts connections, so that an answer of an earlier one does not count for this one. */
  #life = 0;
  #over = false;

  constructor(name: string, parts: FollowedLedgerParts) {
    this.name = name;
    this.#parts = parts;
  }

  get state(): LedgerState {
    return this.#state;
  }

  /** Whether its changes come over this connection. */
  get isJoined(): boolean {
    return this.#isJoined;
  }

  /** Whether nothing comes of it as long as the member stands as they do. */
  get isOutside(): boolean {
    return this.#isLost || (this.#isJoined && !this.#isTold);
  }

  /** Whether this connection was told that there is no such ledger, or not for this member. */
  get isLost(): boolean {
    return this.#isLost;
  }

  get isCurrent(): boolean {
    return this.#isJoined && !isBehind(this.#state);
  }

  take(action: LedgerAction): void {
    if (this.#over) return;
    const before = this.#state;
    const wasCurrent = this.isCurrent;
    const { state, changed } = nextLedger(before, action);
    this.#state = state;
    if (changed.length > 0 || state.rev !== before.rev || (before.snapshot && !state.snapshot)) this.#parts.changed(before, changed);
    else if (this.isCurrent !== wasCurrent) this.#parts.stands();
  }

  /** The connection is another one, or gone: nothing is subscribed to, and a snapshot that broke off begins anew. */
  leave(): void {
    this.#life++;
    this.#isJoined = false;
    this.#isLost = false;
    this.#failures = 0;
    this.#stale = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#state.snapshot) this.take({ type: 'afresh' });
  }

  /** Its changes come from now on; or do not: one may read it and does not belong there. */
  joined({ isTold }: { isTold: boolean }): void {
    if (this.#over) return;
    this.#isTold = isTold;
    this.#isJoined = true;
    this.fault = null;
    this.#parts.stands();
    this.#run();
  }

  heard(event: LedgerAction & { type: 'event' }): void {
    if (this.#isLost) return;
    this.take(event);
    this.check();
  }

  /** Asks for what may be missing, a moment later. */
  check(): void {
    if (this.#isJoined && !this.#isAsking && isBehind(this.#state)) this.#later(Math.round(this.#parts.port.random() * holeMs));
  }

  /** `not_found`, whoever was told so: all of it goes. */
  lose(fault: Fault): void {
    this.leave();
    this.#isLost = true;
    this.fault = fault;
    this.take({ type: 'gone' });
    this.#parts.gone();
  }

  /** Nobody follows it any more: it stays as it is. */
  stop(): void {
    this.leave();
    this.#over = true;
  }

  #later(ms: number): void {
    if (this.#timer || this.#over) return;
    this.#timer = this.#parts.port.clock.after(ms, () => {
      this.#timer = undefined;
      this.#run();
    });
  }

  #run(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#isAsking || this.#over || !this.#isJoined || !isBehind(this.#state)) return;
    this.#isAsking = true;
    const life = this.#life;
    const done = (wait: number | null): void => {
      this.#isAsking = false;
      if (life !== this.#life || wait === 0) this.#run();
      else if (wait !== null) this.#later(wait);
    };
    this.#step(life).then(
      (wait) => {
        this.#failures = 0;
        done(wait);
      },
      (thrown: unknown) => done(life === this.#life ? this.#failed(Fault.from(thrown)) : null),
    );
  }

  /** One request. Answers how long to wait before the next one that is needed, or null when none is. */
  async #step(life: number): Promise<number | null> {
    const asked = askOf(this.#state);
    this.take({ type: 'asked' });
    const { history, ...page } = await this.#parts.ask(asked);
    if (life !== this.#life) return 0;
    this.#parts.learn(history);
    const before = this.#state;
    this.take({ type: 'page', asked, page, history });
    if (!isBehind(this.#state)) {
      this.#stale = 0;
      return null;
    }
    if (hasMoved(before, this.#state)) return 0;
    if (++this.#stale % maxStale === 0) this.take({ type: 'afresh' });
    return holeMs * 2 ** Math.min(this.#stale, 5);
  }

  #failed(fault: Fault): number | null {
    if (fault.code === 'not_found' || fault.code === 'forbidden') {
      this.lose(fault);
      return null;
    }
    const { random } = this.#parts.port;
    // The place where a snapshot was to go on is not taken any more.
    if (!fault.retryable && this.#state.snapshot) this.take({ type: 'afresh' });
    const wait = fault.retry_after_ms === undefined ? fullJitter(this.#failures, backoff, random) : atLeast(fault.retry_after_ms, random);
    this.#failures++;
    return Math.max(50, wait);
  }
}
