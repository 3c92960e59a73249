import { Fault, type PresentItem } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import { jsonBytes, ledgerBounds } from '../../protocol/ledgers.js';
import type { LedgerChange, LedgerCommit, LedgerItemRecord, LedgerRepository } from '../../store/contracts.js';
import type { ActorContext } from '../runtime/actor.js';
import { Projection } from './projection.js';
import { settled } from './settling.js';
import { Tail } from './tail.js';

/** What is to be committed. */
export interface Draft {
  /** Null: Parley itself. */
  by: string | null;
  operation: string;
  /** Names the attempt: a second one of the same name changes nothing. */
  op_id?: string;
  /**
   * What whoever asks knows of the item of the first change: its rev, 0 when it is not there. If it is another:
   * `conflict`.
   */
  if_rev?: number | undefined;
  /** Each of another item. None: nothing is committed. */
  changes: readonly LedgerChange[];
}

export interface LedgerParts {
  /** The stored name. */
  name: string;
  context: Pick<ActorContext, 'clock' | 'epoch' | 'isLost' | 'logger'>;
  ledgers: LedgerRepository;
  /** Called in rev order for every commit that became durable: what it did may be shown from now on. */
  committed(commit: LedgerCommit): void;
  /** The owner before may have ended before it showed the newest commits. */
  tookOver?(): void;
  /** `tend` is to be called in a turn, so many ms from now. */
  tendIn(ms: number): void;
  /** Kinds of which a snapshot has the newest alone. */
  windowed?: readonly string[];
}

/** Commits that may wait to be projected: no takeover has more to catch up with. */
const mostUnprojected = 64;
const projectMs = 500;
/** After the store did not answer. */
const tendAgainMs = 2_000;
/** So long the store is asked what became of a commit, ms; less than an ask takes, so that whoever asks hears of it. */
const usualPatienceMs = 4_000;
/** So often a decision is made anew upon what another owner wrote. */
const tries = 5;

/**
 * The numbered log of one subject, in the turns of the actor that owns it. What must hold: a commit is acknowledged and
 * shown when the store has it; its rev is the head and one; nothing else is committed before it is known what became of
 * it. So whoever was told of a head never finds a change at or below it that was not there. One without an answer is
 * brought to its end first, under the same id: it is there, or another has its place. A crash at any point leaves
 * commits, which are the truth: the next owner brings the items along before it reads them.
 *
 * `commit`, `lookAgain` and `tend` are called in turns; whoever only reads may do so beside them.
 */
export class Ledger {
  readonly name: string;
  readonly #parts: LedgerParts;
  readonly #tail = new Tail();
  readonly #projection: Projection;
  #begun: Promise<void> | undefined;
  /** One without an answer: it may still land. */
  #open: LedgerCommit | undefined;
  /** Others may have written behind the head. */
  #isLookDue = false;
  #isTendingDue = false;

  constructor(parts: LedgerParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#projection = new Projection(parts.name, parts.context, parts.ledgers, this.#tail);
  }

  /** Kinds of which a snapshot has the newest alone, by name. */
  get windowed(): readonly string[] {
    return this.#parts.windowed ?? [];
  }

  /** The newest acknowledged rev. */
  get head(): number {
    return this.#tail.head;
  }

  /** What was changed at or below it may be forgotten. */
  get floor(): number {
    return this.#projection.floor;
  }

  /** Whether it is not known what was committed: nothing may be decided by it before `settle`. */
  get isUnsure(): boolean {
    return this.#open !== undefined;
  }

  /** Newest commits, as far as they are in memory. */
  get tail(): Tail {
    return this.#tail;
  }

