import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The secret that signs tokens: from the environment, or made once and kept readable by its owner alone. Renamed into place: a crash
 * leaves no half secret, and tokens stay valid over restarts.
 */
export const jwtSecret = (dataDir: string): string => {
  if (process.env.JWT_SECRET) return process.env.JWT_SECRET;
  const file = join(dataDir, 'secrets.json');
  if (existsSync(file)) {
    chmodSync(file, 0o600);
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { jwt_secret?: unknown };
    if (typeof kept.jwt_secret === 'string' && kept.jwt_secret.length >= 32) return kept.jwt_secret;
    throw new Error(`${file} holds no usable jwt_secret; delete it to get a new one (everybody then signs in again)`);
  }
  const secret = randomBytes(48).toString('base64url');
  writeFileSync(`${file}.new`, `${JSON.stringify({ jwt_secret: secret }, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return secret;
};
