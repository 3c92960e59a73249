import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/**
 * Writes a file that only its owner reads. Renamed into place when it is on the disk: a reader sees the file before or after, and so
 * does whoever comes after a crash.
 */
export const writeWhole = (path: string, text: string): void => {
  const fresh = `${path}.new`;
  // One that a crash left may be open to others.
  rmSync(fresh, { force: true });
  const file = openSync(fresh, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
};
