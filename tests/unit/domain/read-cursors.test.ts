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
      forMember: (member, threads) => reads.forMember(member, threads),
      // Nothing to write succeeds whatever the store does, as it does over MongoDB.
      raise: (records) => (fails && records.length > 0 ? Promise.reject(new Error('no store')) : reads.raise(records)),
    } satisfies ReadRepository,
    new FakeClock(),
  );

beforeEach(() => {
  reads = new MemoryReads();
  fails = false;
});

test('what a mark is answered with outlives a crash, also where one’s own message had moved the cursor further', async () => {
  const cursors = fresh();
  await cursors.of('m');
  cursors.wrote('m', 16);
  expect(await cursors.mark('m', 5)).toEqual({ seq: 16, moved: false });
  expect(await fresh().of('m')).toBe(16);
});

test('a mark is answered with what it stored, not with what one’s own message moves the cursor to meanwhile', async () => {
  const cursors = fresh();
  await cursors.of('m');
  const mark = cursors.mark('m', 5);
  cursors.wrote('m', 16);
  expect(await mark).toEqual({ seq: 5, moved: true });
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
