import { z } from 'zod';
import { signedIn } from '../../authority/allow.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { ifRev } from '../../protocol/ledgers.js';
import { placeName } from '../../protocol/place-name.js';

export const placeOrderBounds = {
  places: 500,
  /** Of all of them as JSON: each name with its quotes and a comma. */
  valueBytes: 20_000,
} as const;

const order = z.strictObject({
  places: z
    .array(placeName)
    .max(placeOrderBounds.places)
    .refine((places) => new Set(places).size === places.length, { message: 'must name each place once' })
    .meta({ description: 'Names of places, the first one first. They are names and no more: what is not there (any more) is passed over' }),
});
export type PlaceOrder = z.output<typeof order>;

export const placeOrderItem = defineItem({
  kind: 'place_order',
  ledger: 'me',
  summary: 'In which order one wants to see places; its one key is `order`. Absent: in none of one’s own',
  value: order,
  most: { items: 1, valueBytes: placeOrderBounds.valueBytes },
});

export const getPlaceOrder = defineOperation({
  name: 'get_place_order',
  tag: 'settings',
  summary: 'In which order one wants to see places; empty: in none of one’s own',
  allow: signedIn,
  decided_by: 'user',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({}),
  answer: order,
  rest: { method: 'get', path: '/place_order', status: 200 },
  example: {},
});

export const setPlaceOrder = defineOperation({
  name: 'set_place_order',
  tag: 'settings',
  summary: 'Say in which order one wants to see places, as a whole',
  allow: signedIn,
  decided_by: 'user',
  limit: 'write',
  repeat: 'same',
  input: order.extend({ if_rev: ifRev }),
  answer: order,
  rest: { method: 'put', path: '/place_order', status: 200 },
  example: { places: ['community:665f1c2ab3d4e5f60718293a', 'thread:665f1c2ab3d4e5f60718293b'] },
});
