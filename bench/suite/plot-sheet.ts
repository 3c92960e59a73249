import type { Chart } from './chart.js';
import { drawing, escaped, size } from './plot.js';

const columns = 2;
const head = 40;
const cell = { width: size.width + 20, height: size.height + head + 20 };
const colours = ['#1f6feb', '#b35900', '#2e8b57', '#8250df', '#c62828'];

const style = [
  'text { font: 11px sans-serif; fill: #666b72; } .title { font: bold 13px sans-serif; fill: #1c1e21; }',
  '.grid { stroke: #d9dce0; } .axis { stroke: #666b72; } .line { fill: none; stroke-width: 1.6; }',
  ...colours.map((colour, i) => `path.l${i} { stroke: ${colour}; } circle.l${i}, text.l${i} { fill: ${colour}; }`),
].join(' ');

/** All charts in one image that needs nothing else. */
export const plotSheet = (charts: readonly Chart[]): string => {
  const width = columns * cell.width;
  const height = Math.ceil(charts.length / columns) * cell.height;
  const figures = charts.map((chart, i) => {
    const place = `translate(${(i % columns) * cell.width + 10} ${Math.floor(i / columns) * cell.height + 10})`;
    const names = chart.lines.map(({ name }, at) => `<tspan dx="${at === 0 ? 0 : 12}">${named(name, at)}</tspan>`);
    const legend = chart.lines.length > 1 ? `<text x="${size.left + 40}" y="32">${names.join('')}</text>` : '';
    const caption = `<text class="title" x="${size.left}" y="14">${escaped(chart.title)}</text><text x="${size.left}" y="32">${escaped(chart.y.label)}</text>`;
    return `<g transform="${place}">${caption}${legend}<g transform="translate(0 ${head})">${drawing(chart)}</g></g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><title>Plots of the benchmark</title><style>${style}</style><rect width="100%" height="100%" fill="#fff"/>${figures.join('')}</svg>\n`;
};

const named = (name: string, at: number): string =>
  `<tspan fill="${colours[at % colours.length]}" font-weight="bold">— </tspan>${escaped(name)}`;
