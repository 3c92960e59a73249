import { z } from 'zod';
import { allowText } from '../../authority/allow.js';
import { bindOpen } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { doors, type Operation, opensAt } from '../../catalogue/operation.js';
import { listOperations } from './contract.js';

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>;

const shown = (operation: Operation) => ({
  name: operation.name,
  summary: operation.summary,
  allow: allowText(operation.allow),
  limit: operation.limit,
  doors: doors.filter((door) => opensAt(operation, door)),
  input: schemaOf(operation.input, 'input'),
  answer: operation.answer.def.type === 'undefined' ? null : schemaOf(operation.answer, 'output'),
});

type Shown = ReturnType<typeof shown>;
/** Schemas are written out once for each table of operations: it never changes while a node runs. */
const written = new WeakMap<readonly Operation[], Shown[]>();

/** Tells programs what they can ask for. It promises that what it lists is what the doors take: both are made from one table. */
export const operations = defineFeature({
  name: 'operations',
  needs: [],
  operations: [
    bindOpen(listOperations, async (_input, { ports }) => {
      const all = ports.operations();
      let items = written.get(all);
      if (!items) {
        items = all.map(shown);
        written.set(all, items);
      }
      return { items };
    }),
  ],
});
