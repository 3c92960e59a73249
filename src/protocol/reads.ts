import { z } from 'zod';
import { id, seq, timestamp } from './primitives.js';

/** Marking as read, as both doors have it. */
export const read = {
  seq: seq.optional().meta({ description: 'Up to this one; absent: all of the thread, and its notifications' }),
  answer: z.object({ read_seq: seq }),
};

export const readAll = {
  input: z.strictObject({
    community_id: id.optional().meta({ description: "Absent: all of one's communities" }),
  }),
  answer: z.object({
    read_at: timestamp.meta({ description: 'What came until then is read' }),
    notifications: z.int().min(0).meta({ description: 'How many of them were marked' }),
  }),
};
