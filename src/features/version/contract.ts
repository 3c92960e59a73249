import { z } from 'zod';
import { anyone } from '../../authority/allow.js';
import { defineOperation } from '../../catalogue/operation.js';
import { protocols } from '../../protocol/version.js';

export const getVersion = defineOperation({
  name: 'get_version',
  tag: 'operation',
  summary: "Which protocols are spoken here, and the name of this store's life: another one after a backup was restored",
  allow: anyone,
  decided_by: 'invoke',
  limit: 'probe',
  repeat: 'read',
  input: z.strictObject({}),
  answer: z.object({
    protocols: z.array(z.int()).meta({ example: [...protocols] }),
    history: z
      .string()
      .regex(/^[0-9a-f]{24}$/)
      .meta({ description: 'What a client knows of another history is worth nothing here' }),
  }),
  rest: { method: 'get', path: '/version', status: 200 },
  example: {},
});
