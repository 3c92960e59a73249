import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './whole-file.js';

/**
 * What nodes ask of whoever reads their metrics: from the environment, or made once and kept in a file of its own, readable by its
 * owner alone, as Prometheus takes it (`credentials_file`). What is damaged is made anew: nothing but a reader's setting hangs on it.
 */
export const metricsToken = (dataDir: string): string => {
  if (process.env.METRICS_TOKEN) return process.env.METRICS_TOKEN;
  const file = join(dataDir, 'metrics-token');
  const kept = read(file);
  const token = kept ?? randomBytes(32).toString('base64url');
  // Written each time, so that the mode holds for a file that was there before.
  writeWhole(file, `${token}\n`);
  return token;
};

const read = (file: string): string | undefined => {
  try {
    return /^[A-Za-z0-9_-]{43}$/.exec(readFileSync(file, 'utf8').trim())?.[0];
  } catch {
    return undefined;
  }
};
