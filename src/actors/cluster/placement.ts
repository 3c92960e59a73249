import { hash32 } from '../../kernel/ids.js';
import type { MemberRecord } from './leases.js';
import { SLOTS } from './slot.js';

/** Those among whom slots are shared: the fit members, or all when none is; never one that drains. */
export const fitMembers = (members: ReadonlyMap<string, MemberRecord>): string[] => {
  const staying = [...members.values()].filter((m) => m.draining !== true);
  const fit = staying.filter((m) => m.unfit !== true);
  return (fit.length > 0 ? fit : staying).map((m) => m.instance);
};

/**
 * Who should own each slot, by rendezvous hashing: every instance draws a weight for every slot and the highest wins. So the
 * same instances give the same answer everywhere, in whatever order they are named, and one that comes or goes moves only
 * the slots it wins or held.
 */
export const desiredOwners = (instances: Iterable<string>): (string | undefined)[] => {
  const sorted = [...instances].sort();
  return Array.from({ length: SLOTS }, (_, slot) => {
    let best: string | undefined;
    let bestWeight = -1;
    for (const instance of sorted) {
      const weight = hash32(`${slot}@${instance}`);
      if (weight > bestWeight) {
        best = instance;
        bestWeight = weight;
      }
    }
    return best;
  });
};
