import type { SlotTable } from '../../src/actors/cluster/slot-table.js';
import { type BackupTarget, newestMigration, type Restored } from '../../src/store/mongo/backup/target.js';
import { checkBackup, documentsOf, openBackup, secretsOf } from './check.js';
import type { Manifest } from './manifest.js';
import { othersThere, type Secrets, writeSecrets } from './secrets.js';

export interface BringingBack {
  folder: string;
  target: BackupTarget;
  /** Where living nodes are written down. */
  slots: Pick<SlotTable, 'read'>;
  dataDir: string;
  /** Write over a store that is not empty, and over other secrets. */
  replace: boolean;
  /** Null: the secrets in the data directory stay as they are. */
  withSecrets: boolean;
  tell?(line: string): void;
  signal?: AbortSignal | undefined;
}

/** Nothing was changed; the message says why. */
export class Refused extends Error {}

/** What can be known before anything is changed. Throws Refused or NoBackup. */
const demandReadable = async (folder: string, signal: AbortSignal | undefined): Promise<Manifest> => {
  const manifest = openBackup(folder);
  const problems = await checkBackup(folder, manifest, signal);
  if (problems.length > 0) throw new Refused(`the backup is damaged:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  if (manifest.migration <= newestMigration) return manifest;
  throw new Refused(
    `the backup is of a newer release: its database is at version ${manifest.migration}, this code knows ${newestMigration}. ` +
      'Restore it by the release that made it, or a later one',
  );
};

const demandFree = async ({ target, slots, dataDir, replace }: BringingBack, secrets: Secrets): Promise<void> => {
  const table = await slots.read().catch((error: unknown) => {
    throw new Refused(`Redis cannot be asked whether nodes are running: ${error instanceof Error ? error.message : String(error)}`);
  });
  const living = table.members.map(({ instance }) => instance);
  if (living.length > 0) throw new Refused(`these nodes are running on the store: ${living.join(', ')}. Stop them and all workers first`);
  if (replace) return;
  const held = await target.held();
  if (held.length > 0) throw new Refused(`the store is not empty (${held.join(', ')}): --replace takes away all that is in it`);
  const others = othersThere(dataDir, secrets);
  if (others.length === 0) return;
  throw new Refused(
    `${dataDir} has other secrets (${others.join(', ')}): --replace takes those of the backup, --without-secrets leaves them as they are`,
  );
};

/**
 * Brings a backup back into a store on which nothing runs, under a new name of its life. Nothing is changed when it is refused. When it is
 * cut off later, nothing starts on the store until it has been repeated.
 */
export const bringBack = async (wanted: BringingBack): Promise<Restored & { manifest: Manifest; secrets: string[] }> => {
  const { folder, target, dataDir, withSecrets, signal, tell = () => undefined } = wanted;
  const manifest = await demandReadable(folder, signal);
  const secrets = (withSecrets ? secretsOf(folder, manifest) : null) ?? {};
  await demandFree(wanted, secrets);
  await target.begin();
  for (const collection of manifest.collections) {
    signal?.throwIfAborted();
    await target.load(collection.name, documentsOf(folder, collection));
    tell(`${collection.name}: ${collection.documents} documents`);
  }
  writeSecrets(dataDir, secrets);
  tell('making indexes …');
  return { ...(await target.finish()), manifest, secrets: Object.keys(secrets) };
};
