import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupSource } from '../../src/store/mongo/backup/source.js';
import { fileOf, formatVersion, headsFile, type Manifest, manifestFile, manifestText, secretsFile } from './manifest.js';
import { writePacked } from './packed.js';
import { type Secrets, secretsText } from './secrets.js';
import { makeWhole } from './whole-folder.js';

export interface Taking {
  source: BackupSource;
  /** The folder to be made. */
  out: string;
  /** Null: they are left out. */
  secrets: Secrets | null;
  now(): number;
  /** Hears of each file that is on the disk. */
  tell?(line: string): void;
  signal?: AbortSignal | undefined;
}

const writeNew = async (path: string, text: string): Promise<{ bytes: number; sha256: string }> => {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
};

/**
 * Takes a backup of a store that may serve meanwhile. What is stored when it begins is in it; what is inserted, changed or removed later
 * may be there in its later state. Rejects, and leaves nothing, when anything fails, also when a migration came between.
 */
export const takeBackup = async ({ source, out, secrets, now, tell = () => undefined, signal }: Taking): Promise<Manifest> => {
  let manifest: Manifest | undefined;
  await makeWhole(out, async (folder) => {
    const begunAt = new Date(now()).toISOString();
    const before = await source.state();
    const heads = await writePacked(join(folder, headsFile), source.heads(), signal);
    const collections: Manifest['collections'] = [];
    for (const name of await source.collections()) {
      const packed = await writePacked(join(folder, fileOf(name)), source.documents(name), signal);
      collections.push({ name, ...packed });
      tell(`${name}: ${packed.documents} documents, ${packed.bytes} bytes`);
    }
    const after = await source.state();
    if (after.migration !== before.migration) throw new Error('the database was migrated meanwhile: take the backup again');
    const names = Object.keys(secrets ?? {});
    const kept = secrets && names.length > 0 ? { names, ...(await writeNew(join(folder, secretsFile), secretsText(secrets))) } : null;
    manifest = {
      ...{ format: 'parley-backup', version: formatVersion, history: before.history, migration: before.migration },
      ...{ begun_at: begunAt, ended_at: new Date(now()).toISOString(), collections, heads, secrets: kept },
    };
    signal?.throwIfAborted();
    await writeNew(join(folder, manifestFile), manifestText(manifest));
  });
  return manifest!;
};
