import { expect, test } from '@jest/globals';
import { type Db, MongoNetworkError } from 'mongodb';
import { MongoReads } from '../../../src/store/mongo/reads.js';

const hex = (n: number): string => n.toString(16).padStart(24, '0');
const cursor = (thread: number, member: number, seq: number) => ({ thread_id: hex(thread), member_id: hex(member), seq, at: 0 });

/** Reads over a collection whose writes end when they are let go. */
const readsOver = () => {
  const writes: { size: number; end(error?: Error): void }[] = [];
  const bulkWrite = (operations: readonly unknown[]) =>
    new Promise<void>((resolve, reject) => {
      writes.push({ size: operations.length, end: (error) => (error ? reject(error) : resolve()) });
    });
  return { reads: new MongoReads({ collection: () => ({ bulkWrite }) } as unknown as Db, { maxTimeMS: 1 }), writes };
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('cursors that are raised while a write is under way share the next one', async () => {
  const { reads, writes } = readsOver();
  const first = reads.raise([cursor(1, 1, 1)]);
  await turn();
  const others = Promise.all([
    reads.raise([cursor(1, 1, 2), cursor(1, 2, 5)]),
    reads.raise([cursor(2, 1, 3)]),
    reads.raise([cursor(1, 1, 4)]),
  ]);
  await turn();
  expect(writes.map(({ size }) => size)).toEqual([1]);
  writes[0]!.end();
  await first;
  await turn();
  // One cursor that is raised twice is written once.
  expect(writes.map(({ size }) => size)).toEqual([1, 3]);
  const idle = reads.idle();
  writes[1]!.end();
  await Promise.all([others, idle]);
});

test('whoever shares a write that fails hears so', async () => {
  const { reads, writes } = readsOver();
  const raises = [reads.raise([cursor(1, 1, 1)]), reads.raise([cursor(2, 1, 1)])];
  await turn();
  writes[0]!.end(new MongoNetworkError('gone'));
  expect((await Promise.allSettled(raises)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
