import { z } from 'zod';
import { rules } from '../../authority/rules.js';
import { defineOperation } from '../../catalogue/operation.js';
import { thread } from '../../catalogue/place.js';
import { bounds, id } from '../../protocol/primitives.js';

const stated = {
  tag: 'threads',
  place: ({ thread_id }: { thread_id: string }) => thread(thread_id),
  allow: rules.typing,
  decided_by: 'thread',
  limit: 'signal',
  repeat: 'same',
  input: z.strictObject({ thread_id: id }),
  answer: z.undefined(),
  example: {},
} as const;
const path = '/threads/:thread_id/typing';

export const typing = defineOperation({
  ...stated,
  name: 'typing',
  summary: `Shows others that one is typing; ends by itself after ${bounds.typingMs / 1000} s`,
  rest: { method: 'put', path, status: 204 },
});

export const stopTyping = defineOperation({
  ...stated,
  name: 'stop_typing',
  summary: 'Ends the mark at once',
  rest: { method: 'delete', path, status: 204 },
});
