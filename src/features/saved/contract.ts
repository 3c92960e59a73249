import { z } from 'zod';
import { bit, signedIn } from '../../authority/allow.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { id, pageInput, timestamp } from '../../protocol/primitives.js';
import { liveMessage, page } from '../../protocol/resources.js';

export const savedBounds = {
  /** Of one member. */
  messages: 1_000,
  /** Of one value as JSON. */
  valueBytes: 256,
} as const;

const place = { thread_id: id, community_id: id };
const savedAt = timestamp.meta({ description: 'When it was saved first' });

export const savedItem = defineItem({
  kind: 'saved',
  ledger: 'me',
  summary: 'A message that one has saved, by its id; where it stands, and not what it says',
  value: z.strictObject({ ...place, saved_at: savedAt }),
  windowed: true,
  most: { items: savedBounds.messages, valueBytes: savedBounds.valueBytes },
});
export type SavedItem = z.output<typeof savedItem.value>;

const itsPath = '/saved/:message_id';

export const saveMessage = defineOperation({
  name: 'save_message',
  tag: 'messages',
  summary: `Save a message for oneself; again is harmless. One has at most ${savedBounds.messages}`,
  allow: bit('read_history'),
  decided_by: 'operation',
  limit: 'write',
  repeat: 'same',
  input: z.strictObject({ message_id: id }),
  answer: z.object({ message_id: id, ...place, saved_at: savedAt }),
  rest: { method: 'put', path: itsPath, status: 200 },
  example: {},
});

export const unsaveMessage = defineOperation({
  name: 'unsave_message',
  tag: 'messages',
  summary: 'It is saved no more, whether one may still read it or not; again is harmless',
  allow: signedIn,
  decided_by: 'user',
  limit: 'write',
  repeat: 'same',
  input: z.strictObject({ message_id: id }),
  answer: z.undefined(),
  rest: { method: 'delete', path: itsPath, status: 204 },
  example: {},
});

export const listSaved = defineOperation({
  name: 'list_saved',
  tag: 'messages',
  summary: 'Messages that one has saved, the last saved first, as they are now; without those that one may not read (any more)',
  allow: signedIn,
  decided_by: 'operation',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ ...pageInput }),
  answer: page(z.object({ message: liveMessage, community_id: id, saved_at: savedAt })),
  rest: { method: 'get', path: '/saved', status: 200 },
  example: { limit: 20 },
});
