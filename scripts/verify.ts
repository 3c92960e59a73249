/** `npm run verify -- --from FOLDER`: see `--help`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkBackup, openBackup } from './backup/check.js';
import { codes, giveWay, plural, runCommand } from './backup/command.js';

const help = `npm run verify -- --from FOLDER

Reads all of a backup, without a store: whether each file is as it was written, each document can be read, and the
messages of each thread are numbered without a hole as far as they went when the backup began.

Exit codes: ${codes.done} the backup is whole, ${codes.failed} it is not, and why, ${codes.interrupted} interrupted`;

runCommand('verify', async (signal) => {
  const { values } = parseArgs({ options: { from: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    console.log(help);
    return codes.done;
  }
  if (!values.from) throw new Error('give --from FOLDER (see --help)');
  giveWay();
  const folder = resolve(values.from);
  const manifest = openBackup(folder);
  const problems = await checkBackup(folder, manifest, signal);
  if (problems.length > 0) {
    console.log(`${folder} is not whole:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    return codes.failed;
  }
  const { collections, history, begun_at, migration, secrets } = manifest;
  const documents = collections.reduce((sum, collection) => sum + collection.documents, 0);
  console.log(`${folder} is whole: ${plural(documents, 'document')} in ${plural(collections.length, 'collection')}, as of ${begun_at}`);
  console.log(
    `history ${history ?? 'none'}, database version ${migration}, ${secrets ? `secrets: ${secrets.names.join(', ')}` : 'no secrets'}`,
  );
  return codes.done;
});
