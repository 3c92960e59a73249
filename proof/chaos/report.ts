import type { Entry, Violation } from '../history/history.js';
import type { DoneFault } from './conductor.js';
import { type FaultName, faultKinds, faultNames } from './fault-names.js';
import type { Failure } from './ledger.js';
import type { ChaosOptions } from './options.js';
import { longestSilence, type SendSpan, silences } from './silence.js';
import { percentile, recoveryMs, type Second, usualRate } from './timeline.js';

/** No thread may be silent for longer after a single fault, ms. */
export const silenceBoundMs = 10_000;

export interface FaultReport extends Omit<DoneFault, 'countsFrom'> {
  /** From the end of the cause until the throughput was back; null: not before the next fault. */
  recoveryMs: number | null;
  /** From the fault's beginning; where the service that all need was away, from its return. What the bound is on. */
  longestSilenceMs: number;
  silentThread: string | null;
  /** From the fault's beginning whatever it was. */
  silenceFromBeginMs: number;
  /** Sends given up from its beginning until the next fault. */
  failures: number;
  /**
   * Acknowledged sends that were begun while it lasted, in its first five seconds at least, by members who stayed on the network; ms
   * over all retries.
   */
  sends: { acknowledged: number; p50: number | null; p99: number | null };
  /** Whether the bound on silence was to hold, and did. Null: two faults at once, where it is not promised. */
  withinBound: boolean | null;
}

/**
 * `silence`: no violation, but after a single fault a thread was silent for longer than the bound. `promise`: neither, but something
 * that is promised for a fault did not come.
 */
export type Verdict = 'no violation' | 'violations' | 'silence' | 'promise';

export interface ReportedViolation extends Violation {
  shown: readonly Entry[];
}

export interface Report {
  options: ChaosOptions;
  madeAt: string;
  machine: string;
  verdict: Verdict;
  /** ms from the recording's beginning. */
  load: { begin: number; end: number };
  totals: {
    entries: number;
    acknowledged: number;
    delivered: number;
    failed: number;
    p50: number | null;
    p99: number | null;
    usualPerSecond: number;
    longestSilenceMs: number;
  };
  counted: Readonly<Record<string, number>>;
  faults: FaultReport[];
  /** Of all the faults there are, those that this run did not show. */
  leftOut: FaultName[];
  seconds: Second[];
  violations: ReportedViolation[];
  notes: readonly string[];
}

/** A fault is judged by the sends of so many ms at least. */
const shortestWindowMs = 5_000;

export interface ReportParts {
  options: ChaosOptions;
  machine: string;
  load: { begin: number; end: number };
  done: readonly DoneFault[];
  sends: readonly SendSpan[];
  failures: readonly Failure[];
  seconds: readonly Second[];
  entries: readonly Entry[];
  violations: readonly Violation[];
  counted: Readonly<Record<string, number>>;
  notes: readonly string[];
  madeAt: string;
}

/** What of a violation's evidence is shown. */
const maxShown = 12;
const maxViolations = 200;

export const makeReport = (parts: ReportParts): Report => {
  const { done, sends, failures, seconds, load, violations, entries } = parts;
  const firstFault = Math.min(load.end, ...done.map(({ begin }) => begin));
  // The first seconds are a crowd that is only getting started.
  const usual = usualRate(seconds, Math.min(load.begin + 2_000, firstFault), firstFault);
  const silent = silences(sends);
  const begins = [...new Set(done.map(({ begin }) => begin))].sort((a, b) => a - b);
  const faults = done.map(({ countsFrom, ...fault }): FaultReport => {
    const until = begins.find((begin) => begin > fault.end) ?? load.end;
    const silence = longestSilence(silent, countsFrom, until);
    const windowEnds = Math.max(fault.end, fault.begin + shortestWindowMs);
    const latencies = latenciesOf(sends.filter(({ from }) => from >= fault.begin && from < windowEnds));
    return {
      ...fault,
      recoveryMs: recoveryMs(seconds, fault.end, until, usual),
      longestSilenceMs: silence.ms,
      silentThread: silence.thread,
      silenceFromBeginMs: longestSilence(silent, fault.begin, until).ms,
      failures: failures.filter(({ at }) => at >= fault.begin && at < until).length,
      sends: { acknowledged: latencies.length, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
      withinBound: fault.together ? null : silence.ms <= silenceBoundMs,
    };
  });
  const latencies = latenciesOf(sends);
  const played = new Set(done.filter((fault) => fault.played).map(({ name }) => name));
  return {
    options: parts.options,
    madeAt: parts.madeAt,
    machine: parts.machine,
    verdict: verdictOf(violations, faults),
    load,
    totals: {
      entries: entries.length,
      acknowledged: sends.filter(({ ok }) => ok).length,
      delivered: seconds.reduce((sum, { delivered }) => sum + delivered, 0),
      failed: failures.length,
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      usualPerSecond: usual,
      longestSilenceMs: Math.max(0, ...faults.filter(({ withinBound }) => withinBound !== null).map((fault) => fault.longestSilenceMs)),
    },
    counted: parts.counted,
    faults,
    leftOut: faultNames.filter((name) => !played.has(name)),
    seconds: [...seconds],
    violations: violations.slice(0, maxViolations).map((violation) => ({
      ...violation,
      shown: violation.entries
        .slice(0, maxShown)
        .flatMap((index) => entries[index] ?? [])
        .map(brief),
    })),
    notes: parts.notes,
  };
};

const verdictOf = (violations: readonly Violation[], faults: readonly FaultReport[]): Verdict => {
  if (violations.length > 0) return 'violations';
  if (faults.some(({ withinBound }) => withinBound === false)) return 'silence';
  return faults.some(({ unkept }) => unkept.length > 0) ? 'promise' : 'no violation';
};

/** Of those that were acknowledged, ascending; whose sender went off the network meanwhile waited for that. */
const latenciesOf = (sends: readonly SendSpan[]): number[] =>
  sends
    .filter(({ ok, away }) => ok && !away)
    .map(({ from, to }) => to - from)
    .sort((a, b) => a - b);

/** A view holds thousands of messages: its size says enough. */
const brief = (entry: Entry): Entry => (entry.kind === 'view' ? { ...entry, messages: entry.messages.slice(-3) } : entry);

/** One line a fault, for the terminal. */
export const faultLine = (fault: FaultReport): string => {
  const s = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const recovery = fault.recoveryMs === null ? 'not back before the next' : s(fault.recoveryMs);
  const away = faultKinds[fault.name].away ? ` after its return (${s(fault.silenceFromBeginMs)} from its begin)` : '';
  const bad = fault.withinBound === false ? ` BEYOND ${s(silenceBoundMs)}` : '';
  const not = fault.played ? '' : '  NOT PLAYED';
  return (
    `${fault.name.padEnd(22)} ${s(fault.begin).padStart(8)} for ${s(fault.end - fault.begin).padStart(7)}  recovery ${recovery.padEnd(7)}` +
    `  longest silence ${s(fault.longestSilenceMs)}${away}${bad}` +
    `  p99 ${fault.sends.p99 ?? '–'} ms  failed sends ${fault.failures}${not}`
  );
};
