/** `npm run restore -- --from FOLDER`: see `--help`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { connectRedisBackbone } from '../src/actors/cluster/redis/connect.js';
import { collectionsOf } from '../src/catalogue/assembled.js';
import { features } from '../src/features/index.js';
import { systemClock } from '../src/kernel/clock.js';
import { loadConfig } from '../src/kernel/config.js';
import { createLogger } from '../src/kernel/logger.js';
import { openTarget } from '../src/store/mongo/backup/target.js';
import { bringBack } from './backup/bring-back.js';
import { codes, log, plural, runCommand } from './backup/command.js';
import { findServices } from './services/find-services.js';
import { keepToOurselves, privateFolder } from './services/private-folder.js';

const help = `npm run restore -- --from FOLDER [--replace] [--without-secrets] [--data-dir DIR] [--redis URL --mongo URL]

Brings a backup back into a store on which nothing runs, after the whole backup was checked. The store begins a new
life: clients that knew more than the backup drop that and fetch anew. Nothing starts on the store before it is whole;
when this is cut off, repeat it with --replace.

  --replace          take away all that is in the store, and write over other secrets
  --without-secrets  leave the secrets in DIR as they are
  --data-dir DIR     the data directory (default .parley): secrets go there; the services are those that run from it,
                     those of REDIS_URL and MONGODB_URL, or started in it for the while
  --redis URL        with --mongo: these services instead; MONGODB_DATABASE and KEY_PREFIX name what is theirs

Exit codes: ${codes.done} everything is back, ${codes.failed} refused or failed, and why, ${codes.interrupted} interrupted`;

runCommand('restore', async (signal) => {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      replace: { type: 'boolean', default: false },
      'without-secrets': { type: 'boolean', default: false },
      'data-dir': { type: 'string', default: '.parley' },
      redis: { type: 'string' },
      mongo: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(help);
    return codes.done;
  }
  if (!values.from) throw new Error('give --from FOLDER (see --help)');
  keepToOurselves();
  const dataDir = resolve(values['data-dir']);
  privateFolder(dataDir);
  const { redis, mongo, replace } = values;
  const services = await findServices({ dataDir, redis, mongo, log });
  const clock = systemClock;
  const begun = performance.now();
  try {
    const config = loadConfig({ overrides: { redis: { url: services.redis }, mongodb: { url: services.mongo } } });
    const logger = createLogger({ level: 'error', node: 'restore' });
    const backbone = connectRedisBackbone({ url: config.redis.url, prefix: config.redis.keyPrefix, clock, logger });
    const target = await openTarget({ ...config.mongodb, clock, logger, collections: collectionsOf(features) });
    try {
      const back = await bringBack({
        ...{ folder: resolve(values.from), target, slots: backbone.slots, dataDir, replace, signal },
        ...{ withSecrets: !values['without-secrets'], tell: log },
      });
      for (const line of back.changed) log(line);
      if (back.threads > 0) log(`${plural(back.threads, 'thread')} that changed during the backup brought level with their messages`);
      if (back.filled > 0) log(`${plural(back.filled, 'place')} of messages that stood empty filled with deleted ones`);
      if (back.secrets.length > 0) log(`secrets of the backup are in ${dataDir}: ${back.secrets.join(', ')}`);
      const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
      console.log(`everything is back as of ${back.manifest.begun_at}, in ${seconds} s; the store's new history is ${back.history}`);
      console.log('Redis holds what was under way before: empty it, or give another KEY_PREFIX, before the nodes start.');
      return codes.done;
    } finally {
      await target.close();
      await backbone.close();
    }
  } finally {
    await services.stop();
  }
});
