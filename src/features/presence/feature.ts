import { type SetPresence, userAddress } from '../../actors/domain/user/messages.js';
import { bind } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { setPresence } from './contract.js';

/**
 * What others see of a member: a state and a line of text. The member's actor decides which of both is shown, by the devices that are
 * connected, and tells the communities. A crash forgets what was not told yet; the next device that connects says it anew.
 */
export const presence = defineFeature({
  name: 'presence',
  needs: [],
  operations: [
    bind(setPresence, async (caller, { state, text }, { ports }) => ({
      presence: await ports.actors.ask<SetPresence>(userAddress(caller.member_id), {
        type: 'set_presence',
        state,
        ...(text !== undefined && { text }),
      }),
    })),
  ],
});
