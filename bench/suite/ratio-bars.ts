import { escaped } from './plot.js';
import type { Row } from './workload.js';

const width = 1180;
const left = 470;
const right = 90;
const line = 24;
/** Ratios below and above are drawn at the edge. */
const range = { low: 0.1, high: 10 };

const place = (ratio: number): number => {
  const share = Math.log10(Math.min(range.high, Math.max(range.low, ratio)) / range.low) / Math.log10(range.high / range.low);
  return left + (width - left - right) * share;
};

/** Every row's ratio to its peer, on a logarithmic scale, with a mark where its goal is. */
export const ratioBars = (rows: readonly Row[]): string => {
  const shown = rows.filter((row) => row.ratio !== null);
  if (shown.length === 0) return '';
  const height = shown.length * line + 30;
  const grid = [0.1, 0.25, 0.5, 1, 2, 4, 10].map(
    (tick) =>
      `<line class="${tick === 1 ? 'axis' : 'grid'}" x1="${place(tick)}" x2="${place(tick)}" y1="0" y2="${height - 22}"/><text class="tick" text-anchor="middle" x="${place(tick)}" y="${height - 8}">${tick}</text>`,
  );
  const bars = shown.map((row, i) => {
    const y = i * line + 4;
    const from = Math.min(place(1), place(row.ratio!));
    const long = Math.max(1, Math.abs(place(row.ratio!) - place(1)));
    const bound = row.goal?.endsWith('itself') ? undefined : /[\d.]+/.exec(row.goal ?? '')?.[0];
    const goal =
      bound === undefined
        ? ''
        : `<line class="goal" x1="${place(Number(bound))}" x2="${place(Number(bound))}" y1="${y - 2}" y2="${y + 18}"/>`;
    return (
      `<text text-anchor="end" x="${left - 10}" y="${y + 12}">${row.id} ${escaped(row.name)}</text>` +
      `<rect class="${row.held === false ? 'missed' : 'bar'}" x="${from.toFixed(1)}" y="${y}" width="${long.toFixed(1)}" height="16"/>${goal}` +
      `<text class="tick" x="${width - right + 8}" y="${y + 12}">${row.ratio!.toFixed(2)}${row.goal ? ` (${escaped(row.goal)})` : ''}</text>`
    );
  });
  return `<svg class="wide" viewBox="0 0 ${width} ${height}" role="img" aria-label="Ratios to the peers">${grid.join('')}${bars.join('')}</svg>`;
};
