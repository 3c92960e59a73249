import { beforeEach, expect, test } from '@jest/globals';
import { HeadNews, mostTogether, newsEveryMs } from '../../../src/actors/domain/community/head-news.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import type { Thread } from '../../../src/protocol/resources.js';

let clock: FakeClock;
/** Each publication: when, whose audience, and which threads at which seq. */
let told: string[];
let news: HeadNews;
let timers: number;

const at = new Date(0).toISOString();
const thread = (id: string, last_seq = 1): Thread => ({ id, last_seq, last_activity: at }) as Thread;
const note = (id: string, last_seq?: number, isClosed = false): void => {
  news.note(thread(id, last_seq), isClosed);
  news.tell();
};

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  timers = 0;
  const begun = clock.monotonic();
  news = new HeadNews({
    monotonic: () => clock.monotonic(),
    later: (ms) => {
      timers++;
      clock.after(ms, () => news.tell(true));
    },
    publish: (heads, audience = 'all') => {
      const which = heads.length > 5 ? [`${heads.length} heads`] : heads.map(({ thread_id, last_seq }) => `${thread_id}:${last_seq}`);
      told.push(`${clock.monotonic() - begun} ${audience} ${which.join(' ')}`);
    },
  });
});

test('what moves after a quiet time is told at once, what moves on once a period, each thread with its newest head', async () => {
  note('a', 1);
  for (let step = 0; step < 39; step++) {
    await clock.advance(100);
    note('a', 2 + step);
    note('b', 2 + step);
  }
  await clock.advance(10_000);
  expect(told).toEqual(['0 all a:1', '2000 all a:20 b:20', '4000 all a:40 b:40']);
  note('c', 1);
  expect(told.at(-1)).toBe('13900 all c:1');
});

test('whatever the number of messages and threads, there is one publication a period, of a bounded size; the rest goes with the next', async () => {
  for (let n = 0; n < 2.5 * mostTogether; n++) news.note(thread(`t${n}`), false);
  news.tell();
  await clock.advance(10 * newsEveryMs);
  expect(told).toEqual([
    `0 all ${mostTogether} heads`,
    `${newsEveryMs} all ${mostTogether} heads`,
    `${2 * newsEveryMs} all ${mostTogether / 2} heads`,
  ]);
});

test('nothing that moves costs nothing, and what has not moved is not told again', async () => {
  await clock.advance(60_000);
  expect([told, timers]).toEqual([[], 0]);
  note('a', 1);
  await clock.advance(60_000);
  // An edit, a reaction.
  note('a', 1);
  await clock.advance(60_000);
  expect([told, timers]).toEqual([['60000 all a:1'], 0]);
});

test('a closed thread is told of by itself and at once to those who may view it, and moves nothing that others hear', async () => {
  note('a', 1);
  note('closed', 1, true);
  await clock.advance(500);
  note('closed', 2, true);
  note('closed', 2, true);
  note('a', 2);
  await clock.advance(10_000);
  expect(told).toEqual(['0 all a:1', '0 closed closed:1', '500 closed closed:2', '2000 all a:2']);
  note('closed', 3, true);
  note('a', 3);
  expect(told.slice(4)).toEqual(['10500 closed closed:3', '10500 all a:3']);
});

test('what waits when its thread closes is for those alone who may view it; once open it is for all again', async () => {
  note('x');
  note('a', 1);
  note('b', 1);
  news.closes('a');
  note('b', 2, true);
  await clock.advance(newsEveryMs);
  expect(told).toEqual(['0 all x:1', '0 a a:1', '0 b b:2']);
  note('a', 2);
  expect(told.at(-1)).toBe('2000 all a:2');
});

test('a thread that was deleted is told of no more', async () => {
  note('x');
  note('a');
  news.forget('a');
  await clock.advance(newsEveryMs);
  expect(told).toEqual(['0 all x:1']);
});
