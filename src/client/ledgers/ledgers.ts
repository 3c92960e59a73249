import { Fault } from '../../kernel/errors.js';
import { Listeners } from '../listeners.js';
import type { LiveItem } from './items.js';
import type { LedgerChange, LedgerReading, LedgerStatus } from './ledger-reading.js';
import { isBehind } from './ledger-state.js';
import { type LedgersPort, requireLedgerName } from './ledgers-port.js';
import { MemberLedgers } from './member-ledgers.js';

const none: ReadonlyMap<string, never> = new Map<string, never>();

/**
 * Ledgers as the client's state: what is followed is loaded from where it was kept, brought up to date by one request
 * at each connection, kept so by events, and saved. What is shown before that is what was known last.
 */
export class Ledgers {
  readonly #port: LedgersPort;
  readonly #changed = new Listeners<[LedgerChange]>();
  #member: MemberLedgers | null = null;

  constructor(port: LedgersPort) {
    this.#port = port;
  }

  /**
   * Follows a ledger until what it answers is called; followed twice it is one. Fails with `unauthenticated` when
   * nobody is signed in, and with `validation_failed` for what is no ledger's name. One that is `gone` is asked for
   * again.
   */
  follow(name: string): () => void {
    requireLedgerName(name);
    const member = this.#open();
    member.follow(name);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      member.unfollow(name);
    };
  }

  state(name: string): LedgerReading {
    const ledger = this.#member?.get(name);
    if (!ledger) return { status: 'unknown', rev: -1, items: () => none };
    const { state } = ledger;
    return {
      status: this.#statusOf(name),
      rev: state.rev,
      items: <V>(kind: string) => (state.items.get(kind) ?? none) as ReadonlyMap<string, LiveItem & { readonly value: V }>,
    };
  }

  /** Hears what changes in ledgers that are followed; answers how to stop. */
  onChange(listener: (change: LedgerChange) => void): () => void {
    return this.#changed.add(listener);
  }

  /** Saves at once what waits to be saved: when the page may end without another word. */
  flush(): void {
    void this.#member?.flush();
  }

  /** Nobody is signed in any more: what was known and what is stored goes. */
  forget(): void {
    this.#member?.dropAll();
    this.#member = null;
  }

  /** Ends following. What is stored stays. */
  close(): void {
    this.#member?.close();
    this.#member = null;
    this.#changed.clear();
  }

  #open(): MemberLedgers {
    const { memberId } = this.#port;
    if (memberId === null) throw new Fault('unauthenticated');
    if (this.#member?.memberId !== memberId) {
      this.#member?.close();
      this.#member = new MemberLedgers(memberId, this.#port, (ledger, items) => this.#changed.tell({ ledger, items }));
    }
    return this.#member!;
  }

  #statusOf(name: string): LedgerStatus {
    const ledger = this.#member?.get(name);
    if (!ledger) return 'unknown';
    if (ledger.fault) return 'gone';
    if (!this.#port.isOnline) return 'offline';
    return (this.#member?.isLeading ? ledger.isCurrent : !isBehind(ledger.state)) ? 'current' : 'catching_up';
  }
}
