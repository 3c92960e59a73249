import { Fault } from '../../kernel/errors.js';
import { deltaFrom, markOf, wholeOf } from './deltas-of-states.js';
import { FollowedLedger } from './followed-ledger.js';
import type { ItemName } from './items.js';
import { Joining } from './joining.js';
import { LedgerSaves } from './ledger-saves.js';
import { isWhole, type LedgerAsk, type LedgerState } from './ledger-state.js';
import type { LedgerAnswer, LedgersPort } from './ledgers-port.js';
import { type Concern, concernsOf, onTakenOut } from './standing.js';
import type { TabLeader, TabMessage } from './tab-leader.js';
import { turns } from './turns.js';

/** Ledgers of which one asks for a page at the same time. */
const pagesAtOnce = 4;

/**
 * The ledgers that one member follows: loaded from the store, joined at each connection, kept up to date and saved.
 * Only the leader among the browser's tabs does so; the others are told by it, and take over from what they know.
 */
export class MemberLedgers {
  readonly memberId: string;
  readonly #port: LedgersPort;
  readonly #all = new Map<string, FollowedLedger>();
  readonly #saves: LedgerSaves;
  readonly #tabs: TabLeader;
  readonly #joining: Joining;
  readonly #inTurn = turns(pagesAtOnce);
  readonly #forget: (() => void)[];
  /** Tells of items that are other than before, or gone; of none when the rev or the status is another. */
  readonly #changed: (ledger: string, names: readonly ItemName[]) => void;
  #history: string | null = null;

