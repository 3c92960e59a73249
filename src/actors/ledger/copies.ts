import { Fault } from '../../kernel/errors.js';
import { jsonBytes, ledgerBounds } from '../../protocol/ledgers.js';
import type { LedgerChange, Untold, UntoldRecords } from '../../store/contracts.js';
import type { ActorContext } from '../runtime/actor.js';
import type { Draft, Ledger } from './ledger.js';

/** What the records of one kind are to show, as they are now. */
interface Shown {
  /** By key. A record without one is to have no item. */
  values: ReadonlyMap<string, unknown>;
  /** Items that are to go as well, at most `copiedAtOnce`. */
  beyond?: readonly string[];
}

/** Where the items of one kind are copied from. */
export interface CopySource<R = unknown> {
  kind: string;
  records: UntoldRecords<R>;
  /** `items`: values that the ledger has of these, by key. */
  shown(those: readonly Untold<R>[], items: ReadonlyMap<string, unknown>): Promise<Shown>;
  /** It is asked also when nothing is untold: there may be items whose records went by themselves. */
  looksBeyond?: true;
  /**
   * Ms for which hints are gathered; absent: a tenth of a second. Whoever writes these may leave out hints for as long,
   * so after the last one it is looked once more.
   */
  gatherMs?(): number;
  /**
   * What is committed where a late decision is to find its place taken and the record, which has no item and is to have
   * none, may not even be named; null: there can be no such decision. Absent, or undefined: it may be named.
   */
  fence?(record: R | null): LedgerChange | null | undefined;
}

/** Who changed the record, for whoever reads the ledger's log. */
export type CopyAct = Pick<Draft, 'by' | 'operation'>;

interface Which<R> {
  those(): Promise<Untold<R>[]>;
  act: CopyAct;
}

/** Records that are read for one commit: what goes beyond them finds room in it too. */
export const copiedAtOnce = ledgerBounds.changes / 2;
/** Hints that come within so many ms are one read and one commit. */
const usualGatherMs = 100;
/** After a hint, writers leave out others for so long, ms, of what is gathered for longer. */
const unhintedMs = 2_000;
/** Timers may be early by so much, ms. */
const earlyMs = 10;
/** Of the changes of one commit, in bytes of JSON: less than it may have. */
const mostBytes = ledgerBounds.commitBytes - 4_096;

interface CopiesParts {
  /** Whose records: of a member, or of a community. */
  subject: string;
  sources: readonly CopySource[];
  ledger: Pick<Ledger, 'commit' | 'itemsOf'>;
  context: Pick<ActorContext, 'clock' | 'isLost' | 'logger'>;
  /** `turn` is to be called in a turn, so many ms from now. */
  turnIn(ms: number): void;
  /** Somebody else may have something under way that lands behind what is read now. */
  isDoubtful(): boolean;
}

/**
 * Items of a ledger that are copied from records elsewhere, which stay the truth. What must hold: a mark goes only when
 * the ledger has what was read with it. So whatever is lost or crashes between the write, the commit and the clearing
 * of the mark leaves a mark, and whoever looks for marks tells this again. Never asked who may do what.
 *
 * A decision may land late, made upon a record as it was before. Where that is possible, a value is committed although
 * the ledger has it already: then the late one finds its place taken, and is decided anew.
 */
export class Copies {
  readonly #parts: CopiesParts;
  /** By kind when it is to be copied, monotonic ms. */
  readonly #due = new Map<string, number>();
  /** Of kinds that are gathered for longer, when the last hint came. */
  readonly #hinted = new Map<string, number>();

  constructor(parts: CopiesParts) {
    this.#parts = parts;
  }

  /** Nothing is to be copied: it may be forgotten, and another one made at the next hint. */
  get isIdle(): boolean {
    return this.#due.size === 0;
  }

