import { Latencies } from './latencies.js';
import type { LoadReport } from './orders.js';

/** What all load processes found together. */
export interface Findings {
  delivered: number;
  /** Deliveries that acknowledged messages should have had. */
  expected: number;
  acknowledged: number;
  refused: number;
  packed: number;
  bytes: number;
  /** Why the run counts for nothing; empty when it counts. */
  violations: string[];
  /** Milliseconds from the intended time, by label of threads. */
  each(label?: string): Latencies;
  /** To the last delivery of a thread whose receivers are all in one process. */
  last(label?: string): Latencies;
  acknowledgement: Latencies;
}

const plural = (count: number, one: string, many = `${one}s`): string[] => (count > 0 ? [`${count} ${count === 1 ? one : many}`] : []);

/** `refusals`: whether refused sends are allowed (a run that offers more than can be had). */
export const findingsOf = (reports: readonly LoadReport[], options: { refusals?: boolean } = {}): Findings => {
  const sum = (of: (report: LoadReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const receivers = new Map<string, number>();
  for (const { receivedIn } of reports) for (const [id, count] of receivedIn) receivers.set(id, (receivers.get(id) ?? 0) + count);
  let expected = 0;
  for (const { acknowledgedIn } of reports) for (const [id, count] of acknowledgedIn) expected += count * (receivers.get(id) ?? 0);
  const delivered = sum((report) => report.delivered);
  const refused = sum((report) => Object.values(report.refused).reduce((all, count) => all + count, 0));
  const codes = [...new Set(reports.flatMap((report) => Object.keys(report.refused)))].join(', ');
  const why = reports.map((report) => report.lostWhy).find((text) => text !== '') ?? '';
  const violations = [
    ...plural(
      sum((report) => report.holes),
      'hole',
    ),
    ...plural(
      sum((report) => report.duplicates),
      'duplicate',
    ),
    ...plural(
      sum((report) => report.reordered),
      'reordering',
    ),
    // What comes beyond the expected are messages whose acknowledgement did not come: counted as unanswered.
    ...plural(Math.max(0, expected - delivered), 'missing delivery', 'missing deliveries'),
    ...plural(
      sum((report) => report.resyncs),
      'resync',
    ),
    ...plural(
      sum((report) => report.lost),
      'lost connection',
    ).map((text) => `${text} (${why})`),
    ...plural(
      sum((report) => report.unanswered),
      'request without an answer',
      'requests without an answer',
    ),
    ...(options.refusals ? [] : plural(refused, `refused send (${codes})`, `refused sends (${codes})`)),
  ];
  const merged = (label: string | undefined, which: 'each' | 'last'): Latencies =>
    Latencies.merged(
      reports.flatMap((report) =>
        report.latencies.filter((kept) => label === undefined || kept.label === label).map((kept) => kept[which]),
      ),
    );
  return {
    delivered,
    expected,
    acknowledged: sum((report) => report.acknowledged),
    refused,
    packed: sum((report) => report.packed),
    bytes: sum((report) => report.bytes),
    violations,
    each: (label) => merged(label, 'each'),
    last: (label) => merged(label, 'last'),
    acknowledgement: Latencies.merged(reports.map((report) => report.acknowledgement)),
  };
};
