import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, deserialize } from 'bson';
import { fileOf, headsFile, type Manifest, manifestFile, NoBackup, type Packed, parseManifest, secretsFile } from './manifest.js';
import { Numbering } from './numbering.js';
import { readPacked } from './packed.js';
import { parseSecrets, type Secrets } from './secrets.js';

/** Throws NoBackup for a folder that is none. */
export const openBackup = (folder: string): Manifest => {
  if (!existsSync(folder)) throw new NoBackup(`there is no folder ${folder}`);
  const path = join(folder, manifestFile);
  if (!existsSync(path)) throw new NoBackup(`${folder} is no whole backup: it has no ${manifestFile}`);
  return parseManifest(readFileSync(path, 'utf8'));
};

/** The documents of a collection, as they were stored. Throws as `readPacked` does. */
export const documentsOf = (folder: string, { name, ...packed }: Manifest['collections'][number]): AsyncGenerator<Uint8Array> =>
  readPacked(join(folder, fileOf(name)), packed);

/** Null: the backup has none. Throws for those that are not what the manifest says. */
export const secretsOf = (folder: string, { secrets }: Manifest): Secrets | null => {
  if (!secrets) return null;
  const path = join(folder, secretsFile);
  if (!existsSync(path)) throw new Error('it is missing');
  const text = readFileSync(path, 'utf8');
  if (createHash('sha256').update(text).digest('hex') !== secrets.sha256)
    throw new Error('its SHA-256 is another than that in the manifest');
  return parseSecrets(text);
};

/** As they are first needed: heads, then threads, then messages. */
const sooner = ['messages', 'threads'];
const rank = ({ name }: { name: string }): number => -sooner.indexOf(name);

/**
 * Reads all of a backup: whether each file is what the manifest says, each document can be read, and the messages of each thread are
 * numbered without a hole as far as they went when it was begun. Needs no store. Answers what is wrong, in words; nothing: it is whole.
 */
export const checkBackup = async (folder: string, manifest: Manifest, signal?: AbortSignal): Promise<string[]> => {
  const problems: string[] = [];
  const numbering = new Numbering();
  const check = async (file: string, packed: Packed, each: (document: Document) => void): Promise<void> => {
    try {
      for await (const raw of readPacked(join(folder, file), packed)) {
        signal?.throwIfAborted();
        each(deserialize(raw));
      }
    } catch (error) {
      signal?.throwIfAborted();
      problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const looks: Record<string, (document: Document) => void> = {
    threads: ({ _id, floor_seq, deleted_at }) => numbering.thread(String(_id), Number(floor_seq ?? 0), deleted_at !== undefined),
    messages: ({ thread_id, seq }) => numbering.message(String(thread_id), Number(seq)),
  };
  await check(headsFile, manifest.heads, ({ _id, last_seq }) => numbering.head(String(_id), Number(last_seq ?? 0)));
  for (const { name, ...packed } of [...manifest.collections].sort((a, b) => rank(a) - rank(b))) {
    await check(fileOf(name), packed, looks[name] ?? (() => undefined));
  }
  // Of files that are damaged this would only say the same again.
  if (problems.length === 0) problems.push(...numbering.problems());
  try {
    secretsOf(folder, manifest);
  } catch (error) {
    problems.push(`${secretsFile}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return problems;
};
