import { z } from 'zod';
import { signedIn } from '../../authority/allow.js';
import { defineOperation } from '../../catalogue/operation.js';
import { history, ledgerBounds, ledgerName, ledgerPage } from '../../protocol/ledgers.js';
import { cursor, seq } from '../../protocol/primitives.js';

export const syncLedger = defineOperation({
  name: 'sync_ledger',
  tag: 'ledgers',
  summary: 'What of a ledger has changed since a rev, or all of it',
  allow: signedIn,
  decided_by: 'operation',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({
    ledger: ledgerName,
    after_rev: seq.optional().meta({ description: 'What one knows; absent: nothing' }),
    cursor: cursor.optional().meta({ description: 'Goes on with a snapshot' }),
    history: history.optional().meta({ description: 'Under which one came to know after_rev; another one than the present: all of it' }),
  }),
  answer: ledgerPage.extend({ history }),
  rest: { method: 'get', path: '/ledgers/:ledger', status: 200 },
  example: { after_rev: 0 },
});

/** A rev of -1 says that nothing is known of it. */
const known = z.int().min(-1).max(Number.MAX_SAFE_INTEGER);

export const syncLedgers = defineOperation({
  name: 'sync_ledgers',
  tag: 'ledgers',
  summary: 'Which of these ledgers have changed, with what; a connection hears of their changes from then on, of a community its members',
  allow: signedIn,
  decided_by: 'operation',
  limit: 'read',
  cost: ({ ledgers }) => Math.max(1, Math.ceil(Object.keys(ledgers).length / 20)),
  repeat: 'same',
  input: z.strictObject({
    ledgers: z
      .record(ledgerName, known)
      .refine((ledgers) => Object.keys(ledgers).length <= ledgerBounds.ledgers, { message: `must be at most ${ledgerBounds.ledgers}` })
      .meta({ description: 'Names with the revs that one knows; -1: nothing' }),
    history: history.optional(),
  }),
  answer: z.object({
    ledgers: z.array(ledgerPage.extend({ ledger: ledgerName })).meta({ description: 'Those that have changed, each with its first page' }),
    silent: z.array(ledgerName).meta({
      description: 'You are not told of their changes: they are of public communities to which you do not belong',
    }),
    gone: z.array(ledgerName).meta({ description: 'There is none, or one may not see it: drop what you knew' }),
    later: z.array(ledgerName).meta({ description: 'Not looked at now: ask again for these' }),
    history,
  }),
  rest: { method: 'post', path: '/ledgers/sync', status: 200 },
  example: { ledgers: { me: 0 } },
});
