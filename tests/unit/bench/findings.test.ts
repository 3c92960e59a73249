import { describe, expect, test } from '@jest/globals';
import { findingsOf } from '../../../bench/load/findings.js';
import { Latencies } from '../../../bench/load/latencies.js';
import type { LoadReport } from '../../../bench/load/orders.js';

const latencies = (...values: number[]): string => {
  const all = new Latencies();
  for (const value of values) all.record(value);
  return all.encode();
};

const report = (changes: Partial<LoadReport> = {}): LoadReport => ({
  delivered: 0,
  acknowledged: 0,
  acknowledgedIn: [],
  receivedIn: [],
  refused: {},
  unanswered: 0,
  holes: 0,
  duplicates: 0,
  reordered: 0,
  resyncs: 0,
  packed: 0,
  lost: 0,
  lostWhy: '',
  bytes: 0,
  latencies: [],
  acknowledgement: latencies(),
  ...changes,
});

/** Two processes with 3 and 2 receivers of a thread, and one that had 10 messages acknowledged there. */
const clean = (): LoadReport[] => [
  report({ delivered: 30, receivedIn: [['t', 3, 30]], latencies: [{ label: '', each: latencies(1_000, 2_000), last: latencies(2_000) }] }),
  report({ delivered: 20, receivedIn: [['t', 2, 20]], latencies: [{ label: 'x', each: latencies(9_000), last: latencies(9_000) }] }),
  report({ acknowledged: 10, acknowledgedIn: [['t', 10]] }),
];

describe('what the load processes found together', () => {
  test('a clean run', () => {
    const findings = findingsOf(clean());
    expect(findings).toMatchObject({ delivered: 50, expected: 50, acknowledged: 10, refused: 0, violations: [] });
  });

  test('a missing delivery, though nobody saw a hole', () => {
    const [first, ...others] = clean();
    expect(findingsOf([{ ...first!, delivered: 29 }, ...others]).violations).toEqual(['1 missing delivery']);
  });

  test.each([
    [{ holes: 2 }, '2 holes'],
    [{ duplicates: 1 }, '1 duplicate'],
    [{ reordered: 3 }, '3 reorderings'],
    [{ resyncs: 1 }, '1 resync'],
    [{ lost: 1, lostWhy: 'reset' }, '1 lost connection (reset)'],
    [{ unanswered: 2 }, '2 requests without an answer'],
    [{ refused: { overloaded: 4 } }, '4 refused sends (overloaded)'],
  ])('%j counts for nothing', (changes, words) => {
    expect(findingsOf([...clean(), report(changes)]).violations).toEqual([words]);
  });

  test('refusals may be allowed', () => {
    expect(findingsOf([...clean(), report({ refused: { overloaded: 4 } })], { refusals: true }).violations).toEqual([]);
  });

  test('latencies are merged over processes, by label or all', () => {
    const findings = findingsOf(clean());
    expect(findings.each().count).toBe(3);
    expect(findings.each('x').count).toBe(1);
    expect(findings.each('x').percentile(50)).toBeCloseTo(9, 1);
    expect(findings.last('').percentile(100)).toBeCloseTo(2, 1);
    expect(findings.acknowledgement.percentile(99)).toBeNull();
  });
});

test('latencies beyond a minute count as one', () => {
  const all = new Latencies();
  all.record(1e9);
  all.record(-5);
  expect(all.count).toBe(2);
  expect(all.percentile(100)).toBeGreaterThan(58_000);
});
