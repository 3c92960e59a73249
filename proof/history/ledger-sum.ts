import { createHash } from 'node:crypto';
import type { Feature } from '../../src/catalogue/feature.js';
import { features } from '../../src/features/index.js';
import type { LedgerChange } from '../../src/store/contracts.js';

/** Of these a snapshot holds the newest only, so that what a device knows of them is no matter of a rev alone. */
const windowed: ReadonlySet<string> = new Set(
  features.flatMap(({ items = [] }: Feature) => items.filter((item) => item.windowed).map(({ kind }) => kind)),
);

/** What somebody knows of a ledger, in few letters: the same items have the same sum. */
export const sumOfItems = (items: ReadonlyMap<string, string>): string => {
  const hash = createHash('sha256');
  for (const name of [...items.keys()].sort()) hash.update(`${name} ${items.get(name)}\n`);
  return `${items.size} items ${hash.digest('hex').slice(0, 16)}`;
};

/** By kind and key, the value as JSON. Windowed kinds are left out. */
export const itemsFrom = (items: Iterable<{ kind: string; key: string; value: unknown }>): Map<string, string> => {
  const found = new Map<string, string>();
  for (const { kind, key, value } of items) if (!windowed.has(kind)) found.set(`${kind} ${key}`, JSON.stringify(value));
  return found;
};

/** What commits leave, one after the other. */
export class LedgerSum {
  readonly #items = new Map<string, string>();

  add(changes: readonly LedgerChange[]): void {
    for (const change of changes) {
      const name = `${change.kind} ${change.key}`;
      if (windowed.has(change.kind)) continue;
      if ('value' in change) this.#items.set(name, JSON.stringify(change.value));
      else this.#items.delete(name);
    }
  }

  get sum(): string {
    return sumOfItems(this.#items);
  }
}
