import { slotOf } from '../../src/actors/cluster/slot.js';
import type { Claimed, Entry } from '../history/history.js';

/**
 * After Redis has lost its epochs a claim may take one that is too low: its node gives it up unserved, because the witness in
 * MongoDB knows better, and claims again. Such a claim is told from one that was served by what came of it: under it nothing was
 * activated, and the same instance took the slot again under a higher epoch. Everything else stays as it was recorded.
 */
export const markUnserved = (entries: readonly Entry[]): Entry[] => {
  const served = new Set<string>();
  const last = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind === 'activation' && entry.on) served.add(`${slotOf(addressOf(entry.address))} ${entry.instance} ${entry.epoch}`);
    else if (entry.kind === 'claimed') last.set(holderOf(entry), Math.max(entry.epoch, last.get(holderOf(entry)) ?? 0));
  }
  const highest = new Map<number, number>();
  return entries.map((entry) => {
    if (entry.kind !== 'claimed') return entry;
    const known = highest.get(entry.slot) ?? 0;
    highest.set(entry.slot, Math.max(known, entry.epoch));
    const isGivenUp = (last.get(holderOf(entry)) ?? 0) > entry.epoch && !served.has(`${holderOf(entry)} ${entry.epoch}`);
    return entry.epoch <= known && isGivenUp ? { ...entry, served: false } : entry;
  });
};

const holderOf = ({ slot, instance }: Claimed): string => `${slot} ${instance}`;

const addressOf = (text: string): { kind: string; key: string } => {
  const colon = text.indexOf(':');
  return { kind: text.slice(0, colon), key: text.slice(colon + 1) };
};
