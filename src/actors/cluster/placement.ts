import { hash32 } from '../../kernel/ids.js';
import { SLOTS } from './slot.js';

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
