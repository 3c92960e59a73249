import { shedOrder } from '../../src/gateway/limits/shedding.js';
import { growth, type NodeCounts } from './node-counters.js';

/**
 * What was refused out of order, in words: on each node something must not be refused before all that is to be refused earlier.
 * `steps`: the counters of refusals before the first step and after each; every kind of work was asked for at every node in
 * every step. What began within one step of each other may have come either way.
 */
export const refusedOutOfOrder = (steps: readonly NodeCounts[]): string[] => {
  const [before] = steps;
  if (!before) return [];
  const nodes = [...new Set(steps.flatMap((step) => [...step.keys()]))].sort();
  return nodes.flatMap((node) => {
    const begins = shedOrder.map((work) => steps.findIndex((step) => grew(before, step, node, work)));
    return shedOrder.flatMap((work, at) => {
      const began = begins[at] ?? -1;
      if (began < 0) return [];
      const late = shedOrder.slice(0, at).filter((_earlier, i) => begins[i] === -1 || (begins[i] ?? 0) > began + 1);
      return late.map((earlier) => `${node} refused ${work} before ${earlier}`);
    });
  });
};

const grew = (before: NodeCounts, now: NodeCounts, node: string, work: string): boolean =>
  (growth(only(before, node), only(now, node)).get(work) ?? 0) > 0;

const only = (counts: NodeCounts, node: string): NodeCounts => {
  const own = counts.get(node);
  return new Map(own ? [[node, own]] : []);
};
