import { expect, test } from '@jest/globals';
import { Answers } from '../../../src/actors/cluster/answers.js';

const setUp = () => {
  const told: [string, unknown][] = [];
  return { told, answers: new Answers((askedBy, text) => told.push([askedBy, JSON.parse(text)])) };
};

test('an ask is done once, and who asks again is told the same', () => {
  const { told, answers } = setUp();
  const reply = answers.begin('1', 'n1');
  expect(answers.begin('1', 'n1')).toBeUndefined();
  expect(told).toEqual([]);
  reply!.resolve(7);
  reply!.reject(new Error('late'));
  expect(told).toEqual([['n1', { t: 'r', i: '1', r: 7 }]]);
  expect(answers.begin('1', 'n1-again')).toBeUndefined();
  expect(told[1]).toEqual(['n1-again', { t: 'r', i: '1', r: 7 }]);
});

test('an ask that is left to another instance is not answered here, and may come back', () => {
  const { told, answers } = setUp();
  const reply = answers.begin('1', 'n1')!;
  answers.leave(reply);
  reply.resolve('here');
  expect(told).toEqual([]);
  answers.begin('1', 'n1')!.resolve('again');
  expect(told).toEqual([['n1', { t: 'r', i: '1', r: 'again' }]]);
});
