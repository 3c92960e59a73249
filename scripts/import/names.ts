import { createHash } from 'node:crypto';
import { username } from '../../src/protocol/primitives.js';

/** The name itself where it can be a username. */
export const plainUsername = (name: string): string | null => (username.safeParse(name).success ? name : null);

/** A username like the name, told apart from others by eight digits of its hash. */
export const hashedUsername = (name: string): string => {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9_.-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+|[_.-]+$/g, '')
    .slice(0, 23);
  return `${slug || 'member'}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
};
