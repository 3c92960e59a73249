import type { EventPayload } from '../../protocol/events.js';
import type { LedgerItem } from '../../protocol/ledgers.js';
import { ledgerRoom } from '../../protocol/rooms.js';
import type { LedgerCommit, LedgerRepository } from '../../store/contracts.js';
import type { ActorContext } from '../runtime/actor.js';
import { Ledger } from './ledger.js';
import type { TendLedger } from './messages.js';
import { wireName } from './names.js';
import { type SyncAnswer, type SyncAsk, syncOf } from './sync.js';
import { toLedgerItem } from './tail.js';

export interface LiveLedgerParts {
  /** The stored name. */
  name: string;
  context: ActorContext;
  ledgers: LedgerRepository;
  publish(room: string, event: 'ledger_changed', payload: EventPayload<'ledger_changed'>): void;
  /** Each commit, in rev order, before it is shown. */
  committed?(commit: LedgerCommit): void;
  /** Kinds of which a snapshot has the newest alone, by name. */
  windowed?: readonly string[];
}

const tend = (ledger: string): TendLedger => ({ type: 'tend_ledger', ledger });

/**
 * A ledger as part of an actor: tended by messages that the actor tells itself, and shown to the ledger's room, change
 * by change.
 */
export class LiveLedger extends Ledger {
  readonly #live: LiveLedgerParts;

  constructor(live: LiveLedgerParts) {
    const { name, context, ledgers, windowed = [] } = live;
    super({
      ...{ name, context, ledgers, windowed },
      committed: (commit) => this.#show(commit),
      tookOver: () => this.#tell(this.head, this.head, []),
      tendIn: (ms) => void context.tellSelfAfter(ms, tend(name)),
    });
    this.#live = live;
  }

  sync(ask: SyncAsk): Promise<SyncAnswer> {
    return syncOf(this, this.#live.ledgers, ask);
  }

  #show(commit: LedgerCommit): void {
    const { rev, changes } = commit;
    this.#live.committed?.(commit);
    const items = changes.map((change) => toLedgerItem({ rev, ...change }));
    this.#tell(rev - 1, rev, items);
  }

  #tell(after_rev: number, head_rev: number, items: LedgerItem[]): void {
    this.#live.publish(ledgerRoom(this.name), 'ledger_changed', { ledger: wireName(this.name), after_rev, head_rev, items });
  }
}
