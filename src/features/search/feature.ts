import { bind } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { searchMessages, searchThreads } from './contract.js';
import { Search } from './search.js';

/**
 * Finding messages and threads by their words. It looks only where the asker may look, and asks about each hit again before it is shown.
 * Workers write the index from the log, so a crash leaves at most an index that catches up.
 */
export const search = defineFeature({
  name: 'search',
  needs: [],
  operations: [
    bind(searchMessages, async (caller, input, { ports }) => {
      if (input.thread_id !== undefined) await ports.places.enter({ thread: input.thread_id }, caller.member_id);
      return ports.one(Search).messages(caller, input);
    }),
    bind(searchThreads, (caller, input, { ports }) => ports.one(Search).threads(caller, input)),
  ],
});
