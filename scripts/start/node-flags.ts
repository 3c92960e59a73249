import { availableParallelism } from 'node:os';

/** The heap grows by half between two collections, not fourfold: what a crowd left behind when it came in is given back soon. */
const heap = ['--initial-old-space-size=64', '--heap-growing-percent=50'];
/** Threads of the collector's own would take most of the one core that a node is meant to have. */
const alone = ['--single-threaded-gc'];
/** One thread that marks and sweeps while the node goes on; nothing for which the node's own thread would have to wait. */
const beside = ['--v8-pool-size=1', '--no-parallel-scavenge', '--no-parallel-compaction', '--no-parallel-pointer-update'];

/** Flags of V8 for a node that has so many cores to itself. */
export const nodeFlags = (cores = 1): string[] => [...heap, ...(cores < 2 ? alone : beside)];

/** Whole cores for each of so many nodes, when the services beside them need as many as two nodes do. */
export const coresOfNode = (nodes: number, cores = availableParallelism()): number => Math.floor(cores / (nodes + 2));
