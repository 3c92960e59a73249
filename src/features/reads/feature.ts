import { bind } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { markAllRead, markRead } from './contract.js';
import { Reads } from './reads.js';

/**
 * How far a member has read. Marks only go forward, so doing it twice is doing it once. The thread's actor keeps those of a thread, the
 * community's the moment at which everything was read. A crash loses marks of the last seconds at most: the next ones make up for them.
 */
export const reads = defineFeature({
  name: 'reads',
  needs: [],
  operations: [
    bind(markRead, (caller, input, { ports }) => ports.one(Reads).mark(caller, input)),
    bind(markAllRead, (caller, input, { ports }) => ports.one(Reads).markAll(caller, input)),
  ],
});
