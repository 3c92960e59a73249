import { describe, expect, it } from '@jest/globals';
import { afterLook, lineAfter, type Reading } from '../../../web/src/reading.js';

const look = (first: number, last: number, isAtEnd = false) => ({ first, last, isAtEnd });
/** How far a thread of 100 is read after some looks; a null is a jump. */
const readAfter = (seq: number, ...looks: (ReturnType<typeof look> | null)[]): number =>
  looks.reduce<Reading>((now, one) => (one ? afterLook(now, one, 100) : { seq: now.seq, isFollowing: false }), { seq, isFollowing: false })
    .seq;

describe('how far a thread is read', () => {
  it.each<[string, number, number]>([
    ['what came into view, from the first unread on', readAfter(20, look(21, 35)), 35],
    ['and on as one scrolls, however fast', readAfter(20, look(21, 35), look(30, 44), look(70, 84)), 84],
    ['never back', readAfter(20, look(21, 35), look(1, 15)), 35],
    ['not what a link jumps over', readAfter(20, look(60, 75)), 20],
    ['nor what is scrolled through beyond that', readAfter(20, look(60, 75), look(76, 90)), 20],
    ['until one comes back to where the unread begins', readAfter(20, look(60, 75), look(15, 29), look(30, 45)), 45],
    ['a jump within what was read', readAfter(20, look(10, 25)), 25],
    ['a jump away from where one read on', readAfter(20, look(21, 35), null, look(60, 75)), 35],
    ['all of it at the end', readAfter(20, look(86, 100, true)), 100],
  ])('%s', (_, read, expected) => expect(read).toBe(expected));
});

describe('the line above what is new', () => {
  it.each<[string, number | null, number | null]>([
    ['stays while one reads on from it', lineAfter(21, 20, 50), 21],
    ['stays when all is read', lineAfter(21, 100, null), 21],
    ['moves to what came unseen after that', lineAfter(21, 100, 101), 101],
    ['and stays there as more comes', lineAfter(101, 100, 104), 101],
    ['stands above the first that comes unseen', lineAfter(null, 100, 101), 101],
    ['stands nowhere when nothing is new', lineAfter(null, 100, null), null],
  ])('%s', (_, line, expected) => expect(line).toBe(expected));
});
