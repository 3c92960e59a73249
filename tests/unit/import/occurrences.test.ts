import { expect, test } from '@jest/globals';
import type { ArchiveLine } from '../../../scripts/import/line.js';
import { Occurrences } from '../../../scripts/import/occurrences.js';
import { nonce } from '../../../src/protocol/primitives.js';

const line = (content: string): ArchiveLine => ({ community: 'C', thread: 'T', author: 'A', at: 1, content });
const noncesOf = (contents: string[], window?: number) => {
  const occurrences = new Occurrences(window);
  return contents.map((content) => occurrences.nonceOf(line(content)));
};

test('equal lines get nonces of their own, the same ones each time', () => {
  const nonces = noncesOf(['a', 'b', 'a', 'a', 'b']);
  expect(new Set(nonces).size).toBe(5);
  expect(noncesOf(['a', 'b', 'a', 'a', 'b'])).toEqual(nonces);
  for (const one of nonces) expect(nonce.safeParse(one).success).toBe(true);
});

test('what stands before a line does not change its nonce', () => {
  expect(noncesOf(['x', 'y', 'a'])[2]).toBe(noncesOf(['a'])[0]);
});

test('fields do not run into each other', () => {
  const occurrences = new Occurrences();
  const base = line('x');
  const first = occurrences.nonceOf({ ...base, thread: 'ab', author: 'c' });
  expect(occurrences.nonceOf({ ...base, thread: 'a', author: 'bc' })).not.toBe(first);
  expect(first.endsWith('-1')).toBe(true);
});

test('counts go on as long as one of them is in the window, and memory is bounded by it', () => {
  const near = noncesOf(['a', 'x', 'a', 'x', 'a', 'x', 'a'], 2).filter((_, i) => i % 2 === 0);
  expect(near.map((n) => n.split('-').at(-1))).toEqual(['1', '2', '3', '4']);
  const far = noncesOf(['a', '1', '2', '3', 'a'], 2);
  expect(far[4]).toBe(far[0]);
});
