import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from './whole-file.js';

const kept = z.object({ jwt_secret: z.string().min(32) });

/**
 * The secret that signs tokens: from the environment, or made once and kept readable by its owner alone. A crash leaves no half
 * secret, and tokens stay valid over restarts.
 */
export const jwtSecret = (dataDir: string): string => {
  if (process.env.JWT_SECRET) return process.env.JWT_SECRET;
  const file = join(dataDir, 'secrets.json');
  if (existsSync(file)) {
    chmodSync(file, 0o600);
    const found = kept.safeParse(jsonIn(file));
    if (found.success) return found.data.jwt_secret;
    throw new Error(
      `${file} is damaged: it holds no usable jwt_secret. Put back a copy, or delete it to get a new one (everybody then signs in again)`,
    );
  }
  const secret = randomBytes(48).toString('base64url');
  writeWhole(file, `${JSON.stringify({ jwt_secret: secret }, undefined, 2)}\n`);
  return secret;
};

const jsonIn = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
};
