import { memberLedger } from '../../src/actors/ledger/names.js';
import type { Feature } from '../../src/catalogue/feature.js';
import type { ParleyClient } from '../../src/client/index.js';
import { features } from '../../src/features/index.js';
import { itemsFrom, sumOfItems } from './ledger-sum.js';

const kinds = features.flatMap(({ items = [] }: Feature) => items.map(({ kind }) => kind));

/** By its stored name: somebody says that they know it up to this rev, and what they know is this. */
export interface Known {
  ledger: string;
  rev: number;
  sum: string;
}

/**
 * A device follows its member's own ledger and those of the communities that they belong to by it, as pages do. What it
 * knows is told whenever nothing is missing.
 */
export const followLedgers = ({ ledgers }: Pick<ParleyClient, 'ledgers'>, memberId: string, tell: (known: Known) => void): void => {
  const followed = new Map<string, () => void>();
  const communities = (): Set<string> => new Set([...ledgers.state('me').items('membership').keys()].map((id) => `community:${id}`));
  ledgers.onChange(({ ledger }) => {
    const reading = ledgers.state(ledger);
    if (reading.status !== 'current' || reading.rev < 0) return;
    const items = kinds.flatMap((kind) => [...reading.items(kind)].map(([key, { value }]) => ({ kind, key, value })));
    tell({ ledger: ledger === 'me' ? memberLedger(memberId) : ledger, rev: reading.rev, sum: sumOfItems(itemsFrom(items)) });
    if (ledger !== 'me') return;
    const wanted = communities();
    for (const [name, stop] of followed) if (!wanted.has(name) && followed.delete(name)) stop();
    for (const name of wanted) if (!followed.has(name)) followed.set(name, ledgers.follow(name));
  });
  ledgers.follow('me');
};
