import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../start/whole-file.js';

/** What an installation makes for itself and keeps in its data directory: what signs tokens, and what metrics are read by. */
const kept = ['secrets.json', 'metrics-token'] as const;

const schema = z.partialRecord(z.enum(kept), z.string().min(1).max(100_000));
/** Their files, by name. */
export type Secrets = z.infer<typeof schema>;

export const readSecrets = (dataDir: string): Secrets => {
  const found: Secrets = {};
  for (const name of kept) {
    const path = join(dataDir, name);
    if (existsSync(path)) found[name] = readFileSync(path, 'utf8');
  }
  return found;
};

export const secretsText = (secrets: Secrets): string => `${JSON.stringify(schema.parse(secrets), undefined, 2)}\n`;

/** Throws for what are none: no other file is ever written by their names. */
export const parseSecrets = (text: string): Secrets => schema.parse(JSON.parse(text));

/** Which are there already, and others. */
export const othersThere = (dataDir: string, secrets: Secrets): string[] => {
  const there = readSecrets(dataDir);
  return kept.filter((name) => secrets[name] !== undefined && there[name] !== undefined && there[name] !== secrets[name]);
};

/** Each is there before or after, whatever crashes; its owner alone may read it. */
export const writeSecrets = (dataDir: string, secrets: Secrets): void => {
  for (const [name, text] of Object.entries(secrets)) writeWhole(join(dataDir, name), text);
};
