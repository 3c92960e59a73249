import type { SiteNode } from './site-node.js';

/** Of each node, a counter's values by label. */
export type NodeCounts = ReadonlyMap<string, ReadonlyMap<string, number>>;

const patienceMs = 4_000;

/** Reads one counter of every node; a node that does not answer is left out. */
export const readCounts = async (nodes: readonly SiteNode[], counter: string, label: string): Promise<NodeCounts> => {
  const read = await Promise.all(
    nodes.map(async (node) => {
      const { id } = node;
      const text = await node.metrics(patienceMs).catch(() => undefined);
      return text === undefined ? [] : [[id, countsIn(text, counter, label)] as const];
    }),
  );
  return new Map(read.flat());
};

/** The samples of a counter in Prometheus's text format, summed by one label. */
export const countsIn = (text: string, counter: string, label: string): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${counter}{`)) continue;
    const value = new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1];
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1)));
  }
  return counts;
};

/** How much each label grew, over all nodes. A node that began anew meanwhile counts from 0. */
export const growth = (before: NodeCounts, after: NodeCounts): Map<string, number> => {
  const grown = new Map<string, number>();
  for (const [node, counts] of after) {
    for (const [label, value] of counts) {
      const was = before.get(node)?.get(label) ?? 0;
      const more = value >= was ? value - was : value;
      if (more > 0) grown.set(label, (grown.get(label) ?? 0) + more);
    }
  }
  return grown;
};

/** `lost 3, slow 5`, or `nothing`. */
export const counted = (grown: ReadonlyMap<string, number>): string =>
  grown.size === 0
    ? 'nothing'
    : [...grown]
        .map(([label, value]) => `${label} ${value}`)
        .sort()
        .join(', ');
