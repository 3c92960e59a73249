import { nothingThere } from '../../../authority/decide.js';
import { changesBetween, communityLedger, firstChanges, folded, projectionOf } from '../../../store/community-items.js';
import type { CommunityRecord, LedgerCommit, OwedToMemberships, Store } from '../../../store/contracts.js';
import type { Draft, Ledger } from '../../ledger/ledger.js';
import { LiveLedger } from '../../ledger/live-ledger.js';
import type { SyncAnswer, SyncAsk } from '../../ledger/sync.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import { type Stake, stakeOf } from './stake.js';

/** Who does what, for whoever reads the ledger's log. */
export interface Act {
  /** Null: Parley itself. */
  by: string | null;
  operation: string;
  op_id?: string;
  /** See the ledger's `Draft`. */
  if_rev?: number | undefined;
}

/** What is copied into the ledger from elsewhere: it is no part of the record. */
const copiedKind = 'thread';
/**
 * So many commits of what is copied the document may be behind: fewer than are kept, and than an activation reads at
 * once.
 */
const mostBehind = 32;

export interface CommitsParts {
  context: ActorContext;
  store: Pick<Store, 'communities' | 'ledgers'>;
  fanout: DomainPorts['fanout'];
  /**
   * What a commit did, be it one's own or one that was found: it is durable, and may be told. In the order of the
   * commits.
   */
  changed(before: CommunityRecord, after: CommunityRecord): void;
  /**
   * The document has a mark, since memberships show who owns the community and that has changed. Called again after a
   * crash.
   */
  owed(): void;
  /** The community was deleted, and its document says so. Called again when it rejects, or after a crash before it. */
  deleted(record: CommunityRecord): Promise<void>;
  /** `settle` is to be called in a turn, soon. */
  settleLater(): void;
}

/**
 * The community's record as its ledger says it: the commits are the truth, and the stored document is a projection of
 * them. What must hold: nothing is decided by a state that is not known; the document has what was answered before it
 * is answered, and never goes back. A crash between a commit and the document leaves that to the next activation, which
 * brings the document along before anything else. What is copied into the ledger is no part of the document: it is
 * written with the next change, or some commits later.
 *
 * Whatever changes is changed in turns; whoever only reads may do so beside them.
 */
export class Commits {
  readonly #parts: CommitsParts;
  readonly #ledger: LiveLedger;
  #record: CommunityRecord | null = null;
  /** Up to this commit the document has been written. */
  #written = 0;
  /** Commits above that have changed what the document says. */
  #isChanged = false;
  /** What memberships show and commits above that have changed. */
  #owed: OwedToMemberships | undefined;
  /** What the newest commit of this owner is about, while it is not known whether it is there. */
  #stake: Stake | undefined;
  #underWay: Promise<unknown> | undefined;
  /** The document may have been inserted by a write without an answer. */
  #isInsertOpen = false;

