import { z } from 'zod';
import { anyone } from '../../authority/allow.js';
import { defineOperation, doors } from '../../catalogue/operation.js';

const schema = z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema, draft 2020-12' });

export const listOperations = defineOperation({
  name: 'list_operations',
  tag: 'operation',
  summary: 'Everything that can be asked for, with its input and its answer',
  allow: anyone,
  decided_by: 'invoke',
  limit: 'probe',
  repeat: 'read',
  input: z.strictObject({}),
  answer: z.object({
    items: z.array(
      z.object({
        name: z.string(),
        summary: z.string(),
        allow: z.string().meta({ description: 'Who may, in words' }),
        limit: z.string(),
        doors: z.array(z.enum(doors)),
        input: schema,
        answer: schema.nullable().meta({ description: 'null: it answers nothing' }),
      }),
    ),
  }),
  rest: { method: 'get', path: '/operations', status: 200 },
  example: {},
});
