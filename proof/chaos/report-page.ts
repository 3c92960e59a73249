import { faultKinds } from './fault-names.js';
import { plot } from './plot.js';
import { type FaultReport, type Report, silenceBoundMs } from './report.js';

const style = `
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #666b72; --paper: #fff; --rule: #d9dce0; --a: #1f6feb; --b: #2e8b57; --c: #b35900; --bad: #c62828; --band: #8a6d3b22; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e6e9; --soft: #9aa1a9; --paper: #16181b; --rule: #33373d; --a: #6aa7ff; --b: #63c08c; --c: #e39a4f; --bad: #ff6b6b; --band: #d8b36b22; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1200px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-size: 14px; } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--rule); vertical-align: top; }
td.n, th.n { text-align: right; white-space: nowrap; } .bad { color: var(--bad); font-weight: 600; } .soft { color: var(--soft); }
pre { overflow-x: auto; font-size: 12px; border: 1px solid var(--rule); padding: .6rem; } .scroll { overflow-x: auto; }
svg { width: 100%; min-width: 700px; } svg text { fill: var(--ink); font: 11px system-ui, sans-serif; } svg .fault { font-size: 10px; fill: var(--soft); }
svg .tick { text-anchor: end; fill: var(--soft); font-size: 10px; } svg .time { text-anchor: middle; fill: var(--soft); font-size: 10px; }
svg .band { fill: var(--band); } svg .band.bad { fill: #c6282833; } svg .grid { stroke: var(--rule); } svg .axis { stroke: var(--soft); }
svg .line { fill: none; stroke-width: 1.3; } svg .a { stroke: var(--a); } svg .b { stroke: var(--b); } svg .c { stroke: var(--c); } svg .failed { fill: var(--bad); } svg .back { fill: var(--b); }
`;

/** The report as one page without any outside parts. */
export const reportPage = (report: Report): string => {
  const { options, totals, load, violations } = report;
  const clean = report.verdict === 'no violation';
  const verdict = {
    'no violation': 'no violation',
    violations: `${violations.length} violations`,
    silence: 'a thread was silent for too long',
    promise: 'a promise was not kept',
  };
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Parley: chaos run ${options.seed}</title><style>${style}</style></head>
<body>
<h1>Chaos run: <span class="${clean ? '' : 'bad'}">${verdict[report.verdict]}</span></h1>
<p>${options.nodes} nodes, ${options.clients} members, ${options.rate} messages a second asked for, ${s(load.end - load.begin)} under load, seed ${options.seed}. ${text(report.machine)}. ${text(report.madeAt)}.</p>
${table(
  ['', ''],
  [
    ['Sends acknowledged', String(totals.acknowledged)],
    ['Sends that failed after the client’s own retries', String(totals.failed)],
    ['Events delivered', String(totals.delivered)],
    ['Latency of a send over all retries, p50 and p99', `${totals.p50 ?? '–'} ms, ${totals.p99 ?? '–'} ms`],
    ['Acknowledged a second when undisturbed', String(totals.usualPerSecond)],
    ['Longest silence of any thread after a single fault', `${s(totals.longestSilenceMs)} (bound ${s(silenceBoundMs)})`],
    ['Entries in the history', String(totals.entries)],
    ...Object.entries(report.counted).flatMap(([name, value]) => (name === 'entries' ? [] : [[words(name), String(value)]])),
  ],
)}
<h2>Over time</h2>
<p class="soft">Bands are faults; the triangle below shows when the throughput was back.</p>
<div class="scroll">${plot(report.seconds, report.faults)}</div>
<h2>Faults</h2>
<p class="soft">Recovery: from the end of the cause until two seconds in a row reach 70 % of the undisturbed throughput. Silence: the longest time for which a
thread had sends pending and acknowledged none; after a single fault it must not exceed ${s(silenceBoundMs)}. Four faults take away the only store, or Redis as
a whole: nothing can be acknowledged before it is back, so there the bound counts from its return, and the silence from the fault’s begin stands beside it. For two
faults at once no bound is promised. p50 and p99 are of the acknowledged sends that were begun while the fault lasted (in its first five seconds at least), over all retries,
without those whose sender went off the network meanwhile (each of the members does so now and then).</p>
<div class="scroll"><table><thead><tr><th>fault</th><th>on</th><th class="n">begin</th><th class="n">end</th><th class="n">recovery</th><th class="n">longest silence</th><th class="n">sends</th><th class="n">p50</th><th class="n">p99</th><th class="n">failed sends</th></tr></thead>
<tbody>${report.faults.map(row).join('')}</tbody></table></div>
<p>${report.leftOut.length === 0 ? 'Every fault that there is was played.' : `Not played in this run: ${report.leftOut.join(', ')}.`}</p>
<h2>Violations</h2>
${violations.length === 0 ? '<p>None.</p>' : violations.map((v) => `<h3>Invariant ${v.invariant}: ${text(v.what)}</h3><pre>${v.shown.map((entry) => text(JSON.stringify(entry))).join('\n')}</pre>`).join('')}
${report.notes.length > 0 ? `<h2>Notes</h2><pre>${report.notes.map(text).join('\n')}</pre>` : ''}
</body></html>
`;
};

const row = (fault: FaultReport): string => {
  const { what, away, oneNode } = faultKinds[fault.name];
  const notes = [what, ...(fault.together ? ['together with another'] : []), ...fault.notes].map(text).join('; ');
  const bad = fault.withinBound === false;
  return (
    `<tr><td${fault.unkept.length > 0 ? ' class="bad"' : ''}>${fault.name}<br><span class="soft">${notes}</span></td><td>${oneNode ? fault.node : ''}</td><td class="n">${s(fault.begin)}</td><td class="n">${s(fault.end)}</td>` +
    `<td class="n">${fault.recoveryMs === null ? 'not before the next' : s(fault.recoveryMs)}</td>` +
    `<td class="n${bad ? ' bad' : ''}">${s(fault.longestSilenceMs)}${away ? `<br><span class="soft">from its return;<br>${s(fault.silenceFromBeginMs)} from the begin</span>` : ''}</td>` +
    `<td class="n">${fault.sends.acknowledged}</td><td class="n">${ms(fault.sends.p50)}</td><td class="n">${ms(fault.sends.p99)}</td><td class="n${fault.failures > 0 ? ' bad' : ''}">${fault.failures}</td></tr>`
  );
};

const table = (head: string[], rows: string[][]): string =>
  `<table>${head.some((cell) => cell !== '') ? `<thead><tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr></thead>` : ''}<tbody>${rows
    .map((cells) => `<tr>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`)
    .join('')}</tbody></table>`;

const s = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const ms = (value: number | null): string => (value === null ? '–' : `${value} ms`);

const text = (raw: string): string => raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** `shownTwice` as people write it. */
const words = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/^./, (first) => first.toUpperCase());