  /** Before anything else; later calls cost nothing. Rejects when the store does not answer. */
  begin(): Promise<void> {
    this.#begun ??= this.#begin().catch((error: unknown) => {
      this.#begun = undefined;
      throw error;
    });
    return this.#begun;
  }

  async #begin(): Promise<void> {
    const { ledgers } = this.#parts;
    const { head, ...reached } = await ledgers.edges(this.name);
    this.#projection.begin(reached);
    this.#tail.begin(Math.min(this.#projection.head, head));
    await this.#catchUp(() => undefined);
    const wasLeftOpen = this.head > this.#projection.head;
    await this.#project();
    if (wasLeftOpen) this.#parts.tookOver?.();
  }

  /** Reads commits behind the head, until there are no more. */
  async #catchUp(found: (commit: LedgerCommit) => void): Promise<void> {
    for (;;) {
      const commits = await this.#parts.ledgers.commitsAfter(this.name, this.head, mostUnprojected);
      for (const commit of commits) {
        // A hole has nothing behind it: what stands there was decided on what never was.
        if (commit.rev !== this.head + 1) throw new Error(`ledger ${this.name}: ${commit.rev} follows upon ${this.head}`);
        this.#tail.add(commit, this.#projection.head + 1);
        found(commit);
      }
      if (commits.length < mostUnprojected) return;
      if (this.head - this.#projection.head >= mostUnprojected) await this.#project();
    }
  }

  /**
   * Commits what `decide` says, once. It is asked again when another owner has written meanwhile; what it throws is
   * thrown. Durable when it resolves: null when nothing was to be done, whatever `if_rev`. `isAgain`: an attempt of
   * this name had been committed before. Faults: `timeout` (not known: it is brought to its end soon, and shown if it
   * is there), `unavailable` (nothing was written).
   */
  async commit(decide: () => Draft | null | Promise<Draft | null>): Promise<{ commit: LedgerCommit; isAgain: boolean } | null> {
    await this.begin();
    await this.settle();
    for (let attempt = 0; attempt < tries; attempt++) {
      const draft = await decide();
      if (draft === null || draft.changes.length === 0) return null;
      const before = draft.op_id !== undefined && this.#tail.byOperation(draft.op_id);
      if (before) return { commit: before, isAgain: true };
      await this.#demandRev(draft);
      if (this.head - this.#projection.head >= mostUnprojected) await this.#project();
      const commit = this.#place(draft);
      if ((await this.#append(commit)) === 'stored') {
        this.#add(commit);
        return { commit, isAgain: false };
      }
      await this.lookAgain();
      const other = draft.op_id === undefined ? null : await this.#parts.ledgers.byOperation(this.name, draft.op_id);
      if (other) return { commit: other, isAgain: true };
    }
    throw new Fault('unavailable', 'This keeps changing elsewhere', { retry_after_ms: 500 });
  }

  /** Brings to its end what has no answer. Rejects when the store does not answer. */
  async settle(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    const outcome = await this.#append(open, 0);
    if (outcome === 'taken') await this.lookAgain();
    // A look may have found it before.
    else if (open.rev > this.head) this.#add(open);
  }

  /**
   * Whatever another owner has written is shown like one's own. Rejects when the store does not answer, and asks to be
   * tended. To be called a few times after a takeover, as long as something of an earlier owner may land.
   */
  async lookAgain(): Promise<void> {
    await this.begin();
    this.#isLookDue = true;
    await this.#look();
  }

  async #look(): Promise<void> {
    try {
      await this.#catchUp((commit) => this.#parts.committed(commit));
      this.#isLookDue = false;
    } catch (error) {
      this.#tendIn(tendAgainMs);
      throw error;
    }
    if (this.head > this.#projection.head) this.#tendIn(projectMs);
  }

  /**
   * Finds out what is not known and stores the items of what was committed. Rejects when the store does not answer, and
   * asks to be called again.
   */
  async tend(): Promise<void> {
    this.#isTendingDue = false;
    if (this.#parts.context.isLost) return;
    await this.begin();
    await this.settle();
    if (this.#isLookDue) await this.#look();
    await this.#project();
  }

  async #project(): Promise<void> {
    try {
      await this.#projection.run();
    } catch (error) {
      this.#tendIn(tendAgainMs);
      throw error;
    }
  }

  /** Everything is stored as items up to the head, for whoever reads them. */
  async projected(): Promise<void> {
    for (const { head } = this; this.#projection.head < head; ) {
      // Another owner brings it along.
      if (this.#parts.context.isLost) throw new Fault('unavailable', undefined, { retry_after_ms: 200 });
      await this.#project();
    }
  }

  /** An item in its present state; undefined when it is not there. */
  async item(kind: string, key: string): Promise<LedgerItemRecord | undefined> {
    await this.begin();
    const recent = this.#tail.item(kind, key);
    const found = recent ? { ledger: this.name, ...recent } : await this.#parts.ledgers.item(this.name, kind, key);
    return found && found.value !== undefined ? found : undefined;
  }

  /** Values of those of a kind that are there, by key. */
  async itemsOf(kind: string, keys: readonly string[]): Promise<Map<string, unknown>> {
    const found = await Promise.all(keys.map((key) => this.item(kind, key)));
    return new Map(found.flatMap((item) => (item ? [[item.key, item.value] as const] : [])));
  }

  /** Those of a kind that are there, by key, at most `limit`. */
  async items(kind: string, limit: number): Promise<LedgerItemRecord[]> {
    await this.begin();
    await this.projected();
    return this.#parts.ledgers.ofKind(this.name, kind, null, limit);
  }

  /** Fault `conflict` with the present item. */
  async #demandRev({ if_rev, changes: [first] }: Draft): Promise<void> {
    if (if_rev === undefined || !first) return;
    const { kind, key } = first;
    const found = await this.item(kind, key);
    if ((found?.rev ?? 0) === if_rev) return;
    const item: PresentItem = found ? { kind, key, rev: found.rev, value: found.value } : { kind, key, rev: 0, deleted: true };
    throw new Fault('conflict', 'The item is another one by now', { item });
  }

  #place({ by, operation, op_id, changes }: Draft): LedgerCommit {
    const { clock, epoch, isLost } = this.#parts.context;
    if (isLost) throw new Fault('unavailable', undefined, { retry_after_ms: 200 });
    const isTooMuch = changes.length > ledgerBounds.changes || jsonBytes(changes) > ledgerBounds.commitBytes;
    if (isTooMuch) throw new Fault('validation_failed', 'This is too much to change at once');
    const now = clock.now();
    return { id: newId(now), ledger: this.name, rev: this.head + 1, epoch, at: now, by, operation, op_id: op_id ?? null, changes };
  }

  /**
   * `taken`: another commit is in its place, for ever. Fault `timeout`: that is not known, and the commit stays open.
   */
  async #append(commit: LedgerCommit, patienceMs = usualPatienceMs): Promise<'stored' | 'taken'> {
    const { context, ledgers } = this.#parts;
    this.#open = commit;
    const outcome = await settled(context, patienceMs, async () => (await ledgers.append([commit]))[0]!);
    if (outcome !== 'unknown') {
      this.#open = undefined;
      return outcome;
    }
    this.#tendIn(tendAgainMs);
    throw new Fault('timeout', 'The store did not answer; the outcome is unknown', { retry_after_ms: 1_000 });
  }

  #add(commit: LedgerCommit): void {
    this.#tail.add(commit, this.#projection.head + 1);
    this.#parts.committed(commit);
    this.#tendIn(projectMs);
  }

  #tendIn(ms: number): void {
    if (this.#isTendingDue) return;
    this.#isTendingDue = true;
    this.#parts.tendIn(ms);
  }
}