  get #now(): number {
    return this.#parts.context.clock.monotonic();
  }

  /** Records of this kind may be untold. Of a kind that is not copied here nothing is done. */
  hint(kind: string): void {
    const source = this.#parts.sources.find((one) => one.kind === kind);
    if (!source) return;
    if (source.gatherMs) this.#hinted.set(kind, this.#now);
    this.#dueIn(source);
  }

  #dueIn({ kind, gatherMs }: CopySource): void {
    const ms = gatherMs?.() ?? usualGatherMs;
    const at = this.#now + ms;
    if (at >= (this.#due.get(kind) ?? Number.POSITIVE_INFINITY)) return;
    this.#due.set(kind, at);
    this.#parts.turnIn(ms);
  }

  /**
   * Copies what is untold, a bounded part of it in each turn. Never rejects: what fails stays untold until the next
   * hint.
   */
  async turn(): Promise<void> {
    const now = this.#now + earlyMs;
    for (const source of this.#parts.sources) {
      const { kind } = source;
      if (now < (this.#due.get(kind) ?? Number.POSITIVE_INFINITY)) continue;
      this.#due.delete(kind);
      const isHinted = this.#now < (this.#hinted.get(kind) ?? Number.NEGATIVE_INFINITY) + unhintedMs;
      const isMore = await this.#tryToCopy(source);
      if (isMore || isHinted) this.#dueIn(source);
    }
  }

  /**
   * Copies at once what is gathered, in a turn: somebody asks, or there are no more turns. It stays due. Never rejects.
   */
  async flush(): Promise<void> {
    for (const source of this.#parts.sources) if (source.gatherMs && this.#due.has(source.kind)) await this.#tryToCopy(source);
  }

  async #tryToCopy(source: CopySource): Promise<boolean> {
    try {
      return await this.#copy(source);
    } catch (error) {
      this.#parts.context.logger.debug({ err: error, kind: source.kind }, 'what is untold could not be copied; it is told again');
      return false;
    }
  }

  /**
   * Copies these records now, as far as they are untold. In a turn. When it resolves the ledger shows them as they were
   * read, or later. Rejects when that is not known: then they stay untold.
   */
  async now<R>(source: CopySource<R>, those: () => Promise<Untold<R>[]>, act: CopyAct): Promise<void> {
    await this.#copy(source, { those, act });
    if (this.#parts.context.isLost) throw new Fault('unavailable', undefined, { retry_after_ms: 200 });
  }

  /** Answers whether there may be more. */
  async #copy<R>(source: CopySource<R>, which?: Which<R>): Promise<boolean> {
    const { ledger, context, subject } = this.#parts;
    let those: Untold<R>[] = [];
    let done: Untold<R>[] = [];
    let isFull = false;
    await ledger.commit(async () => {
      // Read anew with each decision: what was read before may have been told by another owner.
      those = await (which ? which.those() : source.records.untold(subject, copiedAtOnce));
      if (those.length === 0 && !source.looksBeyond) return null;
      const plan = await this.#plan(source, those);
      ({ done, isFull } = plan);
      return { ...(which?.act ?? { by: null, operation: 'copy' }), changes: plan.changes };
    });
    // Another owner may know of changes that this one does not: what looked equal here may not be.
    if (context.isLost) return false;
    if (done.length > 0) await source.records.told(subject, done);
    return isFull || those.length === copiedAtOnce;
  }

  async #plan<R>(
    source: CopySource<R>,
    those: readonly Untold<R>[],
  ): Promise<{ changes: LedgerChange[]; done: Untold<R>[]; isFull: boolean }> {
    const { kind } = source;
    const items = await this.#parts.ledger.itemsOf(
      kind,
      those.map(({ key }) => key),
    );
    const { values, beyond = [] } = await source.shown(those, items);
    const isFence = this.#parts.isDoubtful();
    const changes = new Map<string, LedgerChange>(beyond.map((key) => [`${kind} ${key}`, { kind, key, deleted: true }]));
    const done: Untold<R>[] = [];
    let bytes = 0;
    for (const one of those) {
      const change = changeOf(source, one, { before: items.get(one.key), value: values.get(one.key), isFence });
      if (change) {
        bytes += jsonBytes(change);
        if (bytes > mostBytes && done.length > 0) return { changes: [...changes.values()], done, isFull: true };
        const name = `${change.kind} ${change.key}`;
        if (!changes.has(name)) changes.set(name, change);
      }
      done.push(one);
    }
    return { changes: [...changes.values()], done, isFull: beyond.length === copiedAtOnce };
  }
}

/** What is to be committed of one record; null: nothing. */
const changeOf = <R>(
  { kind, fence }: CopySource<R>,
  { key, record }: Untold<R>,
  { before, value, isFence }: { before: unknown; value: unknown; isFence: boolean },
): LedgerChange | null => {
  if (!isFence && isSame(before, value)) return null;
  if (value !== undefined) return { kind, key, value };
  const instead = before === undefined ? fence?.(record) : undefined;
  return instead === undefined ? { kind, key, deleted: true } : instead;
};

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
