import { expect, test } from '@jest/globals';
import { check } from '../../../proof/history/check.js';
import { printViolation } from '../../../proof/history/print.js';
import { shortest } from '../../../proof/history/shortest.js';
import { Story } from './story.js';

/** A long quiet history in which one acknowledged message gets lost. */
const losing = () => {
  const story = new Story('ada', 'bob');
  for (let i = 0; i < 100; i++) story.send('ada', `before ${i}`);
  story.add({ kind: 'fault', at: story.tick(), name: 'crash', phase: 'begin', detail: 'n1' });
  story.send('bob', 'lost');
  const told = story.end();
  told.final.messages.pop();
  return told;
};

test('the shortest history keeps what is about the lost message, and the faults before it', () => {
  const told = losing();
  const violation = check(told).violations.find(({ invariant }) => invariant === 1)!;
  const kept = shortest(told, violation);
  expect(kept).toEqual([...kept].sort((a, b) => a - b));
  expect(kept.map((at) => told.entries[at]!.kind)).toEqual(['fault', 'call', 'commit', 'answer', 'seen', 'seen']);
});

test('it is never longer than it may be, and keeps what shows the breach', () => {
  const told = losing();
  const violation = check(told).violations.find(({ invariant }) => invariant === 1)!;
  const kept = shortest(told, violation, 3);
  expect(kept).toHaveLength(3);
  expect(kept).toEqual(expect.arrayContaining([...violation.entries]));
});

test('it is printed one line an entry', () => {
  const told = losing();
  const text = printViolation(told, check(told).violations.find(({ invariant }) => invariant === 1)!);
  expect(text.split('\n')).toHaveLength(8);
  expect(text).toContain('invariant 1: nonce nonce-lost of bob, acknowledged as m101 at seq 101, is not stored: lost');
  expect(text).toMatch(/\* +\d+\.\d{3} s {2}client-bob \(bob\) calls #101: send to t1, nonce nonce-lost, "lost"/);
  expect(text).toContain('fault begins: crash (n1)');
});

test('every kind of entry can be printed', () => {
  const told = losing();
  const entries = told.entries.map((_, at) => at);
  expect(printViolation(told, { invariant: 0, what: 'all', entries }, 10_000).split('\n')).toHaveLength(entries.length + 2);
});
