/** `npm start`: see `--help`. */
import { onNpmGone } from './services/parent-watch.js';
import { Cluster } from './start/cluster.js';
import { hangUpMeans } from './start/hang-up.js';
import { BadArguments, parseStartArguments, type StartOptions, startHelp } from './start/start-options.js';

const log = (line: string): void => console.log(line);

const fail = (message: string, code: number): never => {
  console.error(`parley: ${message}`);
  process.exit(code);
};

const wanted = (): StartOptions | undefined => {
  try {
    return parseStartArguments(process.argv.slice(2));
  } catch (error) {
    if (error instanceof BadArguments) return fail(`${error.message} (see npm start -- --help)`, 2);
    throw error;
  }
};

const run = async (options: StartOptions): Promise<void> => {
  const cluster = new Cluster(options, log);
  let stoppedAt = 0;
  // npm and tsx may hand on a signal that the terminal has sent already: only a later one is a second one.
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppedAt && performance.now() - stoppedAt < 1000) return;
    if (!stoppedAt) log(`\n${signal}: stopping (again to hasten) …`);
    stoppedAt = performance.now();
    cluster.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(`stopping failed: ${String(error)}`, 1),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  // Looked at now: a terminal that has closed is none any more.
  const rolls = hangUpMeans([process.stdin, process.stdout, process.stderr]) === 'rolling restart';
  process.on('SIGHUP', (signal) => (rolls && !stoppedAt ? cluster.rollingRestart() : onSignal(signal)));
  onNpmGone(() => onSignal('SIGTERM'));
  try {
    await cluster.start();
  } catch (error) {
    if (stoppedAt) return;
    console.error(`parley: ${(error as Error).message}`);
    await cluster.stop();
    process.exit(1);
  }
  if (stoppedAt) return;
  const first = cluster.nodes[0];
  log(`\nParley is running.\n${cluster.nodes.map(({ id, url }) => `  ${id}  ${url}`).join('\n')}`);
  log(`  API  ${first?.url}/docs\n  data ${options.dataDir}, logs ${options.dataDir}/logs`);
  log(`  metrics ${first?.url}/metrics, with the token in ${options.dataDir}/metrics-token`);
  if (rolls) log(`kill -TERM ${process.pid} stops it; kill -HUP ${process.pid} builds what has changed and restarts the nodes one by one.`);
  else log('Ctrl-C stops it.');
};

const options = wanted();
if (options) await run(options).catch((error: unknown) => fail((error as Error).message, 1));
else log(startHelp);
