import { z } from 'zod';
import { signedIn } from '../../authority/allow.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { bounds, timestamp } from '../../protocol/primitives.js';

export const draftBounds = {
  /** Of one member. */
  drafts: 100,
  /** Of one value as JSON, which may write each character as six. */
  valueBytes: 6 * bounds.content + 100,
} as const;

const place = z
  .string()
  .regex(/^(?:thread|community):[0-9a-f]{24}$/, 'must be thread:<id>, or community:<id> for a thread that is being begun')
  .meta({ example: 'thread:665f1c2ab3d4e5f60718293a' });
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
  input: z.strictObject({ place, content }),
  answer: z.undefined(),
  rest: { method: 'put', path: '/drafts/:place', status: 204 },
  example: { content: 'Half a sentence' },
});
