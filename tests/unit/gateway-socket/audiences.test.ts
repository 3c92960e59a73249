import { beforeEach, expect, test } from '@jest/globals';
import { Audiences } from '../../../src/gateway/socket/audiences.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';

let clock: FakeClock;
let audiences: Audiences;
let asked: string[][];
let answer: (members: string[]) => Promise<{ members: string[]; access_rev: number }>;

beforeEach(() => {
  clock = new FakeClock();
  audiences = new Audiences(clock);
  asked = [];
  answer = async (members) => ({ members: members.filter((member) => member.startsWith('may')), access_rev: 1 });
  audiences.answeredBy((_threadId, members) => {
    asked.push(members);
    return answer(members);
  });
});

const learn = (members: string[], ms = 10_000, thread = 't'): Promise<boolean> => audiences.learn(thread, 'c', () => members, ms);
/** Lets time pass, a little at a time. */
const during = async (promise: Promise<boolean>): Promise<boolean> => {
  let isOver = false;
  const over = promise.finally(() => {
    isOver = true;
  });
  while (!isOver) await clock.advance(100);
  return over;
};

test('nobody is known before somebody asked, and each is asked about once while the answer is fresh', async () => {
  expect(audiences.may('t', 'may')).toBeUndefined();
  expect(await learn(['may', 'no', 'may'])).toBe(true);
  expect(['may', 'no', 'else'].map((member) => audiences.may('t', member))).toEqual([true, false, undefined]);
  expect(audiences.may('another', 'may')).toBeUndefined();
  await learn(['may', 'no', 'may too']);
  expect(asked).toEqual([['may', 'no'], ['may too']]);
});

test('an answer holds for ten seconds from when it was asked for; who could view last stays known', async () => {
  let give: () => void = () => undefined;
  const real = answer;
  answer = async (members) => {
    await new Promise<void>((resolve) => (give = resolve));
    return real(members);
  };
  const learning = learn(['may', 'no']);
  await clock.advance(2_000);
  give();
  await learning;
  await clock.advance(7_999);
  expect(audiences.may('t', 'may')).toBe(true);
  await clock.advance(1);
  expect(audiences.may('t', 'may')).toBeUndefined();
  expect(audiences.viewers('t')).toEqual(['may']);
});

test('who may not view is asked about again after a minute, or when that is forgotten', async () => {
  await learn(['may', 'no', 'nor']);
  await clock.advance(59_999);
  expect(['may', 'no', 'nor'].map((member) => audiences.may('t', member))).toEqual([undefined, false, false]);
  audiences.forget('t', 'c', 0, 'no');
  expect(['no', 'nor'].map((member) => audiences.may('t', member))).toEqual([undefined, false]);
  await clock.advance(1);
  expect(audiences.may('t', 'nor')).toBeUndefined();
});

test('two who want to know the same ask once', async () => {
  expect(await Promise.all([learn(['may']), learn(['may'])])).toEqual([true, true]);
  expect(asked).toHaveLength(1);
});

test('what is forgotten is asked for anew, of one member or of all, of one thread or of a community', async () => {
  const known = (): unknown[] => ['may', 'no'].map((member) => audiences.may('t', member));
  await learn(['may', 'no']);
  audiences.forget('t', 'c', 0, 'no');
  expect(known()).toEqual([true, undefined]);
  audiences.forgetAll('another', 0);
  expect(known()).toEqual([true, undefined]);
  audiences.forgetAll('c', 0, 'else');
  expect(known()).toEqual([true, undefined]);
  audiences.forgetAll('c', 0);
  expect(known()).toEqual([undefined, undefined]);
});

test('an answer that was asked for before something was forgotten does not count', async () => {
  let give: (value: { members: string[]; access_rev: number }) => void = () => undefined;
  answer = () => new Promise((resolve) => (give = resolve));
  const learning = learn(['m']);
  const early = give;
  audiences.forget('t', 'c', 0);
  early({ members: ['m'], access_rev: 1 });
  await clock.advance(0);
  expect(audiences.may('t', 'm')).toBeUndefined();
  give({ members: [], access_rev: 1 });
  expect(await learning).toBe(true);
  expect(audiences.may('t', 'm')).toBe(false);
});

test('an answer that is older than it must be is asked for again', async () => {
  let rev = 4;
  answer = async () => ({ members: ['m'], access_rev: rev });
  audiences.forget('t', 'c', 5);
  // An older word does not make older answers count.
  audiences.forget('t', 'c', 3);
  const learning = learn(['m']);
  await clock.advance(1_000);
  expect([audiences.may('t', 'm'), asked.length > 1]).toEqual([undefined, true]);
  rev = 5;
  expect(await during(learning)).toBe(true);
});

test('a thread that is not there is viewed by nobody', async () => {
  answer = () => Promise.reject(new Fault('not_found'));
  audiences.forget('t', 'c', 7);
  expect(await learn(['m'])).toBe(true);
  expect(audiences.may('t', 'm')).toBe(false);
});

test('what cannot be answered is asked for again until it is too late, and is unknown then', async () => {
  answer = () => Promise.reject(new Fault('unavailable'));
  expect(await during(learn(['m'], 2_000))).toBe(false);
  expect(asked.length).toBeGreaterThan(1);
  expect(audiences.may('t', 'm')).toBeUndefined();
  answer = () => new Promise(() => undefined);
  expect(await during(learn(['m'], 2_000))).toBe(false);
});

test('who comes while something is asked for is asked about too', async () => {
  const members = ['may'];
  const real = answer;
  answer = async (those) => {
    if (members.length === 1) members.push('no');
    return real(those);
  };
  expect(await audiences.learn('t', 'c', () => members, 10_000)).toBe(true);
  expect(asked).toEqual([['may'], ['no']]);
});

test('of so many threads and members something is kept, and no more', async () => {
  for (let n = 0; n < 5_001; n++) await learn(['may'], 10_000, `t${n}`);
  expect([audiences.may('t0', 'may'), audiences.may('t5000', 'may')]).toEqual([undefined, true]);
  await learn(Array.from({ length: 50_000 }, (_x, i) => `may ${i}`));
  await learn(['one more']);
  expect([audiences.may('t', 'may 0'), audiences.may('t', 'may 1')]).toEqual([undefined, true]);
});
