import { bind } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { askOwn } from '../../catalogue/own-actor.js';
import { draftSlice } from './commands.js';
import { draftItem, saveDraft } from './contract.js';

/**
 * What a member was writing, on all of their devices. Drafts are gathered: all of two seconds are one commit of the ledger `me`, all of
 * thirty where one device alone is connected. Of two devices that write in one place at once, the later one counts.
 *
 * Promises: a draft is on every other device within seconds, or when that is back. It is answered before it is stored: a crash of the node
 * loses what was written in the last seconds.
 */
export const drafts = defineFeature({
  name: 'drafts',
  needs: [],
  operations: [
    bind(saveDraft, async (caller, { place, content }, { ports }) => {
      await askOwn(ports, caller, 'drafts', 'save', { place, content });
    }),
  ],
  member: draftSlice,
  items: [draftItem],
});
