/** `npm run import -- FILE`: see `--help`. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openDestination } from './import/destination.js';
import { Importer } from './import/importer.js';
import { lineBytes } from './import/line.js';
import { LineFile } from './import/lines.js';
import { codeOf, codes, outcome } from './import/outcome.js';
import { showProgress } from './import/progress.js';
import { Rejects } from './import/rejects.js';
import { findStewards } from './import/stewards.js';
import { onNpmGone } from './services/parent-watch.js';
import { keepToOurselves, privateFolder } from './services/private-folder.js';

const help = `npm run import -- FILE [--owner NAME] [--data-dir DIR] [--redis URL --mongo URL]

Brings an archive into Parley: JSON lines, packed by gzip or not, each {community, thread, author, at, content}, in the
order in which they were written. May be repeated (nothing is stored twice), interrupted (Ctrl-C) and run beside a
running Parley. Lines that cannot be taken are written to FILE.rejects.jsonl in the data directory. People,
communities and threads are told apart by their folded names: case, accents and spaces around them do not count.

  --owner NAME     the member, by username, who owns the imported communities; also those of an earlier import whose
                   owner cannot sign in. Without one, whoever wrote first in a community owns it. Administrators of the
                   installation (ADMINS) are moderators of all of them
  --data-dir DIR   where the running Parley keeps its data (default .parley); without one, Redis and MongoDB are
                   taken from REDIS_URL and MONGODB_URL, or started in DIR for the while
  --redis URL      with --mongo: these services instead

Exit codes:
  ${codes.whole}    every line is stored, or was there before
  ${codes.failed}    it could not begin or not end; the file is damaged or cut short (what can be read is stored); or no line of
       it could be taken
  ${codes.partly}    everything was read, some lines were rejected
  ${codes.interrupted}  interrupted; the same command again goes on from there`;

const log = (line: string): void => console.error(line);

interface Wanted {
  file: string;
  dataDir: string;
  redis: string | undefined;
  mongo: string | undefined;
  owner: string | undefined;
}

const run = async ({ file, dataDir, redis, mongo, owner }: Wanted): Promise<number> => {
  const archive = await LineFile.open(file);
  keepToOurselves();
  privateFolder(dataDir);
  const stop = new AbortController();
  let interrupted = 0;
  const onSignal = (): void => {
    // npm and tsx may hand on a signal that the terminal has sent already: only a later one is a second one.
    if (interrupted && performance.now() - interrupted > 1_000) process.exit(codes.interrupted);
    if (!interrupted) log('\nfinishing what is under way (again to leave at once) …');
    interrupted ||= performance.now();
    stop.abort();
  };
  onNpmGone(onSignal);
  const destination = await openDestination({ dataDir, redis, mongo, log });
  log(destination.what);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  const rejects = new Rejects(join(dataDir, `${basename(file)}.rejects.jsonl`));
  const progress = showProgress(archive.size, log);
  const begun = performance.now();
  try {
    const { store, clock, config } = destination.foundation;
    const summary = await new Importer({
      store,
      actors: destination.actors,
      clock,
      stewards: await findStewards(store.members, owner, config.auth.admins),
      lines: archive.lines(lineBytes),
      reject: (line, reason, text) => rejects.add(line, reason, text),
      progress: (shown) => progress.update(shown),
      signal: stop.signal,
    }).run();
    if (summary.complete) progress.update({ bytes: archive.size, lines: summary.lastLine, rejected: summary.rejected });
    progress.stop();
    for (const line of outcome(summary, archive.damage, (performance.now() - begun) / 1000, rejects.path)) console.log(line);
    return codeOf(summary, archive.damage);
  } finally {
    progress.stop();
    await rejects.close();
    await destination.close();
  }
};

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'data-dir': { type: 'string', default: '.parley' },
      redis: { type: 'string' },
      mongo: { type: 'string' },
      owner: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [file, more] = positionals;
  if (values.help) {
    console.log(help);
    return codes.whole;
  }
  if (file === undefined || more !== undefined) throw new Error('give one FILE (see --help)');
  if (!existsSync(file)) throw new Error(`there is no file ${file}`);
  const { redis, mongo, owner } = values;
  return run({ file: resolve(file), dataDir: resolve(values['data-dir']), redis, mongo, owner });
};

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(`import: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(codes.failed);
  },
);
