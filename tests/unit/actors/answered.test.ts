import { expect, test } from '@jest/globals';
import { Answered } from '../../../src/actors/cluster/answered.js';

const limits = { answers: 4, bytes: 1_000, running: 3 };

test('an ask is under way until it is answered, and its answer is there when it comes again', () => {
  const answered = new Answered(limits);
  expect([answered.begin('a'), answered.begin('a')]).toEqual([undefined, 'running']);
  answered.end('a', 'one');
  expect(answered.begin('a')).toBe('one');
  answered.end('b', '');
  expect(answered.begin('b')).toBe('');
});

test('what was not done here is not known', () => {
  const answered = new Answered(limits);
  answered.begin('a');
  answered.forget('a');
  expect(answered.begin('a')).toBeUndefined();
});

test('the last answers are kept, as many as it may at least, and twice as many at most', () => {
  const answered = new Answered(limits);
  for (let i = 0; i < 20; i++) {
    answered.begin(`${i}`);
    answered.end(`${i}`, `answer ${i}`);
    const kept = Array.from({ length: i + 1 }, (_, at) => at).filter((at) => at > i - limits.answers);
    for (const at of kept) expect(answered.begin(`${at}`)).toBe(`answer ${at}`);
  }
  expect(answered.begin('11')).toBeUndefined();
});

test('characters bound it too', () => {
  const answered = new Answered(limits);
  for (const id of ['a', 'b', 'c']) {
    answered.begin(id);
    answered.end(id, id.repeat(600));
  }
  expect([answered.begin('b'), answered.begin('c')].map((answer) => answer?.length)).toEqual([undefined, 600]);
});

test('what is under way stays known however much is answered meanwhile, and when its own answer comes', () => {
  const answered = new Answered(limits);
  answered.begin('slow');
  for (let i = 0; i < 50; i++) {
    answered.begin(`${i}`);
    answered.end(`${i}`, 'x');
    expect(answered.begin('slow')).toBe('running');
  }
  answered.end('slow', 'at last');
  for (let i = 50; i < 53; i++) answered.end(`${i}`, 'x');
  expect(answered.begin('slow')).toBe('at last');
});

test('of what is under way for ever no more is kept than may be', () => {
  const answered = new Answered(limits);
  for (const id of ['a', 'b', 'c', 'd', 'e']) answered.begin(id);
  for (let i = 0; i < 20; i++) answered.end(`${i}`, 'x');
  expect(['a', 'b', 'c', 'd', 'e'].filter((id) => answered.begin(id) === 'running')).toEqual(['a', 'b', 'c']);
});

test('asks that are never answered are bounded too', () => {
  const answered = new Answered(limits);
  const ids = Array.from({ length: 200 }, (_, i) => `${i}`);
  for (const id of ids) answered.begin(id);
  const known = ids.filter((id) => {
    const isKnown = answered.begin(id) === 'running';
    if (!isKnown) answered.forget(id);
    return isKnown;
  });
  expect(known.length).toBeLessThanOrEqual(2 * (limits.answers + 2 * limits.running + 1));
});
