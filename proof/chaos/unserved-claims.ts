import { slotOf } from '../../src/actors/cluster/slot.js';
import type { Claimed, Entry } from '../history/history.js';

/**
 * After Redis has lost its epochs a claim may take one that is too low. Its node does not serve it, because the witness in
 * MongoDB knows a higher one: it claims again, or another node that the slot belongs to by then claims it. Such a claim is
 * told from one that was served by what came of it: under it nothing was activated, and the slot was claimed later under an
 * epoch above every one known before. Everything else stays as it was recorded.
 */
export const markUnserved = (entries: readonly Entry[]): Entry[] => {
  const served = new Set<string>();
  const last = new Map<number, number>();
  for (const entry of entries) {
    if (entry.kind === 'activation' && entry.on) served.add(`${slotOf(addressOf(entry.address))} ${entry.instance} ${entry.epoch}`);
    else if (entry.kind === 'claimed') last.set(entry.slot, entry.epoch);
  }
  const highest = new Map<number, number>();
  return entries.map((entry) => {
    if (entry.kind !== 'claimed') return entry;
    const known = highest.get(entry.slot) ?? 0;
    highest.set(entry.slot, Math.max(known, entry.epoch));
    const isGivenUp = (last.get(entry.slot) ?? 0) > known && !served.has(nameOf(entry));
    return entry.epoch <= known && isGivenUp ? { ...entry, served: false } : entry;
  });
};

const nameOf = ({ slot, instance, epoch }: Claimed): string => `${slot} ${instance} ${epoch}`;

const addressOf = (text: string): { kind: string; key: string } => {
  const colon = text.indexOf(':');
  return { kind: text.slice(0, colon), key: text.slice(colon + 1) };
};
