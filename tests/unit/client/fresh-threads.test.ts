import { beforeEach, expect, test } from '@jest/globals';
import { FreshThreads } from '../../../src/client/fresh-threads.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import type { Thread } from '../../../src/protocol/resources.js';

let clock: FakeClock;
let asked: string[];
let took: string[];
let missed: string[];
let answers: Map<string, Fault | Promise<Thread>>;
let fresh: FreshThreads;
beforeEach(() => {
  clock = new FakeClock();
  [asked, took, missed, answers] = [[], [], [], new Map()];
  fresh = new FreshThreads({
    clock,
    random: () => 0.5,
    spreadMs: () => 2_000,
    ask: async (id) => {
      asked.push(id);
      const answer = answers.get(id);
      if (answer instanceof Fault) throw answer;
      return answer ?? ({ id } as Thread);
    },
    took: ({ id }) => void took.push(id),
    missed: (id) => void missed.push(id),
  });
});

test('asks after a while, for one after the other, once for all that was wanted meanwhile', async () => {
  for (const id of ['a', 'b', 'a', 'a']) fresh.want(id);
  await clock.advance(1_100);
  expect(asked).toEqual([]);
  await clock.advance(200);
  expect([asked, took]).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
});

test('asks again after a failure, and not for what is gone', async () => {
  answers.set('gone', new Fault('not_found'));
  answers.set('late', new Fault('unavailable', 'later', { retry_after_ms: 3_000 }));
  for (const id of ['gone', 'late', 'other']) fresh.want(id);
  await clock.advance(2_000);
  expect([asked, took, missed]).toEqual([['gone', 'late'], [], ['gone']]);
  answers.clear();
  await clock.advance(60_000);
  expect(took.sort()).toEqual(['late', 'other']);
  expect(asked.filter((id) => id === 'gone')).toHaveLength(1);
});

test('an answer that comes after all was forgotten counts for nothing, and what is wanted then is asked for', async () => {
  let answer: (thread: Thread) => void = () => undefined;
  answers.set('a', new Promise((resolve) => (answer = resolve)));
  fresh.want('a');
  fresh.want('b');
  await clock.advance(1_500);
  expect(asked).toEqual(['a']);
  fresh.forget();
  fresh.want('c');
  answer({ id: 'a' } as Thread);
  await clock.advance(5_000);
  expect([asked, took]).toEqual([['a', 'c'], ['c']]);
});
