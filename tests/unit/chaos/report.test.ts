import { describe, expect, it } from '@jest/globals';
import type { DoneFault } from '../../../proof/chaos/conductor.js';
import { makeReport, type ReportParts } from '../../../proof/chaos/report.js';
import { reportPage } from '../../../proof/chaos/report-page.js';

const fault = (begin: number, more: Partial<DoneFault> = {}): DoneFault => ({
  name: 'node-killed',
  what: 'kill -9 of a node',
  node: 'n1',
  begin,
  end: begin + 2_000,
  countsFrom: begin,
  together: false,
  notes: [],
  ...more,
});
const parts = (more: Partial<ReportParts> = {}): ReportParts => ({
  options: { minutes: 1, nodes: 3, seed: 4, out: 'x', faults: ['node-killed'], clients: 8, rate: 10 },
  machine: 'a <machine>',
  madeAt: '2026-01-31T12:00:00.000Z',
  load: { begin: 0, end: 60_000 },
  done: [fault(10_000), fault(40_000, { name: 'mongodb-stopped', end: 52_000, countsFrom: 52_000 })],
  sends: [
    { thread: 'a', from: 11_000, to: 23_000, ok: true },
    { thread: 'a', from: 41_000, to: 53_500, ok: true },
  ],
  failures: [{ at: 12_000, thread: 'a', code: 'timeout' }],
  seconds: Array.from({ length: 60 }, () => ({ acknowledged: 10, delivered: 50, failed: 0, p50: 4, p99: 40 })),
  entries: [{ kind: 'fault', at: 10_000, name: '<script>', phase: 'begin' }],
  violations: [],
  counted: { entries: 1 },
  notes: [],
  ...more,
});

describe('The report of a chaos run', () => {
  it('holds each fault to the bound on silence, from its beginning or from the service’s return', () => {
    const { faults, totals } = makeReport(parts());
    expect(faults.map(({ longestSilenceMs, withinBound, failures }) => [longestSilenceMs, withinBound, failures])).toEqual([
      [12_000, false, 1],
      [1_500, true, 0],
    ]);
    expect(totals).toMatchObject({ acknowledged: 2, failed: 1, usualPerSecond: 10, longestSilenceMs: 12_000 });
  });

  it('promises nothing of two faults at once', () => {
    const { faults, totals } = makeReport(parts({ done: [fault(10_000, { together: true })] }));
    expect(faults[0]!.withinBound).toBeNull();
    expect(totals.longestSilenceMs).toBe(0);
  });

  it('is one page that asks nothing of elsewhere and runs nothing', () => {
    const page = reportPage(makeReport(parts({ violations: [{ invariant: 1, what: 'lost <b>', entries: [0] }] })));
    expect(page).toContain('Invariant 1: lost &lt;b&gt;');
    expect(page).toContain('a &lt;machine&gt;');
    expect(page).not.toMatch(/<script|src=|href=|https?:/);
    expect(page.match(/class="band/g)).toHaveLength(2);
    expect(page).not.toContain('NaN');
  });

  it('draws also a run in which nothing was done', () => {
    expect(reportPage(makeReport(parts({ done: [], sends: [], seconds: [], failures: [] })))).not.toContain('NaN');
  });
});
