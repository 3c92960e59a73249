import { describe, expect, test } from '@jest/globals';
import { type Collection, MongoBulkWriteError, MongoNetworkError, type ObjectId } from 'mongodb';
import { pino } from 'pino';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import type { MessageRecord } from '../../../src/store/contracts.js';
import { MessageCommit } from '../../../src/store/mongo/commit.js';
import { type MessageDocument, messageDocument } from '../../../src/store/mongo/message-document.js';
import { aMessage, messagesOf } from '../../conformance/store/records.js';
import { until } from '../../until.js';

interface Answer {
  inserted?: number;
  matched?: number;
  writeErrors?: { index: number; code: number }[];
  concernError?: boolean;
}

/** What the driver throws for an answer with errors, in the parts that are read of it. */
const bulkError = ({ inserted = 0, matched = 0, writeErrors = [], concernError = false }: Answer): MongoBulkWriteError => {
  const result = {
    insertedCount: inserted,
    matchedCount: matched,
    getWriteErrors: () => writeErrors,
    getWriteConcernError: () => (concernError ? { errmsg: 'no majority' } : undefined),
  };
  return new MongoBulkWriteError({ message: 'E11000', code: 11000, writeErrors: [] }, result as unknown as MongoBulkWriteError['result']);
};

/** A collection that answers as told and holds what it is told to hold. */
const commitOver = (answer: (operations: readonly unknown[]) => Answer | Error, held: readonly MessageRecord[] = []) => {
  const reply = async (operations: readonly unknown[]) => {
    const said = answer(operations);
    if (said instanceof Error) throw said;
    if (said.writeErrors || said.concernError) throw bulkError(said);
    return { insertedCount: said.inserted ?? 0, matchedCount: said.matched ?? 0 };
  };
  const messages = {
    insertMany: reply,
    bulkWrite: reply,
    find: (filter: { _id: { $in: ObjectId[] } }) => ({
      toArray: async () => held.map(messageDocument).filter((document) => filter._id.$in.some((id) => id.equals(document._id))),
    }),
  } as unknown as Collection<MessageDocument>;
  return new MessageCommit({
    messages,
    bound: { maxTimeMS: 1 },
    clock: new FakeClock(),
    telemetry: new Telemetry(),
    logger: pino({ level: 'silent' }),
  });
};

