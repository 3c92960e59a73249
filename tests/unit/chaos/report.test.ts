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
  played: true,
  unkept: [],
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

  it('fails for one silence beyond the bound, and counts none of the time for which the only store was away', () => {
    expect(makeReport(parts()).verdict).toBe('silence');
    const away = fault(40_000, { name: 'mongodb-stopped', end: 70_000, countsFrom: 70_000 });
    const sends = [{ thread: 'a', from: 41_000, to: 78_000, ok: true }];
    const load = { begin: 0, end: 90_000 };
    const patient = makeReport(parts({ done: [away], sends, load }));
    expect(patient.verdict).toBe('no violation');
    expect(patient.faults[0]).toMatchObject({ longestSilenceMs: 8_000, silenceFromBeginMs: 37_000, withinBound: true });
    const late = makeReport(parts({ done: [away], sends: [{ ...sends[0]!, to: 80_001 }], load }));
    expect([late.verdict, late.faults[0]!.withinBound]).toEqual(['silence', false]);
    const violations = [{ invariant: 1, what: 'lost', entries: [] }];
    expect(makeReport(parts({ violations })).verdict).toBe('violations');
  });

  it('fails when what is promised for a fault did not come', () => {
    const overload = fault(10_000, { name: 'overload', unkept: ['nothing was refused'] });
    const report = makeReport(parts({ done: [overload], sends: [] }));
    expect(report.verdict).toBe('promise');
    expect(reportPage(report)).toContain('a promise was not kept');
    expect(makeReport(parts({ done: [fault(10_000)], sends: [] })).verdict).toBe('no violation');
  });

  it('leaves out of the latencies who went off the network meanwhile', () => {
    const sends = [false, true].map((away) => ({ thread: 'a', from: 11_000, to: away ? 20_000 : 11_300, ok: true, away }));
    const { faults, totals } = makeReport(parts({ done: [fault(10_000)], sends }));
    expect([faults[0]!.sends.p99, totals.p99, totals.acknowledged]).toEqual([300, 300, 2]);
  });

  it('gives the latencies of the sends that were begun while a fault lasted', () => {
    const sends = [9_999, 10_000, 12_000, 14_999, 15_000].map((from, i) => ({ thread: 'a', from, to: from + 100 * (i + 1), ok: true }));
    const { faults } = makeReport(parts({ done: [fault(10_000)], sends: [...sends, { ...sends[1]!, ok: false }] }));
    expect(faults[0]!.sends).toEqual({ acknowledged: 3, p50: 300, p99: 400 });
  });

  it('names what of all the faults it did not show', () => {
    const report = makeReport(parts({ done: [fault(10_000), fault(40_000, { name: 'slow-readers', played: false })] }));
    expect(report.leftOut).toContain('slow-readers');
    expect(report.leftOut).not.toContain('node-killed');
    expect(reportPage(report)).toMatch(/Not played in this run: .*slow-readers/);
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
