import { defineFeature } from '../../catalogue/feature.js';
import { inviteUses, invites as kept } from './collection.js';
import { inviteSlice } from './commands.js';
import { inviteItem } from './contract.js';
import { operations } from './operations.js';

/**
 * Links that let people into a community, also a private one. Members make them; who made one, and whoever holds
 * `manage_invites`, sees and revokes it. The code is unguessable, and every code that lets nobody in is refused in the
 * same words. The community's actor decides each acceptance in its turn, so a ban or a revocation counts from the
 * moment it was answered.
 *
 * Promises: no more than `max_uses` come in by an invite, whatever crashes and whoever believes to own the community:
 * each use is stored under a unique number before its membership is made. Whoever was told that they are in, is. The
 * same member takes no second use. A crash between use and membership leaves a use that is owed: the next owner makes
 * the membership soon after it came to life, and at once when the member asks again. Living invites are copied into the
 * ledger `community:<id>:manage_invites`, before they are answered as a rule; uses of two seconds are one commit there.
 * What has ended is cleared away when a new one is made, a bounded piece each time.
 */
export const invites = defineFeature({
  name: 'invites',
  needs: [],
  operations,
  community: inviteSlice,
  items: [inviteItem],
  collections: [kept, inviteUses],
});