  constructor(parts: CommitsParts) {
    this.#parts = parts;
    const { context, store, fanout } = parts;
    this.#ledger = new LiveLedger({
      ...{ name: communityLedger(context.address.key), context, ledgers: store.ledgers },
      publish: (room, event, payload) => fanout.publish(room, event, payload),
      committed: (commit) => this.#committed(commit),
      windowed: [copiedKind],
    });
  }

  get name(): string {
    return this.#ledger.name;
  }

  /** Null: there never was one. A deleted one is marked. */
  get record(): CommunityRecord | null {
    return this.#record;
  }

  /** The living community. Fault `not_found` when there is none. */
  there(): CommunityRecord {
    if (!this.#record || this.#record.deleted_at !== null) throw nothingThere();
    return this.#record;
  }

  /** Reads what is stored. Rejects when the store does not answer. */
  async activate(): Promise<void> {
    const record = await this.#parts.store.communities.byId(this.#parts.context.address.key);
    if (record) await this.#begin(record);
  }

  /** Stores a new community. The same id again keeps the first. Durable when it resolves, with its first commit. */
  async create(record: CommunityRecord): Promise<void> {
    const { communities } = this.#parts.store;
    const mayBeThere = this.#isInsertOpen;
    this.#isInsertOpen = true;
    await communities.insert(record);
    const stored = mayBeThere ? await communities.byId(record.id) : record;
    await this.#begin(stored ?? record);
    await this.settle();
  }

  /** Document first, ledger after: so what the document has of the ledger is never more than is found there. */
  async #begin(record: CommunityRecord): Promise<void> {
    if (record.deleted_at === null) await this.#ledger.begin();
    this.#record = record;
    this.#written = record.ledger_rev;
    if (record.deleted_at !== null) return;
    for (let rev = record.ledger_rev; rev < this.#ledger.head; rev = this.#record.ledger_rev) {
      for (const commit of await this.#parts.store.ledgers.commitsAfter(this.name, rev, 64)) this.#committed(commit);
      if (this.#record.ledger_rev === rev) throw new Error(`the ledger ${this.name} has lost what follows upon ${rev}`);
    }
    await this.#write();
    if (record.untold !== undefined) this.#parts.owed();
  }

  /**
   * What the record is to be is committed, as far as it differs. `make` is asked again when another owner has written
   * meanwhile; what it throws is thrown. When it resolves, the commit is durable and the document has it. Fault
   * `timeout`: not known, until `settle`.
   */
  async commit(act: Act, make: (before: CommunityRecord) => CommunityRecord | Promise<CommunityRecord>): Promise<void> {
    await this.settle();
    const done = this.#ledger.commit(async () => {
      const before = this.there();
      const after = await make(before);
      this.#stake = stakeOf(before, after);
      return { ...act, changes: changesBetween(before, after) };
    });
    this.#underWay = done.catch(() => undefined);
    await done;
    await this.#write();
  }

  /**
   * The ledger for what is copied into it from elsewhere. It alters nobody's standing. Fault `not_found` when there is
   * no community.
   */
  readonly copied: Pick<Ledger, 'commit' | 'itemsOf'> = {
    commit: async (decide: () => Draft | null | Promise<Draft | null>) => {
      await this.settle();
      const done = await this.#ledger.commit(() => {
        this.there();
        this.#stake = [];
        return decide();
      });
      await this.#write();
      return done;
    },
    itemsOf: (kind, keys) => this.#ledger.itemsOf(kind, keys),
  };

  /** Whether it hangs on a commit whose outcome is not known how this member stands. */
  isUnknownOf(memberId: string): boolean {
    return this.#ledger.isUnsure && this.#stake !== undefined && (this.#stake === 'all' || this.#stake.includes(memberId));
  }

  /** Beside the turns: when a commit that is under way has come to its end, known or not. Never rejects. */
  async ended(): Promise<void> {
    await this.#underWay;
  }

  /** Brings to its end what has no answer, also at the document. Rejects when the store does not answer. */
  async settle(): Promise<void> {
    await this.#ledger.settle();
    await this.#first();
    await this.#write();
  }

  /** Whatever an owner before has committed late is shown. */
  async lookAgain(): Promise<void> {
    if (!this.#record) return this.activate();
    if (this.#record.deleted_at !== null) return;
    await this.#ledger.lookAgain();
    await this.#write();
  }

  async tend(): Promise<void> {
    try {
      await this.#ledger.tend();
    } finally {
      await this.#write();
    }
  }

  sync(ask: SyncAsk): Promise<SyncAnswer> {
    return this.#ledger.sync(ask);
  }

  async head(): Promise<number> {
    await this.#ledger.begin();
    return this.#ledger.head;
  }

  /** A figure of memberships, which is no part of the ledger. */
  counted(member_count: number): void {
    if (this.#record) this.#record = { ...this.#record, member_count };
  }

  /**
   * A document may know of more commits than there are: it was written past its actor, or a backup has it as it was
   * later than its ledger. Then what it says is committed.
   */
  async #first(): Promise<void> {
    const record = this.#record;
    if (!record || record.deleted_at !== null) return;
    const commit = (changes: LedgerCommit['changes'] | undefined) =>
      this.#ledger.commit(() => ({ by: record.created_by, operation: 'create_community', changes: changes ?? [] }));
    while (this.#ledger.head < record.ledger_rev) for (const changes of firstChanges(record)) await commit(changes);
  }

  #committed(commit: LedgerCommit): void {
    const before = this.#record;
    if (!before || commit.rev <= before.ledger_rev) return;
    const after = folded(before, commit);
    this.#record = after;
    this.#isChanged ||= commit.changes.some(({ kind }) => kind !== copiedKind);
    if (before.owner_id !== after.owner_id) this.#owed = { owner_before: before.owner_id };
    if (after.deleted_at !== null) this.#owed ??= {};
    this.#parts.changed(before, after);
  }

  async #write(): Promise<void> {
    const record = this.#record;
    if (!record || record.ledger_rev <= this.#written) return;
    if (!this.#isChanged && record.ledger_rev - this.#written < mostBehind) return;
    const { communities } = this.#parts.store;
    try {
      const owed = this.#owed;
      await communities.apply(record.id, record.ledger_rev, projectionOf(record), owed);
      if (this.#owed === owed) this.#owed = undefined;
      if (owed && record.deleted_at === null) this.#parts.owed();
      if (record.deleted_at !== null) await this.#parts.deleted(record);
    } catch (error) {
      this.#parts.settleLater();
      throw error;
    }
    this.#written = record.ledger_rev;
    if (this.#record === record) this.#isChanged = false;
  }
}
