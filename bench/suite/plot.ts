import type { Chart } from './chart.js';
import { number } from './table.js';

export const size = { width: 560, height: 300, left: 64, right: 12, top: 12, bottom: 44 };
const inner = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom };

export const escaped = (raw: string): string =>
  raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

interface Scale {
  at(value: number): number;
  ticks: number[];
}

/** From 0 to 1 over the values; powers of ten when logarithmic. */
const scale = (values: readonly number[], log: boolean): Scale => {
  const highest = Math.max(1e-9, ...values);
  if (!log) {
    const step = niceStep(highest / 4);
    return { at: (value) => value / highest, ticks: [1, 2, 3, 4].map((i) => i * step).filter((tick) => tick <= highest) };
  }
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(highest, ...positive)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(highest)));
  return {
    at: (value) => (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low),
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
  };
};

const niceStep = (rough: number): number => {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
};

/** What stands in a chart's SVG: axes, and lines with marks at their points. */
export const drawing = ({ x, y, lines }: Chart): string => {
  const points = lines.flatMap((line) => line.points);
  const xs = scale(
    points.map(([value]) => value),
    x.log ?? false,
  );
  const ys = scale(
    points.map(([, value]) => value),
    y.log ?? false,
  );
  const left = (value: number): string => (size.left + inner.width * xs.at(value)).toFixed(1);
  const top = (value: number): string => (size.top + inner.height * (1 - ys.at(value))).toFixed(1);
  const bottom = size.top + inner.height;
  const grid = [
    ...ys.ticks.map(
      (tick) =>
        `<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${top(tick)}" y2="${top(tick)}"/><text class="tick" text-anchor="end" x="${size.left - 6}" y="${Number(top(tick)) + 3}">${number(tick)}</text>`,
    ),
    ...xs.ticks.map((tick) => `<text class="tick" text-anchor="middle" x="${left(tick)}" y="${bottom + 14}">${number(tick)}</text>`),
    `<line class="axis" x1="${size.left}" x2="${size.width - size.right}" y1="${bottom}" y2="${bottom}"/>`,
    `<text class="tick" text-anchor="middle" x="${size.left + inner.width / 2}" y="${bottom + 30}">${escaped(x.label)}</text>`,
  ];
  const drawn = lines.map(({ name, points: own }, i) => {
    const path = own.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${left(px)} ${top(py)}`).join('');
    const marks = own.map(
      ([px, py]) =>
        `<circle class="l${i}" r="3" cx="${left(px)}" cy="${top(py)}"><title>${escaped(name)}: ${number(px)}, ${number(py)}</title></circle>`,
    );
    return `<path class="line l${i}" d="${path}"/>${marks.join('')}`;
  });
  return `${grid.join('')}${drawn.join('')}`;
};

/** One chart with its legend, for the page. */
export const plot = (chart: Chart): string => {
  const { title, y, lines } = chart;
  const legend = lines.map(({ name }, i) => `<span class="key"><i class="l${i}"></i>${escaped(name)}</span>`).join(' ');
  return `<figure><figcaption><b>${escaped(title)}</b><br><span class="soft">${escaped(y.label)}</span> ${legend}</figcaption><svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escaped(title)}">${drawing(chart)}</svg></figure>`;
};
