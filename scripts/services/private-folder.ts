import { chmodSync, lstatSync, mkdirSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files and folders that a process makes from now on are its user's alone. */
export const keepToOurselves = (): void => {
  process.umask(0o077);
};

/** For a program whose files others must read, such as a package's installation. */
export const forEverybody = (command: string, args: readonly string[]): [string, string[]] => [
  'sh',
  ['-c', 'umask 022; exec "$@"', 'sh', command, ...args],
];

/** PostgreSQL's own, made by its user with modes that it checks itself. */
const notOurs = new Set(['documentdb']);
const othersBits = 0o077;

/**
 * Makes a folder and those above it, our user's alone. Step by step: where a file system takes no folders at all, such as /proc, Node's
 * own way to do that never ends.
 */
export const makeFolder = (path: string): void => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!(codeOf(error) === 'EEXIST' && statSync(path).isDirectory())) throw error;
  }
};

/**
 * Makes sure of a data directory that nobody else can look into, and closes what an earlier version left open in it. Fails with a line
 * for people where it, or something in it, belongs to another user: who owns a file there decides what we read.
 */
export const privateFolder = (path: string): void => {
  try {
    makeFolder(path);
  } catch (error) {
    throw new Error(`cannot make the folder ${path} (${codeOf(error)}); give another --data-dir, one that you may write`);
  }
  if (!statSync(path).isDirectory()) throw new Error(`${path} is not a folder; give another --data-dir`);
  close(realpathSync(path));
};

const close = (path: string): void => {
  const found = lstatSync(path, { throwIfNoEntry: false });
  // Whoever uses the folder now may just have taken it away.
  if (!found) return;
  // What a link leads to is somebody's own decision; who made the link is checked.
  demandOurs(path, found);
  if (found.isSymbolicLink()) return;
  if (found.mode & othersBits) chmodSync(path, found.mode & 0o700);
  if (!found.isDirectory()) return;
  for (const name of readdirSync(path)) if (!notOurs.has(name)) close(join(path, name));
};

const demandOurs = (path: string, found: Stats): void => {
  const us = process.getuid?.();
  if (us === undefined || found.uid === us) return;
  throw new Error(
    `${path} belongs to another user (number ${found.uid}, we are ${us}); start as that user, give another --data-dir, or take it over (chown)`,
  );
};

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
