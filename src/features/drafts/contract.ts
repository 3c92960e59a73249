import { z } from 'zod';
import { signedIn } from '../../authority/allow.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { placeName } from '../../protocol/place-name.js';
import { bounds, timestamp } from '../../protocol/primitives.js';

export const draftBounds = {
  /** Of one member. */
  drafts: 100,
  /** Of one value as JSON, which may write each character as six. */
  valueBytes: 6 * bounds.content + 100,
} as const;

/** As it is being written: whatever it holds, it is looked at when it is sent. */
const content = z.string().max(bounds.content);

const draft = z.object({ content, saved_at: timestamp });
export type Draft = z.output<typeof draft>;

export const draftItem = defineItem({
  kind: 'draft',
  ledger: 'me',
  summary: 'What one was writing in a place, by that place',
  value: draft,
  most: { items: draftBounds.drafts, valueBytes: draftBounds.valueBytes },
});

export const saveDraft = defineOperation({
  name: 'save_draft',
  tag: 'messages',
  summary: "What one is writing in a place, for one's other devices; it is theirs within seconds, and empty takes it away",
  allow: signedIn,
  decided_by: 'user',
  limit: 'signal',
  work: 'send',
  repeat: 'same',
  input: z.strictObject({
    place: placeName.meta({ description: 'A thread, or a community for a thread that is being begun there' }),
    content,
  }),
  answer: z.undefined(),
  rest: { method: 'put', path: '/drafts/:place', status: 204 },
  example: { content: 'Half a sentence' },
});
