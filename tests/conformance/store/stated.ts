import { z } from 'zod';
import { collectionsOf } from '../../../src/catalogue/assembled.js';
import { features } from '../../../src/features/index.js';
import { type CollectionDefinition, defineCollection, storedId, storedTime } from '../../../src/store/collection.js';

/** One in which every word of the vocabulary is used. */
export const parcels = defineCollection({
  name: 'parcels',
  schema: z.object({
    id: storedId,
    shelf_id: storedId,
    place: z.int().min(0).max(1_000_000),
    label: z.string().max(40),
    code: z.string().max(24).nullable(),
    came_at: storedTime,
    left_at: storedTime.nullable(),
    is_heavy: z.boolean(),
    seen_by: z.array(storedId).max(3),
    weights: z.array(z.object({ grams: z.int().min(0).max(50_000), note: z.string().max(8).nullable() })).max(3),
  }),
  key: 'id',
  indexes: {
    place: { on: { shelf_id: 1, place: 1 }, unique: true },
    code: { on: { code: 1 }, unique: true },
    shelf: { on: { shelf_id: 1, is_heavy: 1, came_at: -1, label: 1, id: -1 } },
  },
  queries: {
    byPlace: { index: 'place', equal: ['shelf_id'], range: true },
    byPlaceDown: { index: 'place', equal: ['shelf_id'], range: true, backwards: true },
    at: { index: 'place', equal: ['shelf_id', 'place'] },
    byCode: { index: 'code', equal: ['code'] },
    newest: { index: 'shelf', equal: ['shelf_id', 'is_heavy'], range: true },
    oldest: { index: 'shelf', equal: ['shelf_id', 'is_heavy'], range: true, backwards: true },
  },
});

/** Its key is text that is no id, and it has no index. */
export const labels = defineCollection({
  name: 'labels',
  schema: z.object({ text: z.string().min(1).max(40), made_at: storedTime.nullable() }),
  key: 'text',
  indexes: {},
  queries: {},
});

/** Every collection there is: the suite runs over each of them. */
export const statedCollections: readonly CollectionDefinition[] = [parcels, labels, ...collectionsOf(features)];
