/** `npm run import -- FILE`: see `--help`. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openDestination } from './import/destination.js';
import { Importer } from './import/importer.js';
import { lineBytes } from './import/line.js';
import { LineFile } from './import/lines.js';
import { showProgress } from './import/progress.js';
import { Rejects } from './import/rejects.js';
import { onNpmGone } from './services/parent-watch.js';
import { keepToOurselves, privateFolder } from './services/private-folder.js';

const help = `npm run import -- FILE [--data-dir DIR] [--redis URL --mongo URL]

Brings an archive into Parley: JSON lines, packed by gzip or not, each {community, thread, author, at, content}, in the
order in which they were written. May be repeated (nothing is stored twice), interrupted (Ctrl-C) and run beside a
running Parley. Lines that cannot be taken are written to FILE.rejects.jsonl in the data directory.

  --data-dir DIR   where the running Parley keeps its data (default .parley); without one, Redis and MongoDB are
                   taken from REDIS_URL and MONGODB_URL, or started in DIR for the while
  --redis URL      with --mongo: these services instead`;

const log = (line: string): void => console.error(line);

const run = async (file: string, dataDir: string, redis: string | undefined, mongo: string | undefined): Promise<number> => {
  const archive = await LineFile.open(file);
  keepToOurselves();
  privateFolder(dataDir);
  const stop = new AbortController();
  let interrupted = 0;
  const onSignal = (): void => {
    // npm and tsx may hand on a signal that the terminal has sent already: only a later one is a second one.
    if (interrupted && performance.now() - interrupted > 1_000) process.exit(130);
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
    const summary = await new Importer({
      store: destination.foundation.store,
      actors: destination.actors,
      clock: destination.foundation.clock,
      lines: archive.lines(lineBytes),
      reject: (line, reason, text) => rejects.add(line, reason, text),
      progress: (shown) => progress.update(shown),
      signal: stop.signal,
    }).run();
    if (summary.complete) progress.update({ bytes: archive.size, lines: summary.lastLine, rejected: summary.rejected });
    progress.stop();
    const seconds = (performance.now() - begun) / 1000;
    const { made, stored, known, rejected } = summary;
    console.log(
      `messages  ${stored} stored, ${known} known already, ${rejected} rejected\n` +
        `new       ${made.communities} communities, ${made.threads} threads, ${made.members} members\n` +
        `time      ${seconds.toFixed(1)} s, ${Math.round((stored + known) / seconds)} messages/s`,
    );
    if (rejected > 0) console.log(`rejected  see ${rejects.path}`);
    if (!summary.complete) console.log(`stopped after line ${summary.lastLine}; the same command again goes on from there`);
    return summary.complete ? 0 : 130;
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
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [file, more] = positionals;
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (file === undefined || more !== undefined) throw new Error('give one FILE (see --help)');
  if (!existsSync(file)) throw new Error(`there is no file ${file}`);
  return run(resolve(file), resolve(values['data-dir']), values.redis, values.mongo);
};

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(`import: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
