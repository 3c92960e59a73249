import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

const warning = 40;
const error = 50;
const everyMs = 5000;
const mostBytes = 1_000_000;

/** What a stretch of a node's log holds that a person should know of; undefined when there is nothing. */
export const summarise = (text: string): string | undefined => {
  let warnings = 0;
  let errors = 0;
  let last = '';
  for (const line of text.split('\n')) {
    let entry: { level?: unknown; msg?: unknown };
    try {
      entry = JSON.parse(line) as { level?: unknown; msg?: unknown };
    } catch {
      continue;
    }
    if (typeof entry?.level !== 'number' || entry.level < warning) continue;
    if (entry.level >= error) errors++;
    else warnings++;
    last = String(entry.msg ?? '').slice(0, 160);
  }
  const counts = [count(errors, 'error'), count(warnings, 'warning')].filter(Boolean).join(', ');
  return counts ? `${counts}, the last: ${last}` : undefined;
};

const count = (n: number, what: string): string => (n === 0 ? '' : `${n} ${what}${n === 1 ? '' : 's'}`);

/** Follows a node's log from its present end and reports warnings and errors, a line every few seconds at most. */
export const watchLog = (name: string, file: string, log: (line: string) => void): { stop(): void } => {
  let at = existsSync(file) ? statSync(file).size : 0;
  const look = (): void => {
    if (!existsSync(file)) return;
    const handle = openSync(file, 'r');
    try {
      const { size } = fstatSync(handle);
      if (size < at) at = 0;
      if (size === at) return;
      const from = Math.max(at, size - mostBytes);
      const bytes = Buffer.alloc(size - from);
      readSync(handle, bytes, 0, bytes.length, from);
      // A line that is not complete yet belongs to the next look.
      const end = bytes.lastIndexOf(10) + 1;
      at = from + end;
      const found = summarise(bytes.toString('utf8', 0, end));
      if (found) log(`${name}: ${found} (${file})`);
    } finally {
      closeSync(handle);
    }
  };
  const timer = setInterval(look, everyMs);
  return { stop: () => clearInterval(timer) };
};
