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
      raise: (records) => (fails ? Promise.reject(new Error('no store')) : reads.raise(records)),
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
