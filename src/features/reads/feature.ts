import { bind } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { markAllRead, markRead, readItem } from './contract.js';
import { Reads } from './reads.js';

/**
 * How far a member has read. Marks only go forward, so doing it twice is doing it once. The thread's actor keeps those
 * of a thread, the community's the moment at which everything was read, which memberships show. What is marked is
 * copied into the ledger `me`: all of two seconds is one commit there, all of thirty where one device alone is
 * connected.
 *
 * Promises: a mark that was answered is stored, and one's ledger comes to show it, whatever was lost. One's own message
 * moves how far one has read and writes no ledger; the next mark tells of it. A crash loses what one's own messages of
 * the last seconds moved: the next marks make up for it.
 */
export const reads = defineFeature({
  name: 'reads',
  needs: [],
  operations: [
    bind(markRead, (caller, input, { ports }) => ports.one(Reads).mark(caller, input)),
    bind(markAllRead, (caller, input, { ports }) => ports.one(Reads).markAll(caller, input)),
  ],
  items: [readItem],
});
