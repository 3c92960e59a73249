import type { LedgerCommit, LedgerEdges, LedgerItemName, LedgerItemRecord, LedgerRepository } from '../contracts.js';
import { ascending, copyOrNull } from './order.js';

const droppedAtOnce = 1_000;

interface Kept {
  /** By rev. */
  commits: Map<number, LedgerCommit>;
  items: Map<string, LedgerItemRecord>;
  projected: number;
}

const nameOf = ({ kind, key }: { kind: string; key: string }): string => `${kind} ${key}`;

/** A value as it comes back from JSON. */
const plain = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value)));

export class MemoryLedgers implements LedgerRepository {
  readonly #ledgers = new Map<string, Kept>();

  async append(commits: readonly LedgerCommit[]): Promise<('stored' | 'taken' | 'unknown')[]> {
    return commits.map((commit) => {
      const { commits: there } = this.#of(commit.ledger);
      const before = [...there.values()].find(({ id }) => id === commit.id);
      if (before) return 'stored';
      const isTaken = there.has(commit.rev) || (commit.op_id !== null && [...there.values()].some(({ op_id }) => op_id === commit.op_id));
      if (isTaken) return 'taken';
      there.set(commit.rev, plain(commit));
      return 'stored';
    });
  }

  async edges(ledger: string): Promise<LedgerEdges> {
    const { commits, projected } = this.#of(ledger);
    const revs = [...commits.keys()];
    return revs.length === 0 ? { head: 0, floor: 0, projected } : { head: Math.max(...revs), floor: Math.min(...revs) - 1, projected };
  }

  async commitsAfter(ledger: string, rev: number, limit: number): Promise<LedgerCommit[]> {
    return this.#sorted(ledger)
      .filter((commit) => commit.rev > rev)
      .slice(0, limit)
      .map(plain);
  }

  async byOperation(ledger: string, opId: string): Promise<LedgerCommit | null> {
    return copyOrNull(this.#sorted(ledger).find(({ op_id }) => op_id === opId));
  }

  async project(ledger: string, rev: number, items: readonly LedgerItemRecord[]): Promise<void> {
    const kept = this.#of(ledger);
    for (const item of items) {
      const before = kept.items.get(nameOf(item));
      if (!before || before.rev < item.rev) kept.items.set(nameOf(item), plain(item));
    }
    kept.projected = Math.max(kept.projected, rev);
  }

  async changedAfter(ledger: string, rev: number, limit: number): Promise<LedgerItemRecord[]> {
    return [...this.#of(ledger).items.values()]
      .filter((item) => item.rev > rev)
      .sort((a, b) => a.rev - b.rev)
      .slice(0, limit)
      .map(plain);
  }

  async living(ledger: string, after: { kind: string; key: string } | null, limit: number, before?: string): Promise<LedgerItemRecord[]> {
    const last = after && nameOf(after);
    return [...this.#of(ledger).items.values()]
      .filter((item) => item.value !== undefined && (last === null || nameOf(item) > last))
      .filter((item) => before === undefined || nameOf(item) < `${before} `)
      .sort((a, b) => ascending(nameOf(a), nameOf(b)))
      .slice(0, limit)
      .map(plain);
  }

  async newest(ledger: string, kind: string, below: number | null, limit: number): Promise<LedgerItemRecord[]> {
    return [...this.#of(ledger).items.values()]
      .filter((item) => item.kind === kind && item.value !== undefined && (below === null || item.rev < below))
      .sort((a, b) => b.rev - a.rev)
      .slice(0, limit)
      .map(plain);
  }

  async ofKind(ledger: string, kind: string, after: string | null, limit: number): Promise<LedgerItemRecord[]> {
    const found = await this.living(ledger, { kind, key: after ?? '' }, Number.MAX_SAFE_INTEGER);
    return found.filter((item) => item.kind === kind).slice(0, limit);
  }

  async item(ledger: string, kind: string, key: string): Promise<LedgerItemRecord | null> {
    return copyOrNull(this.#of(ledger).items.get(nameOf({ kind, key })));
  }

  async named(names: readonly LedgerItemName[]): Promise<LedgerItemRecord[]> {
    const found = names.flatMap((name) => this.#of(name.ledger).items.get(nameOf(name)) ?? []);
    return found.filter(({ value }) => value !== undefined).map(plain);
  }

  async madeAt(ledger: string, rev: number): Promise<number | null> {
    return this.#of(ledger).commits.get(rev)?.at ?? null;
  }

  async drop(ledger: string, rev: number): Promise<number> {
    const { floor, head } = await this.edges(ledger);
    const to = Math.min(rev, floor + droppedAtOnce, head - 1);
    if (to <= floor) return floor;
    const { commits, items } = this.#of(ledger);
    for (const at of [...commits.keys()]) if (at <= to) commits.delete(at);
    for (const [name, item] of [...items]) if (item.value === undefined && item.rev <= to) items.delete(name);
    return to;
  }

  #sorted(ledger: string): LedgerCommit[] {
    return [...this.#of(ledger).commits.values()].sort((a, b) => a.rev - b.rev);
  }

  #of(ledger: string): Kept {
    let kept = this.#ledgers.get(ledger);
    if (!kept) {
      kept = { commits: new Map(), items: new Map(), projected: 0 };
      this.#ledgers.set(ledger, kept);
    }
    return kept;
  }
}
