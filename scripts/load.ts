/** `npm run load`: see `--help`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installArtillery, runArtillery } from './load/artillery.js';
import { targetOf } from './load/target.js';
import { choosePlaces, gatherVisitors } from './load/visitors.js';
import { RunFile } from './start/run-file.js';

const help = `npm run load -- [--url http://127.0.0.1:3000 --duration 30 --rate 5 --users 15 --data-dir .parley]

Sends visitors to a running Parley by Artillery: most of them live over Socket.IO (join, send, sync), some over REST, a few
sign in anew. Prints Artillery's report and ends with another code than 0 when a threshold is missed (load/scenarios.yml).
Needs communities with threads: import an archive first.

  --url URL        the server; default: the first node of the running Parley. Only this machine, but for
  --i-own-this-host
  --duration S     seconds for which visitors arrive, 5 to 600 (default 30)
  --rate N         new visitors a second, 1 to 200 (default 5). Each sends about five messages
  --users N        accounts that they use, 1 to 200 (default 15), made at the first run and kept in DIR
  --data-dir DIR   default .parley

With rate limits on, a server refuses high rates as it should: start it with RATE_LIMITS=off for more than a few visitors a
second, and for more than 20 users.`;

const log = (line: string): void => console.log(line);

const bounded = (text: string, name: string, min: number, max: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) throw new Error(`--${name} must be a whole number from ${min} to ${max}`);
  return value;
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      duration: { type: 'string', default: '30' },
      rate: { type: 'string', default: '5' },
      users: { type: 'string', default: '15' },
      'data-dir': { type: 'string', default: '.parley' },
      'i-own-this-host': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    log(help);
    return 0;
  }
  const seconds = bounded(values.duration, 'duration', 5, 600);
  const rate = bounded(values.rate, 'rate', 1, 200);
  const users = bounded(values.users, 'users', 1, 200);
  const dataDir = resolve(values['data-dir']);
  const running = new RunFile(dataDir).read()?.nodes[0]?.url;
  const target = targetOf(values.url ?? running ?? 'http://127.0.0.1:3000', values['i-own-this-host']);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  installArtillery(log);
  const visitors = await gatherVisitors(target, users, join(dataDir, 'load-accounts.json'), log);
  const places = await choosePlaces(target, visitors);
  if (places.length === 0) throw new Error('no public community with threads is there: import an archive first (npm run import)');
  log(
    `${visitors.length} accounts, ${places.length} communities, ${places.reduce((n, p) => n + p.threads.length, 0)} threads on ${target}`,
  );
  if (rate > 10) log('rate limits must be off on the server for this rate (RATE_LIMITS=off)');
  const folder = mkdtempSync(join(dataDir, 'load-'));
  try {
    const visitorsFile = join(folder, 'visitors.csv');
    writeFileSync(visitorsFile, `token,login,password\n${visitors.map((v) => `${v.token},${v.login},${v.password}`).join('\n')}\n`, {
      mode: 0o600,
    });
    const placesFile = join(folder, 'places.json');
    writeFileSync(placesFile, JSON.stringify(places));
    const reportFile = join(dataDir, 'load-report.json');
    const code = await runArtillery({ target, seconds, rate, atOnce: Math.min(2_000, rate * 20), visitorsFile, placesFile, reportFile });
    log(code === 0 ? `all thresholds held; report in ${reportFile}` : `a threshold was missed or the run failed; report in ${reportFile}`);
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(`load: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
