/** `npm run backup -- --out FOLDER`: see `--help`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../src/kernel/config.js';
import { openSource } from '../src/store/mongo/backup/source.js';
import { codes, giveWay, log, plural, runCommand } from './backup/command.js';
import { readSecrets } from './backup/secrets.js';
import { takeBackup } from './backup/take.js';
import { findServices } from './services/find-services.js';
import { keepToOurselves, privateFolder } from './services/private-folder.js';

const help = `npm run backup -- --out FOLDER [--without-secrets] [--data-dir DIR] [--mongo URL]

Copies everything that Parley keeps into a new folder, while it runs: all collections of the store, packed, and the
secrets that the installation has made for itself. What was acknowledged before the start is in it; what changes later
may be in it in its later state. The folder has its name when it is whole, and may be read by its owner alone.

  --out FOLDER       to be made; FOLDER.partial while it is written
  --without-secrets  leave out DIR/secrets.json (signs tokens) and DIR/metrics-token
  --data-dir DIR     where the running Parley keeps its data (default .parley); without one, the store is taken from
                     MONGODB_URL, or started in DIR for the while
  --mongo URL        this store instead; MONGODB_DATABASE names the database

Exit codes: ${codes.done} it is whole, ${codes.failed} there is none, ${codes.interrupted} interrupted, there is none`;

runCommand('backup', async (signal) => {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      'without-secrets': { type: 'boolean', default: false },
      'data-dir': { type: 'string', default: '.parley' },
      mongo: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(help);
    return codes.done;
  }
  const { out, mongo } = values;
  if (!out) throw new Error('give --out FOLDER (see --help)');
  keepToOurselves();
  const dataDir = resolve(values['data-dir']);
  if (!mongo) privateFolder(dataDir);
  const services = mongo ? { mongo, stop: async () => undefined } : await findServices({ dataDir, log });
  giveWay();
  const begun = performance.now();
  try {
    const { mongodb } = loadConfig({ overrides: { mongodb: { url: services.mongo } } });
    const source = await openSource(mongodb);
    try {
      const secrets = values['without-secrets'] ? null : readSecrets(dataDir);
      const manifest = await takeBackup({ source, out: resolve(out), secrets, now: () => Date.now(), tell: log, signal });
      if (secrets && process.env.JWT_SECRET) log('JWT_SECRET comes from the environment: it is not in the backup, keep it elsewhere');
      else if (secrets && !manifest.secrets) log(`no secrets were found in ${dataDir}: if nodes have theirs elsewhere, keep those too`);
      const documents = manifest.collections.reduce((sum, collection) => sum + collection.documents, 0);
      const bytes = manifest.collections.reduce((sum, collection) => sum + collection.bytes, 0);
      const seconds = (performance.now() - begun) / 1_000;
      console.log(`${resolve(out)}: ${plural(documents, 'document')}, ${(bytes / 1e6).toFixed(1)} MB, in ${seconds.toFixed(1)} s`);
      if (manifest.secrets) console.log(`it holds secrets (${manifest.secrets.names.join(', ')}): whoever reads them signs in as anybody`);
      return codes.done;
    } finally {
      await source.close();
    }
  } finally {
    await services.stop();
  }
});