describe('outcomes of appends', () => {
  const three = messagesOf('0123456789abcdef01234567', 3);

  test('an error of the network leaves everything unknown', async () => {
    expect(await commitOver(() => new MongoNetworkError('gone')).append(three)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  test('refused by a unique index, refused otherwise, and stored', async () => {
    const writeErrors = [
      { index: 0, code: 11000 },
      { index: 2, code: 121 },
    ];
    expect(await commitOver(() => ({ inserted: 1, writeErrors })).append(three)).toEqual(['taken', 'stored', 'unknown']);
  });

  test('without the durability that was asked for nothing is said', async () => {
    const writeErrors = [{ index: 0, code: 11000 }];
    expect(await commitOver(() => ({ inserted: 2, writeErrors, concernError: true })).append(three)).toEqual([
      'unknown',
      'unknown',
      'unknown',
    ]);
    expect(await commitOver(() => ({ inserted: 3, concernError: true })).append(three)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  test('where the counts do not add up the records are read back', async () => {
    const other = { ...three[1]!, content: 'not what was meant' };
    const commit = commitOver(() => ({ inserted: 1, writeErrors: [{ index: 2, code: 11000 }] }), [three[0]!, other]);
    expect(await commit.append(three)).toEqual(['stored', 'unknown', 'taken']);
    expect(await commitOver(() => ({ inserted: 2 }), [three[0]!, three[2]!]).append(three)).toEqual(['stored', 'unknown', 'stored']);
  });
});

describe('outcomes of changes', () => {
  const before = messagesOf('0123456789abcdef01234567', 4);
  const after = before.map((message) => ({ ...message, rev: message.rev + 10, content: 'new', edited_at: 3 }));
  const changeAll = (commit: MessageCommit) => Promise.all(after.map((message, at) => commit.change(message, before[at]!.rev)));

  test('all matched, none matched, no answer', async () => {
    expect(await changeAll(commitOver(() => ({ matched: 4 })))).toEqual(Array(4).fill('stored'));
    expect(await changeAll(commitOver(() => ({ matched: 0 })))).toEqual(Array(4).fill('stale'));
    expect(await changeAll(commitOver(() => new MongoNetworkError('gone')))).toEqual(Array(4).fill('unknown'));
    const writeErrors = [{ index: 1, code: 11000 }];
    expect(await changeAll(commitOver(() => ({ matched: 3, writeErrors })))).toEqual(['stored', 'taken', 'stored', 'stored']);
    expect(await changeAll(commitOver(() => ({ matched: 0, writeErrors })))).toEqual(['stale', 'taken', 'stale', 'stale']);
  });

  test('where some matched the records tell which', async () => {
    const rival = { ...after[1]!, content: 'a rival under the same rev', epoch: 2 };
    const held = [after[0]!, rival, before[2]!];
    expect(await changeAll(commitOver(() => ({ matched: 1 }), held))).toEqual(['stored', 'stale', 'stale', 'stale']);
  });

  test('a record with a later rev is settled by the counts, and unknown where they do not', async () => {
    const later = (at: number) => ({ ...after[at]!, rev: 99 + at });
    expect(await changeAll(commitOver(() => ({ matched: 3 }), [after[0]!, after[1]!, after[2]!, later(3)]))).toEqual([
      'stored',
      'stored',
      'stored',
      'stale',
    ]);
    expect(await changeAll(commitOver(() => ({ matched: 3 }), [after[0]!, after[1]!, before[2]!, later(3)]))).toEqual([
      'stored',
      'stored',
      'stale',
      'stored',
    ]);
    expect(await changeAll(commitOver(() => ({ matched: 3 }), [after[0]!, after[1]!, later(2), later(3)]))).toEqual([
      'stored',
      'stored',
      'unknown',
      'unknown',
    ]);
  });

  test('the order of fields and fields that are undefined make no difference', async () => {
    const message = aMessage({ attachments: [{ name: 'n', url: 'https://example.org/', content_type: undefined }] });
    const held = { ...message, attachments: [{ name: 'n', url: 'https://example.org/' }], rev: 2 };
    const commit = commitOver(() => ({ matched: 1 }), [held]);
    const both = await Promise.all([
      commit.change(Object.fromEntries(Object.entries({ ...message, rev: 2 }).reverse()) as unknown as MessageRecord, 1),
      commit.change(aMessage(), 1),
    ]);
    expect(both).toEqual(['stored', 'stale']);
  });
});

describe('how long the oldest append has waited', () => {
  const append = (messages: MessageCommit, thread: string) => messages.append(messagesOf(thread, 1));

  test('is told of those without an outcome, whatever their order', async () => {
    const answers: (() => void)[] = [];
    const clock = new FakeClock();
    const insertMany = (documents: readonly unknown[]) =>
      new Promise((resolve) => answers.push(() => resolve({ insertedCount: documents.length })));
    const commit = new MessageCommit({
      messages: { insertMany } as unknown as Collection<MessageDocument>,
      bound: { maxTimeMS: 1 },
      clock,
      telemetry: new Telemetry(),
      logger: pino({ level: 'silent' }),
    });
    expect(commit.waitMs()).toBe(0);
    const first = append(commit, '0123456789abcdef01234567');
    await clock.advance(300);
    const second = append(commit, '1123456789abcdef01234567');
    await clock.advance(200);
    expect(commit.waitMs()).toBe(500);
    answers[0]!();
    await first;
    expect(commit.waitMs()).toBe(200);
    await clock.advance(1_000);
    expect(commit.waitMs()).toBe(1_200);
    await until('the second write', () => answers.length === 2);
    answers[1]!();
    await second;
    expect(commit.waitMs()).toBe(0);
  });

  test('is told of no write that failed', async () => {
    const commit = commitOver(() => new MongoNetworkError('gone'));
    await append(commit, '0123456789abcdef01234567');
    expect(commit.waitMs()).toBe(0);
  });
});
