import { onNpmGone } from '../services/parent-watch.js';
import { keepToOurselves } from '../services/private-folder.js';
import { Cluster } from './cluster.js';
import { hangUpMeans } from './hang-up.js';
import { reasonOf } from './reason.js';
import { BadArguments, parseStartArguments, type StartOptions, startHelp } from './start-options.js';

const log = (line: string): void => console.log(line);

const fail = (message: string, code: number): never => {
  console.error(`parley: ${message}`);
  process.exit(code);
};

const wanted = (): StartOptions | undefined => {
  try {
    return parseStartArguments(process.argv.slice(2), process.env);
  } catch (error) {
    if (error instanceof BadArguments) return fail(`${error.message} (see npm start -- --help)`, 2);
    throw error;
  }
};

const run = async (options: StartOptions): Promise<void> => {
  keepToOurselves();
  let cluster: Cluster | undefined;
  let stoppedAt = 0;
  // npm and tsx may hand on a signal that the terminal has sent already: only a later one is a second one.
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppedAt && performance.now() - stoppedAt < 1000) return;
    if (!stoppedAt) log(`\n${signal}: stopping (again to hasten) …`);
    stoppedAt = performance.now();
    // Nothing has been started yet.
    if (!cluster) process.exit(0);
    cluster.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(`stopping failed: ${reasonOf(error)}`, 1),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  // Looked at now: a terminal that has closed is none any more.
  const rolls = hangUpMeans([process.stdin, process.stdout, process.stderr]) === 'rolling restart';
  process.on('SIGHUP', (signal) => (rolls && cluster && !stoppedAt ? cluster.rollingRestart() : onSignal(signal)));
  // Before anything is started: npm may be gone already.
  onNpmGone(() => onSignal('SIGTERM'));
  try {
    cluster = new Cluster(options, log);
    await cluster.start();
  } catch (error) {
    if (stoppedAt) return;
    console.error(`parley: ${reasonOf(error)}`);
    // What has failed once may fail again; that we end is certain.
    await cluster?.stop().catch(() => undefined);
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

export const start = async (): Promise<void> => {
  const options = wanted();
  if (options) await run(options).catch((error: unknown) => fail(reasonOf(error), 1));
  else log(startHelp);
};
