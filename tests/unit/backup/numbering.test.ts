import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Numbering } from '../../../scripts/backup/numbering.js';

const problems = (upTo: number, seqs: readonly number[], { floor = 0, isDeleted = false } = {}): string[] => {
  const numbering = new Numbering();
  numbering.head('t', upTo);
  numbering.thread('t', floor, isDeleted);
  for (const seq of seqs) numbering.message('t', seq);
  return numbering.problems();
};

test('a thread that is there as far as it went is right, whatever came later', () => {
  expect(problems(3, [2, 1, 3])).toEqual([]);
  expect(problems(3, [1, 2, 3, 5, 9])).toEqual([]);
  expect(problems(0, [])).toEqual([]);
});

test('of what was cleared away nothing has to be there', () => {
  expect(problems(5, [4, 5], { floor: 3 })).toEqual([]);
  expect(problems(5, [2], { isDeleted: true })).toEqual([]);
  expect(problems(5, [], { floor: 9 })).toEqual([]);
});

test('any messages that are missing up to the head are told, and any that are there twice', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 29 }), (upTo, at) => {
      const seq = (at % upTo) + 1;
      const all = [...Array(upTo).keys()].map((n) => n + 1);
      const without = all.filter((one) => one !== seq);
      expect(problems(upTo, without)).toEqual([expect.stringContaining('lacks 1 of its messages')]);
      expect(problems(upTo, [...all, seq])).toEqual([expect.stringContaining('two messages of one number')]);
      const other = without[0];
      if (other !== undefined) expect(problems(upTo, [...without, other])).toEqual([expect.stringContaining('two messages of one number')]);
    }),
  );
});

test('a thread that is not in the backup is told; of many, some and how many more', () => {
  const numbering = new Numbering();
  for (let n = 0; n < 25; n++) numbering.head(`t${n}`, 1);
  const said = numbering.problems();
  expect(said).toHaveLength(11);
  expect(said[0]).toBe('thread t0 was there at the beginning and is not in the backup');
  expect(said.at(-1)).toBe('and so it is with 15 more threads');
});
