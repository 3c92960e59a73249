import type { LedgerItem } from '../../protocol/ledgers.js';

/** An item that is there, as the server told it: fields that this client does not know are kept. */
export type LiveItem = Exclude<LedgerItem, { deleted: true }>;

export interface ItemName {
  readonly kind: string;
  readonly key: string;
}

/** By kind, then by key. Kinds that this client does not know are kept like any other. */
export type Items = ReadonlyMap<string, ReadonlyMap<string, LiveItem>>;

export const noItems: Items = new Map();

/**
 * A snapshot holds only the newest of these kinds, so that absence from one proves nothing. Of notifications the ledger
 * itself holds the newest only: what a snapshot does not name would be counted as unread for ever.
 */
export const windowedKinds: ReadonlySet<string> = new Set(['thread', 'read', 'saved', 'report']);

export const isLive = (item: LedgerItem): item is LiveItem => !('deleted' in item && item.deleted === true);

/** One text for each name: no two names share theirs, whatever stands in them. */
export const nameOf = ({ kind, key }: ItemName): string => `${kind.length}:${kind}${key}`;

export const allOf = (items: Items): LiveItem[] => [...items.values()].flatMap((byKey) => [...byKey.values()]);

/** Items on their way to the next state: what is written to is copied first, and once. Knows which have changed. */
export class ItemsDraft {
  readonly #kinds: Map<string, ReadonlyMap<string, LiveItem>>;
  readonly #own = new Map<string, Map<string, LiveItem>>();
  readonly #changed = new Map<string, ItemName>();

  constructor(items: Items) {
    this.#kinds = new Map(items);
  }

  get(kind: string, key: string): LiveItem | undefined {
    return this.#kinds.get(kind)?.get(key);
  }

  put(item: LiveItem): void {
    this.#write(item).set(item.key, item);
  }

  /** One that is not there is no change. */
  remove(name: ItemName): void {
    if (this.get(name.kind, name.key)) this.#write(name).delete(name.key);
  }

  all(): LiveItem[] {
    return allOf(this.#kinds);
  }

  get changed(): ItemName[] {
    return [...this.#changed.values()];
  }

  done(): Items {
    for (const [kind, byKey] of this.#own) if (byKey.size === 0) this.#kinds.delete(kind);
    return this.#kinds;
  }

  #write(name: ItemName): Map<string, LiveItem> {
    this.#changed.set(nameOf(name), { kind: name.kind, key: name.key });
    let own = this.#own.get(name.kind);
    if (!own) {
      own = new Map(this.#kinds.get(name.kind));
      this.#own.set(name.kind, own);
      this.#kinds.set(name.kind, own);
    }
    return own;
  }
}
