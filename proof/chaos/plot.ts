import type { FaultReport } from './report.js';
import type { Second } from './timeline.js';

const width = 1180;
const left = 56;
const right = 12;
const panel = 120;
const gap = 34;
const top = 127;
const labelRows = 7;
/** Of one letter of a fault's name. */
const labelWidth = 6;

interface Line {
  label: string;
  className: string;
  values: readonly (number | null)[];
}

/** The run over time as one SVG: faults as bands, throughput, latency, and a mark where each recovery was seen. */
export const plot = (seconds: readonly Second[], faults: readonly FaultReport[]): string => {
  const count = Math.max(2, seconds.length);
  const x = (ms: number): number => left + ((width - left - right) * ms) / 1000 / (count - 1);
  const panels: { title: string; lines: Line[]; log?: boolean }[] = [
    {
      title: 'sends acknowledged a second (line) and failed (dots)',
      lines: [{ label: 'acknowledged', className: 'a', values: seconds.map((s) => s.acknowledged) }],
    },
    { title: 'events delivered a second', lines: [{ label: 'delivered', className: 'b', values: seconds.map((s) => s.delivered) }] },
    {
      title: 'latency of sends over all retries, ms (logarithmic): p50 and p99',
      log: true,
      lines: [
        { label: 'p50', className: 'a', values: seconds.map((s) => s.p50) },
        { label: 'p99', className: 'c', values: seconds.map((s) => s.p99) },
      ],
    },
  ];
  const height = top + panels.length * (panel + gap);
  const bottom = height - gap;
  // The first row that is free there, or the one that is free soonest.
  const free = new Array<number>(labelRows).fill(0);
  const rowOf = (at: number, wide: number): number => {
    const first = free.findIndex((from) => from <= at);
    const row = first >= 0 ? first : free.indexOf(Math.min(...free));
    free[row] = Math.max(at, free[row]!) + wide;
    return row;
  };
  const bands = faults.map((fault) => {
    const from = x(fault.begin);
    const wide = Math.max(1.5, x(fault.end) - from);
    const at = Math.min(from, width - right - fault.name.length * labelWidth);
    const row = 12 + rowOf(at, fault.name.length * labelWidth) * 13;
    const back = fault.recoveryMs === null ? '' : mark(x(fault.end + fault.recoveryMs), bottom);
    return (
      `<rect class="band${fault.withinBound === false ? ' bad' : ''}" x="${n(from)}" y="${row + 4}" width="${n(wide)}" height="${n(bottom - row - 4)}"/>` +
      `<text class="fault" x="${n(at)}" y="${row}">${fault.name}</text>${back}`
    );
  });
  const drawn = panels.map(({ title, lines, log }, i) => {
    const y0 = top + i * (panel + gap);
    const highest = Math.max(1, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
    const share = (value: number): number => (log ? Math.log10(1 + value) / Math.log10(1 + highest) : value / highest);
    const y = (value: number): number => y0 + panel * (1 - share(value));
    const ticks = log ? [10, 100, 1_000, 10_000].filter((tick) => tick <= highest) : [highest / 2, highest];
    const grid = ticks.map(
      (tick) =>
        `<line class="grid" x1="${left}" x2="${width - right}" y1="${n(y(tick))}" y2="${n(y(tick))}"/><text class="tick" x="${left - 6}" y="${n(y(tick) + 3)}">${Math.round(tick)}</text>`,
    );
    const failed =
      i === 0
        ? seconds.flatMap((s, t) =>
            s.failed > 0
              ? [
                  `<circle class="failed" cx="${n(x(t * 1000))}" cy="${n(y0 + panel - 3)}" r="2.5"><title>${s.failed} failed</title></circle>`,
                ]
              : [],
          )
        : [];
    const paths = lines.map(({ className, values }) => `<path class="line ${className}" d="${path(values, (t) => x(t * 1000), y)}"/>`);
    return `<text class="title" x="${left}" y="${y0 - 8}">${title}</text>${grid.join('')}<line class="axis" x1="${left}" x2="${width - right}" y1="${y0 + panel}" y2="${y0 + panel}"/>${paths.join('')}${failed.join('')}`;
  });
  const every = [10, 30, 60, 120, 300, 600].find((step) => count / step <= 16) ?? 3_600;
  const times = Array.from({ length: Math.floor(count / every) + 1 }, (_, i) => i * every).map(
    (t) => `<text class="time" x="${n(x(t * 1000))}" y="${bottom + 16}">${t} s</text>`,
  );
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="The run over time">${bands.join('')}${drawn.join('')}${times.join('')}</svg>`;
};

const n = (value: number): string => value.toFixed(1);

const mark = (x: number, y: number): string => `<path class="back" d="M${n(x)} ${n(y)}l-4 7h8z"/>`;

/** Broken where there is no value. */
const path = (values: readonly (number | null)[], x: (second: number) => number, y: (value: number) => number): string => {
  let drawing = false;
  return values
    .map((value, t) => {
      if (value === null) {
        drawing = false;
        return '';
      }
      const step = `${drawing ? 'L' : 'M'}${n(x(t))} ${n(y(value))}`;
      drawing = true;
      return step;
    })
    .join('');
};
