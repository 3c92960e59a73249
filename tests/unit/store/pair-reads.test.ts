import { expect, test } from '@jest/globals';
import { boxesOf } from '../../../src/store/mongo/pair-reads.js';

const shown = (pairs: readonly string[], most: number): string[] =>
  boxesOf(pairs, most).map(({ firsts, seconds }) => `${firsts.join('')}×${[...seconds].join('')}`);

test('pairs of one first are one box, also with more of them than a box should have', () => {
  expect(shown(['a 1', 'a 2', 'a 3', 'a 1'], 2)).toEqual(['a×123']);
  expect(shown([], 2)).toEqual([]);
});

test('firsts share a box while not too many pairs are in it', () => {
  expect(shown(['a 1', 'b 1', 'c 2', 'a 2'], 6)).toEqual(['abc×12']);
  expect(shown(['a 1', 'b 2', 'c 3', 'd 4', 'e 5'], 4)).toEqual(['ab×12', 'cd×34', 'e×5']);
});

test('every pair is in a box, and no box has more pairs than it may', () => {
  const pairs = Array.from({ length: 300 }, (_, at) => `f${(at * 7) % 41} s${(at * 13) % 97}`);
  const boxes = boxesOf(pairs, 100);
  for (const { firsts, seconds } of boxes) expect(firsts.length * seconds.size).toBeLessThanOrEqual(100);
  for (const pair of pairs) {
    const [first, second] = pair.split(' ') as [string, string];
    expect(boxes.some((box) => box.firsts.includes(first) && box.seconds.has(second))).toBe(true);
  }
});
