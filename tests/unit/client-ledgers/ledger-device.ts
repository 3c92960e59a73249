import { allOf, nameOf } from '../../../src/client/ledgers/items.js';
import {
  askOf,
  emptyLedger,
  isBehind,
  isWhole,
  type LedgerAction,
  type LedgerState,
  nextLedger,
} from '../../../src/client/ledgers/ledger-state.js';
import type { LedgerChanged, LedgerPage } from '../../../src/protocol/ledgers.js';
import { type LedgerModel, windowed } from './ledger-model.js';

/** A device and what is on its way to it; fails as soon as it shows what cannot be. */
export class LedgerDevice {
  state: LedgerState = emptyLedger;
  readonly #model: LedgerModel;
  /** Events that were sent over this connection. */
  readonly sent: LedgerChanged[] = [];
  /** An answer that the server has read, and that has not arrived. */
  #underWay: LedgerAction | null = null;
  /** The highest head that events of this connection have told of. */
  #heard = -1;
  /** Snapshots that began in this history. */
  resets = 0;
  /** Where the last one began; what it told of, or was held already. */
  start = -1;
  readonly told = new Set<string>();

  constructor(model: LedgerModel) {
    this.#model = model;
  }

  take(action: LedgerAction): void {
    const before = this.state;
    const { state, changed } = nextLedger(before, action, windowed);
    this.state = state;
    const isReset = action.type === 'page' && action.page.reset && action.asked.cursor === null;
    if (action.type === 'page' && isReset) {
      this.resets++;
      this.start = action.page.rev;
      this.told.clear();
      // What is of the same line and has not changed stays, whether the snapshot names it or not.
      if (before.history === action.history && before.rev <= action.page.head_rev)
        for (const item of this.#model.live())
          if (before.items.get(item.kind)?.get(item.key)?.rev === item.rev) this.told.add(nameOf(item));
    }
    if (action.type === 'page' && (isReset || action.asked.cursor !== null))
      for (const item of action.page.items) this.told.add(nameOf(item));
    this.#tellsOfEveryChange(before, changed.map(nameOf));
    if (!isReset) this.#neverGoesBack(before);
    this.#isTrueUpToRev();
    if (action.type === 'gone') this.#heard = -1;
    if (state.headRev < this.#heard) throw new Error(`a head of ${this.#heard} was forgotten`);
  }

  hear({ ledger: _, ...event }: LedgerChanged): void {
    this.#heard = Math.max(this.#heard, event.head_rev);
    this.take({ type: 'event', ...event });
  }

  ask(): void {
    if (this.#underWay) return;
    this.take({ type: 'asked' });
    const asked = askOf(this.state);
    const { history, ...page }: LedgerPage & { history: string } = this.#model.answer(asked, this.state.history);
    this.#underWay = { type: 'page', asked, page, history };
  }

  answer(): void {
    const answer = this.#underWay;
    this.#underWay = null;
    if (answer) this.take(answer);
  }

  reconnect(): void {
    this.#underWay = null;
    this.sent.length = 0;
    this.#heard = -1;
    if (this.state.snapshot) this.take({ type: 'afresh' });
  }

  /** One request at the least, and more while there is something to ask for. */
  sync(): void {
    this.answer();
    let requests = 0;
    do {
      if (++requests > 200) throw new Error('catching up does not end');
      this.ask();
      this.answer();
    } while (isBehind(this.state));
  }

  #tellsOfEveryChange(before: LedgerState, changed: readonly string[]): void {
    const [then, now] = [before, this.state].map(({ items }) => new Map(allOf(items).map((item) => [nameOf(item), item])));
    for (const name of new Set([...then!.keys(), ...now!.keys()])) {
      const same = JSON.stringify(then!.get(name)) === JSON.stringify(now!.get(name));
      if (!same && !changed.includes(name)) throw new Error(`nobody was told of ${name}`);
    }
  }

  #neverGoesBack(before: LedgerState): void {
    if (this.state.rev >= 0 && this.state.rev < before.rev) throw new Error('the rev went back');
    for (const item of allOf(this.state.items)) {
      const held = before.items.get(item.kind)?.get(item.key);
      if (held && held.rev > item.rev && this.state.history === before.history) throw new Error(`${nameOf(item)} went back`);
    }
  }

  /** Promise 6: whatever has not changed after `rev` is as it is on the server. */
  #isTrueUpToRev(): void {
    const { rev, history, items } = this.state;
    if (!isWhole(this.state) || history !== this.#model.history) return;
    for (const item of this.#model.truth.values()) {
      if (item.rev > rev || windowed.has(item.kind)) continue;
      const held = items.get(item.kind)?.get(item.key);
      const isRight = 'deleted' in item ? held === undefined : held?.rev === item.rev && held.value === item.value;
      if (!isRight) throw new Error(`at ${rev}, ${JSON.stringify(item)} is held as ${JSON.stringify(held)}`);
    }
  }
}
