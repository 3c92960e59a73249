import type { LedgerItem } from '../../protocol/ledgers.js';
import type { LedgerChange, LedgerCommit } from '../../store/contracts.js';

/** An item as a commit left it; without a value it was deleted. */
export interface ChangedItem {
  kind: string;
  key: string;
  rev: number;
  value?: unknown;
}

/** Commits that are kept in memory: as many as may wait to be projected, and then those that clients most likely miss. */
const most = 64;
/** Of their changes, about, in bytes of JSON. */
const mostBytes = 262_144;

/** The newest commits of a ledger, without a hole. */
export class Tail {
  #head = 0;
  /** By rev, up to the head. */
  #commits: LedgerCommit[] = [];
  #bytes: number[] = [];
  #sum = 0;

  get head(): number {
    return this.#head;
  }

  begin(head: number): void {
    this.#head = head;
    this.#commits = [];
    this.#bytes = [];
    this.#sum = 0;
  }

  /** The one behind the head. `keepFrom`: those from this rev on are kept whatever they take. */
  add(commit: LedgerCommit, keepFrom = Number.POSITIVE_INFINITY): void {
    this.#head = commit.rev;
    this.#commits.push(commit);
    const bytes = JSON.stringify(commit.changes).length;
    this.#bytes.push(bytes);
    this.#sum += bytes;
    while ((this.#commits.length > most || this.#sum > mostBytes) && this.#commits.length > 1 && this.#commits[0]!.rev < keepFrom) {
      this.#commits.shift();
      this.#sum -= this.#bytes.shift()!;
    }
  }

  byOperation(opId: string): LedgerCommit | undefined {
    return this.#commits.find(({ op_id }) => op_id === opId);
  }

  /** What changed after a rev, each item as it is now, by rev; undefined when that is not all in memory. */
  changedAfter(rev: number): ChangedItem[] | undefined {
    if (rev === this.#head) return [];
    const from = this.#commits.findIndex((commit) => commit.rev === rev + 1);
    if (from < 0) return undefined;
    const changed = new Map<string, ChangedItem>();
    for (const commit of this.#commits.slice(from)) {
      for (const change of commit.changes) {
        const name = `${change.kind} ${change.key}`;
        // Moved behind what changed before.
        changed.delete(name);
        changed.set(name, itemOf(change, commit.rev));
      }
    }
    return [...changed.values()];
  }

  /** As the last commit that is in memory left it; undefined when none of them changed it. */
  item(kind: string, key: string): ChangedItem | undefined {
    for (let at = this.#commits.length - 1; at >= 0; at--) {
      const { changes, rev } = this.#commits[at]!;
      const change = changes.find((one) => one.kind === kind && one.key === key);
      if (change) return itemOf(change, rev);
    }
    return undefined;
  }
}

const itemOf = (change: LedgerChange, rev: number): ChangedItem => {
  const { kind, key } = change;
  return 'value' in change ? { kind, key, rev, value: change.value } : { kind, key, rev };
};

/** As it goes over the wire. */
export const toLedgerItem = ({ kind, key, rev, value }: ChangedItem): LedgerItem =>
  value === undefined ? { kind, key, rev, deleted: true } : { kind, key, rev, value };
