import { type LiveItem, nameOf } from '../../../src/client/ledgers/items.js';
import type { LedgerAsk } from '../../../src/client/ledgers/ledger-state.js';
import type { LedgerChanged, LedgerItem, LedgerPage } from '../../../src/protocol/ledgers.js';

const ledger = 'me';
/** A kind of which a snapshot holds the newest only. */
export const windowedKind = 'note';
export const windowed: ReadonlySet<string> = new Set([windowedKind]);

export interface Change {
  kind: string;
  key: string;
  /** Null: it is deleted. */
  value: unknown;
}

/** How the server answers, which the contract leaves to it. */
export interface Manner {
  page: number;
  window: number;
  /** Changes come commit by commit, as they were; otherwise each item once, as it is. */
  byCommits: boolean;
  /** Every page of a snapshot says `reset`; otherwise the first alone. */
  resetsEach: boolean;
}

const historyOf = (n: number): string => n.toString(16).padStart(24, 'a');
const isThere = (item: LedgerItem): item is LiveItem => 'value' in item;

/** One ledger as the contract describes it, without a server: what tests compare the client with. */
export class LedgerModel {
  readonly manner: Manner;
  head = 0;
  floor = 0;
  /** What became of every item there ever was in this history. */
  truth = new Map<string, LedgerItem>();
  #commits: { rev: number; items: LedgerItem[] }[] = [];
  #life: number;

  constructor(manner: Manner, life = 0) {
    this.manner = manner;
    this.#life = life;
  }

  get history(): string {
    return historyOf(this.#life);
  }

  /** Answers the event that tells of it. */
  commit(changes: readonly Change[]): LedgerChanged {
    const rev = ++this.head;
    const items = new Map<string, LedgerItem>();
    for (const { kind, key, value } of changes) {
      const item: LedgerItem = value === null ? { kind, key, rev, deleted: true } : { kind, key, rev, value };
      items.set(nameOf(item), item);
      this.truth.set(nameOf(item), item);
    }
    this.#commits.push({ rev, items: [...items.values()] });
    return this.event(rev - 1);
  }

  /** All that has changed since a rev, as one event. */
  event(after: number): LedgerChanged {
    const items = [...this.truth.values()].filter((item) => item.rev > after);
    return { ledger, after_rev: after, head_rev: this.head, items };
  }

  /** A slow reader is told of the head alone; `back`: how far before it that begins. */
  hint(back = 0): LedgerChanged {
    return { ledger, after_rev: Math.max(0, this.head - back), head_rev: this.head, items: [] };
  }

  raiseFloor(by: number): void {
    this.floor = Math.max(this.floor, Math.min(this.floor + by, this.head - 1));
    this.#commits = this.#commits.filter(({ rev }) => rev > this.floor);
  }

  /** A backup comes back: so many commits are lost, and a new history begins. */
  restore(lost: number): void {
    this.#life++;
    const kept = this.#commits.slice(0, Math.max(0, this.#commits.length - lost));
    const items = [...this.truth.values()].filter((item) => item.rev <= this.floor);
    this.truth = new Map(items.map((item) => [nameOf(item), item]));
    for (const { items } of kept) for (const item of items) this.truth.set(nameOf(item), item);
    this.#commits = kept;
    this.head = kept.at(-1)?.rev ?? this.floor;
  }

  answer({ after_rev, cursor }: LedgerAsk, history: string | null): LedgerPage & { history: string } {
    if (cursor !== null) {
      const [life, start, place] = JSON.parse(cursor) as [number, number, string];
      return life === this.#life ? this.#snapshot(start, place) : this.#snapshot(this.head, '');
    }
    if (after_rev === null || history !== this.history || after_rev < this.floor || after_rev > this.head)
      return this.#snapshot(this.head, '');
    return this.#changes(after_rev);
  }

  /** What a fresh look finds. */
  live(): LiveItem[] {
    return [...this.truth.values()].filter(isThere);
  }

  /** As much of it as a snapshot holds now. */
  window(): LiveItem[] {
    const newest = this.live()
      .filter(({ kind }) => windowed.has(kind))
      .sort((a, b) => b.rev - a.rev)
      .slice(0, this.manner.window);
    return this.live().filter((item) => !windowed.has(item.kind) || newest.includes(item));
  }

  #changes(after: number): LedgerPage & { history: string } {
    const { page, byCommits } = this.manner;
    const commits = byCommits
      ? this.#commits.filter(({ rev }) => rev > after)
      : [...new Set(this.event(after).items.map(({ rev }) => rev))]
          .sort((a, b) => a - b)
          .map((rev) => ({ rev, items: [...this.truth.values()].filter((item) => item.rev === rev) }));
    const taken: LedgerItem[] = [];
    let rev = after;
    for (const commit of commits) {
      if (taken.length > 0 && taken.length + commit.items.length > page) break;
      taken.push(...commit.items);
      rev = commit.rev;
    }
    return { items: taken, rev, head_rev: this.head, reset: false, next_cursor: null, history: this.history };
  }

  #snapshot(start: number, place: string): LedgerPage & { history: string } {
    const left = this.window()
      .filter((item) => nameOf(item) > place)
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const items = left.slice(0, this.manner.page);
    const last = items.at(-1);
    return {
      items,
      rev: start,
      head_rev: this.head,
      reset: place === '' || this.manner.resetsEach,
      next_cursor: last && left.length > items.length ? JSON.stringify([this.#life, start, nameOf(last)]) : null,
      history: this.history,
    };
  }
}
