import { bind } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { askOwn } from '../../catalogue/own-actor.js';
import { placeOrderSlice } from './commands.js';
import { getPlaceOrder, type PlaceOrder, placeOrderItem, setPlaceOrder } from './contract.js';

/**
 * In which order a member wants to see communities and threads, on all of their devices. Places are merely named:
 * nobody is asked whether they are there, so the order tells nothing of them, and one that was left or deleted stands
 * in it until it is set anew.
 *
 * Promises: an order that was answered is in the ledger `me`. It is replaced as a whole, so of two devices that set it
 * at once the later one counts on both, and never a mixture. A crash leaves the order before or the new one.
 */
export const placeOrder = defineFeature({
  name: 'place_order',
  needs: [],
  operations: [
    bind(getPlaceOrder, (caller, _input, { ports }) => askOwn<PlaceOrder>(ports, caller, 'place_order', 'get', {})),
    bind(setPlaceOrder, async (caller, { places, if_rev }, { ports }) => {
      await askOwn(ports, caller, 'place_order', 'set', { places }, if_rev);
      return { places };
    }),
  ],
  member: placeOrderSlice,
  items: [placeOrderItem],
});
