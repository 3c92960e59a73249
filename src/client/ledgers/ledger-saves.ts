import type { Clock, Timer } from '../clock.js';
import { deltaFrom, markOf, wholeOf } from './deltas-of-states.js';
import { type ItemName, nameOf } from './items.js';
import type { LedgerMark } from './ledger-delta.js';
import { isWhole, type LedgerState } from './ledger-state.js';
import type { LedgerStore, StoredLedger } from './ledger-store.js';

export interface LedgerSavesParts {
  clock: Clock;
  store: LedgerStore;
  stateOf(ledger: string): LedgerState | undefined;
  /** Whether this member is signed in here still: what comes after signing out must not be kept. */
  mayWrite(): boolean;
}

/** Changes within so long are saved together. A crash loses as much, which the server tells again. */
export const saveMs = 1_000;
/** A store that does not answer keeps nobody waiting for longer. */
const loadMs = 2_000;

/**
 * Writes what has changed to a store, a moment later and one after the other. Each write goes from the state that was written last to a
 * whole state; where that is not sure (nothing was written yet, a write failed, the store dropped it) all of it is written.
 */
export class LedgerSaves {
  readonly #parts: LedgerSavesParts;
  /** What may be other than in the store. */
  readonly #changed = new Map<string, Map<string, ItemName>>();
  readonly #kept = new Map<string, LedgerMark>();
  #last: Promise<unknown> = Promise.resolve();
  #timer: Timer | undefined;
  #over = false;

  constructor(parts: LedgerSavesParts) {
    this.#parts = parts;
  }

  /** What is stored of a ledger; null when there is nothing, or the store fails or does not answer. */
  load(ledger: string): Promise<StoredLedger | null> {
    return new Promise((resolve) => {
      const timer = this.#parts.clock.after(loadMs, () => resolve(null));
      const take = (stored: StoredLedger | null): void => {
        timer.cancel();
        resolve(stored);
      };
      void this.#after(() => this.#parts.store.load(ledger)).then(take, () => take(null));
    });
  }

  /** The state of a ledger is what the store holds. */
  isKept(ledger: string, mark: LedgerMark): void {
    this.#kept.set(ledger, mark);
    this.#changed.delete(ledger);
  }

  /** A ledger is other than before: these items, or none and only its rev. */
  note(ledger: string, names: readonly ItemName[]): void {
    const changed = this.#changed.get(ledger) ?? new Map<string, ItemName>();
    for (const name of names) changed.set(nameOf(name), name);
    this.#changed.set(ledger, changed);
    if (!this.#over) this.#timer ??= this.#parts.clock.after(saveMs, () => void this.flush());
  }

  /** Writes what waits. Resolves once it stands, or has failed. */
  flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const ledger of this.#changed.keys()) void this.#after(() => this.#save(ledger));
    return this.#last.then(() => undefined);
  }

  drop(ledger: string): void {
    this.#changed.delete(ledger);
    void this.#after(async () => {
      this.#kept.delete(ledger);
      await this.#parts.store.drop(ledger);
    });
  }

  dropAll(): void {
    this.#changed.clear();
    void this.#after(async () => {
      this.#kept.clear();
      await this.#parts.store.dropAll();
    });
  }

  /** Writes what waits, and begins no write afterwards. */
  close(): void {
    this.#over = true;
    void this.flush();
  }

  async #save(ledger: string): Promise<void> {
    const names = this.#changed.get(ledger);
    const state = this.#parts.stateOf(ledger);
    // A snapshot that is under way is saved when it has ended.
    if (!names || !state || !isWhole(state) || !this.#parts.mayWrite()) return;
    const { store } = this.#parts;
    const kept = this.#kept.get(ledger);
    this.#changed.delete(ledger);
    this.#kept.delete(ledger);
    const fits = kept?.history === state.history && (await store.save(deltaFrom(kept!, ledger, state, [...names.values()])));
    const mark = markOf(state);
    if ((fits || (await store.save(wholeOf(ledger, state)))) && mark) this.#kept.set(ledger, mark);
  }

  /** What fails is not known to be kept, and nobody waits for it. */
  #after<T>(run: () => Promise<T>): Promise<T> {
    const next = this.#last.then(run);
    this.#last = next.catch(() => undefined);
    return next;
  }
}
