/** The services alone, in the foreground: `npx tsx scripts/services/run.ts --data-dir DIR`. */
import { parseArgs } from 'node:util';
import { keepAlive } from './keep-alive.js';
import { keepToOurselves } from './private-folder.js';
import { startServices } from './services.js';

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    fast: { type: 'boolean' },
  },
});
keepToOurselves();
const log = (line: string): void => console.log(line);
const services = await startServices({
  dataDir: values['data-dir'] ?? '.parley',
  durable: !values.fast,
  log,
}).catch((error: unknown) => {
  console.error((error as Error).message);
  process.exit(1);
});
const kept = [keepAlive(services.redis, log), keepAlive(services.mongo, log)];
console.log(`PID=${process.pid}\nREDIS_URL=${services.redis.url}\nMONGODB_URL=${services.mongo.url}`);

let stopping = false;
const stop = async (): Promise<void> => {
  if (stopping) return;
  stopping = true;
  for (const keeper of kept) keeper.release();
  await services.stop();
  process.exit(0);
};
process.on('SIGINT', () => void stop());
process.on('SIGTERM', () => void stop());
setInterval(() => undefined, 60_000);
