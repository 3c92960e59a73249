import type { Chart } from './chart.js';
import { escaped, plot } from './plot.js';
import { ratioBars } from './ratio-bars.js';
import { cellsOf } from './table.js';
import type { Row } from './workload.js';

const style = `
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #666b72; --paper: #fff; --rule: #d9dce0; --l0: #1f6feb; --l1: #b35900; --l2: #2e8b57; --l3: #8250df; --bad: #c62828; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e6e9; --soft: #9aa1a9; --paper: #16181b; --rule: #33373d; --l0: #6aa7ff; --l1: #e39a4f; --l2: #63c08c; --l3: #b392f0; --bad: #ff6b6b; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1200px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } .soft { color: var(--soft); } .bad { color: var(--bad); font-weight: 600; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 14px; } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--rule); vertical-align: top; }
.n { text-align: right; white-space: nowrap; } .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 1.5rem; } figure { margin: 0; }
svg { width: 100%; } svg.wide { min-width: 800px; } svg text { fill: var(--ink); font: 11px system-ui, sans-serif; } svg .tick { fill: var(--soft); font-size: 10px; }
svg .grid { stroke: var(--rule); } svg .axis { stroke: var(--soft); } svg .bar { fill: var(--l0); } svg .missed { fill: var(--bad); } svg .goal { stroke: var(--ink); stroke-width: 2; }
svg .line { fill: none; stroke-width: 1.6; } ${[0, 1, 2, 3].map((i) => `svg path.l${i} { stroke: var(--l${i}); } svg circle.l${i} { fill: var(--l${i}); } .key i.l${i} { background: var(--l${i}); }`).join(' ')}
.key { margin-left: .8rem; white-space: nowrap; } .key i { display: inline-block; width: .7rem; height: .7rem; margin-right: .3rem; }
`;

export interface Report {
  rows: readonly Row[];
  charts: readonly Chart[];
  /** What the figures are of: machine, versions, whether it was a quick run. */
  circumstances: readonly string[];
}

/** The result as one page without any outside parts. */
export const reportPage = ({ rows, charts, circumstances }: Report): string => {
  const missed = rows.filter((row) => row.held === false).length;
  const numeric = [0, 2, 3, 5];
  const cells = (row: Row): string =>
    cellsOf(row)
      .map((cell, i) => {
        const bad = row.held === false && i === 7 ? ' bad' : '';
        const note = i === 1 && row.note ? `<br><span class="soft">${escaped(row.note)}</span>` : '';
        return `<td class="${numeric.includes(i) ? 'n' : ''}${bad}">${escaped(cell)}${note}</td>`;
      })
      .join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Parley: benchmarks</title><style>${style}</style></head>
<body>
<h1>Benchmarks: <span class="${missed > 0 ? 'bad' : ''}">${missed === 0 ? 'every goal held' : `${missed} of ${rows.filter((row) => row.held !== null).length} goals not held`}</span></h1>
<p>${circumstances.map(escaped).join('<br>')}</p>
<div class="scroll"><table><thead><tr><th class="n">#</th><th>workload</th><th class="n">Parley</th><th class="n">peer</th><th>unit</th><th class="n">ratio</th><th>goal</th><th></th></tr></thead>
<tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n')}</tbody></table></div>
<h2>Ratios to the peers</h2>
<p class="soft">Logarithmic. The dark mark is the goal.</p>
<div class="scroll">${ratioBars(rows)}</div>
${charts.length > 0 ? `<h2>In detail</h2><div class="charts">${charts.map(plot).join('\n')}</div>` : ''}
</body></html>
`;
};