  constructor(memberId: string, port: LedgersPort, changed: (ledger: string, names: readonly ItemName[]) => void) {
    this.memberId = memberId;
    this.#port = port;
    this.#changed = changed;
    this.#tabs = port.tabs(memberId);
    this.#saves = new LedgerSaves({
      clock: port.clock,
      store: port.store(memberId),
      stateOf: (name) => this.#all.get(name)?.state,
      mayWrite: () => port.memberId === memberId,
    });
    this.#joining = new Joining({
      port,
      waiting: () => [...this.#all.values()].filter(({ isLoaded, isJoined, isLost }) => isLoaded && !isJoined && !isLost),
      history: () => this.#history,
      learn: (history) => this.#learn(history),
    });
    this.#forget = [
      port.onOnline(() => this.#begin()),
      port.on('ledger_changed', ({ ledger, ...event }) => {
        if (this.#tabs.isLeading) this.#all.get(ledger)?.heard({ type: 'event', ...event });
      }),
      ...onTakenOut(port, memberId, (concern) => this.#askAnew(concern)),
      this.#tabs.onTold((message) => this.#told(message)),
      this.#tabs.onLeading(() => {
        this.#tabs.tell({ type: 'leading' });
        this.#begin();
      }),
    ];
    this.#begin();
  }

  /** Whether this tab asks the server itself. */
  get isLeading(): boolean {
    return this.#tabs.isLeading;
  }

  get(name: string): FollowedLedger | undefined {
    return this.#all.get(name);
  }

  follow(name: string): void {
    const held = this.#all.get(name);
    const ledger = held ?? this.#open(name);
    ledger.holders++;
    // It may be there (again): whoever follows it anew has a reason.
    if (held?.isLost) held.leave();
    this.#want(ledger);
  }

  unfollow(name: string): void {
    const ledger = this.#all.get(name);
    if (!ledger || --ledger.holders > 0 || ledger.isWantedElsewhere) return;
    // What it is when it is let go is saved first.
    void this.#saves.flush().then(() => {
      if (ledger.holders > 0 || ledger.isWantedElsewhere || this.#all.get(name) !== ledger) return;
      ledger.stop();
      this.#all.delete(name);
    });
  }

  /** Saves at once what waits; resolves once it stands, or has failed. */
  flush(): Promise<void> {
    return this.#saves.flush();
  }

  /** The member is signed out here: nothing of theirs stays. */
  dropAll(): void {
    this.#saves.dropAll();
    this.#end();
  }

  /** Follows nothing any more; what is stored stays. */
  close(): void {
    this.#end();
  }

  #end(): void {
    for (const forget of this.#forget) forget();
    this.#joining.begin(false);
    for (const ledger of this.#all.values()) ledger.stop();
    this.#saves.close();
    this.#tabs.close();
  }

  get #isActive(): boolean {
    return this.#port.isOnline && this.#tabs.isLeading;
  }

  #begin(): void {
    for (const ledger of this.#all.values()) ledger.leave();
    this.#joining.begin(this.#isActive);
    for (const name of this.#all.keys()) this.#changed(name, []);
  }

  #open(name: string): FollowedLedger {
    const ledger: FollowedLedger = new FollowedLedger(name, {
      port: this.#port,
      ask: (asked) => this.#inTurn(() => this.#ask(name, asked)),
      learn: (history) => this.#learn(history),
      changed: (before, names) => this.#took(ledger, before, names),
      stands: () => this.#changed(name, []),
      gone: () => {
        if (this.#tabs.isLeading) {
          this.#saves.drop(name);
          this.#tabs.tell({ type: 'gone', ledger: name });
        }
        this.#changed(name, []);
      },
    });
    this.#all.set(name, ledger);
    void this.#saves.load(name).then((stored) => {
      if (this.#all.get(name) !== ledger) return;
      ledger.isLoaded = true;
      this.#history ??= stored?.history ?? null;
      if (stored && stored.history !== this.#history) this.#saves.drop(name);
      else if (stored && ledger.state.rev < 0 && !ledger.isLost) {
        const { rev, history, items } = stored;
        ledger.take({ type: 'delta', delta: { ledger: name, after: null, rev, history, put: items, removed: [] } });
        this.#saves.isKept(name, { rev, history });
      }
      this.#want(ledger);
    });
    return ledger;
  }

  /** It is to be known here: by the server, or by the tab that leads. */
  #want(ledger: FollowedLedger): void {
    if (!ledger.isLoaded || ledger.isJoined) return;
    if (this.#tabs.isLeading) this.#joining.want();
    else this.#tabs.tell({ type: 'want', ledgers: [ledger.name] });
  }

  #ask(ledger: string, { after_rev, cursor }: LedgerAsk): Promise<LedgerAnswer> {
    return this.#port.syncLedger({
      ledger,
      ...(after_rev !== null && { after_rev }),
      ...(cursor !== null && { cursor }),
      ...(this.#history !== null && { history: this.#history }),
    });
  }

  /** Another history than before: a backup came back, and what was known is of no worth. */
  #learn(history: string): void {
    const isOther = this.#history !== null && this.#history !== history;
    this.#history = history;
    if (!isOther) return;
    this.#saves.dropAll();
    for (const ledger of this.#all.values()) {
      ledger.take({ type: 'history', history });
      ledger.check();
    }
  }

  #took(ledger: FollowedLedger, before: LedgerState, names: readonly ItemName[]): void {
    const { name, state } = ledger;
    if (this.#tabs.isLeading) {
      this.#saves.note(name, names);
      const after = isWhole(before) && before.history === state.history ? markOf(before) : null;
      if (isWhole(state)) this.#tabs.tell({ type: 'delta', delta: after ? deltaFrom(after, name, state, names) : wholeOf(name, state) });
    }
    this.#changed(name, names);
    const concerns = concernsOf(name, names, {
      belongs: (id) => state.items.get('membership')?.has(id) === true,
      isOutside: (other) => this.#all.get(other)?.isOutside === true,
    });
    for (const concern of concerns) this.#askAnew(concern);
  }

  /** It is not known any more whether changes of these come. */
  #askAnew(concern: Concern): void {
    if (!this.#tabs.isLeading) return;
    for (const ledger of this.#all.values()) {
      if (!concern(ledger.name) || !(ledger.isJoined || ledger.isLost)) continue;
      ledger.leave();
      this.#want(ledger);
      this.#changed(ledger.name, []);
    }
  }

  #told(message: TabMessage): void {
    if (this.#tabs.isLeading) {
      if (message.type === 'want') for (const name of message.ledgers) this.#tellOf(name);
      return;
    }
    switch (message.type) {
      case 'leading':
        this.#tabs.tell({ type: 'want', ledgers: [...this.#all.keys()] });
        return;
      case 'gone':
        this.#all.get(message.ledger)?.lose(new Fault('not_found', 'There is no such ledger, or not for you'));
        return;
      case 'delta': {
        const { delta } = message;
        const ledger = this.#all.get(delta.ledger);
        if (!ledger) return;
        this.#history = delta.history;
        ledger.fault = null;
        ledger.take({ type: 'delta', delta });
        const { rev, history } = ledger.state;
        if (rev < delta.rev || history !== delta.history) this.#tabs.tell({ type: 'want', ledgers: [delta.ledger] });
      }
    }
  }

  /** Another tab wants it: it is followed here too, for as long as this tab leads. */
  #tellOf(name: string): void {
    const ledger = this.#all.get(name) ?? this.#open(name);
    ledger.isWantedElsewhere = true;
    if (ledger.isLost) {
      ledger.leave();
      this.#want(ledger);
    } else if (isWhole(ledger.state)) this.#tabs.tell({ type: 'delta', delta: wholeOf(name, ledger.state) });
  }
}
