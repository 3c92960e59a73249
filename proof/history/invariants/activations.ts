import type { Invariant } from '../invariant.js';

/** 8: at any time at most one instance acts for an address without having been fenced. */
export const activations: Invariant = ({ entries }, findings) => {
  const active = new Map<string, Map<string, number>>();
  for (const [entry, it] of entries.entries()) {
    if (it.kind !== 'activation') continue;
    const instances = active.get(it.address) ?? new Map<string, number>();
    active.set(it.address, instances);
    if (!it.on) {
      instances.delete(it.instance);
      continue;
    }
    for (const [instance, since] of instances) {
      if (instance !== it.instance) findings.violate(8, `${it.address} is active on ${instance} and on ${it.instance}`, [since, entry]);
    }
    instances.set(it.instance, entry);
  }
};
