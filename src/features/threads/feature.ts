import { bind } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { createThread, deleteThread, getThread, listThreads, pinThread, threadItem, updateThread } from './contract.js';
import { Threads } from './threads.js';

/**
 * Threads of a community. Their own actor commits what changes them, the community's what makes them; each decides in
 * that turn who may. Lists are read from the store: figures of a busy thread may lag a little. A crash leaves either
 * the whole change or none of it.
 */
export const threads = defineFeature({
  name: 'threads',
  needs: [],
  items: [threadItem],
  operations: [
    bind(listThreads, (caller, input, { ports }) => ports.one(Threads).list(caller, input.community_id, input)),
    bind(createThread, (caller, input, { ports }) => ports.one(Threads).create(caller, input)),
    bind(getThread, (caller, { thread_id }, { ports }) => ports.one(Threads).get(caller, thread_id)),
    bind(updateThread, (caller, input, { ports }) => ports.one(Threads).update(caller, input)),
    bind(deleteThread, (caller, { thread_id }, { ports }) => ports.one(Threads).delete(caller, thread_id)),
    bind(pinThread, (caller, input, { ports }) => ports.one(Threads).pin(caller, input)),
  ],
});
