import { Sight } from '../../actors/domain/community/sight.js';
import { nothingThere } from '../../authority/decide.js';
import { bind } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { askOwn } from '../../catalogue/own-actor.js';
import { savedSlice } from './commands.js';
import { listSaved, type SavedItem, savedItem, saveMessage, unsaveMessage } from './contract.js';
import { savedPage } from './saved-list.js';

/**
 * Messages that a member has put aside for themselves, on all of their devices. Kept is where a message stands, never what it says: the
 * list shows messages as they are now, and none that the member may not read any more, that was deleted, or whose thread was.
 *
 * Promises: what was answered is in the ledger `me`; saving twice is saving once, and keeps the first moment. What one may not read cannot
 * be saved, and answers like what never was. Nobody else learns what somebody has saved. A crash leaves a message saved or not.
 */
export const saved = defineFeature({
  name: 'saved',
  needs: [],
  operations: [
    bind(saveMessage, async (caller, { message_id }, { ports }) => {
      const message = await ports.store.messages.byId(message_id);
      // What never was costs as much as one in a closed thread: it is looked up as if it were its own thread.
      await ports.places.enter({ thread: message?.thread_id ?? message_id }, caller.member_id);
      if (!message) throw nothingThere();
      const { thread } = await new Sight(ports.actors, caller.member_id).demandThread(ports.store, message.thread_id);
      // Only of one that may be read: that it was there is known to them.
      if (message.deleted_at !== null) throw nothingThere();
      const place = { thread_id: thread.id, community_id: thread.community_id };
      return { message_id, ...(await askOwn<SavedItem>(ports, caller, 'saved', 'put', { message_id, ...place })) };
    }),
    bind(unsaveMessage, async (caller, { message_id }, { ports }) => {
      await askOwn(ports, caller, 'saved', 'take', { message_id });
    }),
    bind(listSaved, (caller, input, { ports }) => savedPage(ports, caller, input)),
  ],
  member: savedSlice,
  items: [savedItem],
});
