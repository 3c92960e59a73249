import { beforeEach, expect, test } from '@jest/globals';
import { ReadCursors } from '../../../src/actors/domain/thread/read-cursors.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import type { ReadRepository } from '../../../src/store/contracts.js';
import { MemoryReads } from '../../../src/store/memory/reads.js';

let reads: MemoryReads;
let fails: boolean;
const fresh = (): ReadCursors =>
  new ReadCursors(
    't',
    {
      get: (thread, member) => reads.get(thread, member),
      // Nothing to write succeeds whatever the store does, as it does over MongoDB.
      raise: (records) => (fails && records.length > 0 ? Promise.reject(new Error('no store')) : reads.raise(records)),
    } satisfies Pick<ReadRepository, 'get' | 'raise'>,
    new FakeClock(),
  );

beforeEach(() => {
  reads = new MemoryReads(new FakeClock());
  fails = false;
});

test('what a mark is answered with outlives a crash, also where one’s own message had moved the cursor further', async () => {
  const cursors = fresh();
  await cursors.of('m');
  cursors.wrote('m', 16);
  expect(await cursors.mark('m', 5)).toEqual({ seq: 16, moved: false, isTold: true });
  expect(await fresh().of('m')).toBe(16);
});

test('a mark is answered with what it stored, not with what one’s own message moves the cursor to meanwhile', async () => {
  const cursors = fresh();
  await cursors.of('m');
  const mark = cursors.mark('m', 5);
  cursors.wrote('m', 16);
  expect(await mark).toEqual({ seq: 5, moved: true, isTold: true });
  expect(await fresh().of('m')).toBe(5);
});

test('marks that share a write that fails all fail', async () => {
  const cursors = fresh();
  await cursors.of('m');
  fails = true;
  const marks = [1, 2, 3].map((seq) => cursors.mark('m', seq));
  expect((await Promise.allSettled(marks)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  fails = false;
  const later = [1, 2, 3].map((seq) => cursors.mark('m', seq));
  expect(await Promise.all(later)).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
  expect(await fresh().of('m')).toBe(3);
});

test('a mark is not answered while the store does not take it', async () => {
  const cursors = fresh();
  cursors.wrote('m', 16);
  fails = true;
  await expect(cursors.mark('m', 5)).rejects.toThrow('no store');
  await expect(cursors.flush()).rejects.toThrow('no store');
  fails = false;
  await cursors.flush();
  expect(await fresh().of('m')).toBe(16);
});

test('what one’s own message moved is quiet until it is marked, also by the word of another owner; then it is known', async () => {
  const cursors = fresh();
  await cursors.mark('m', 5);
  await reads.told('m', await reads.untold('m', 5));
  cursors.wrote('m', 6);
  await cursors.flush();
  expect([await reads.untold('m', 5), await reads.get('t', 'm')]).toMatchObject([[], { seq: 6, is_quiet: true }]);
  expect(await fresh().mark('m', 6)).toEqual({ seq: 6, moved: false, isTold: true });
  expect(await reads.untold('m', 5)).toMatchObject([{ key: 't', record: { seq: 6 } }]);
  await reads.told('m', await reads.untold('m', 5));
  for (const one of [fresh(), fresh()]) expect(await one.mark('m', 6)).toEqual({ seq: 6, moved: false, isTold: false });
  expect(await reads.untold('m', 5)).toEqual([]);
  // An owner that has it in memory.
  expect(await cursors.mark('m', 6)).toEqual({ seq: 6, moved: false, isTold: true });
  cursors.wrote('m', 7);
  expect(await cursors.mark('m', 7)).toEqual({ seq: 7, moved: false, isTold: true });
  expect(await cursors.mark('m', 7)).toEqual({ seq: 7, moved: false, isTold: false });
});
