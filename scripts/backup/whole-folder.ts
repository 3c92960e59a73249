import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../services/private-folder.js';

const onDisk = async (path: string): Promise<void> => {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
};

/**
 * Makes a folder that its owner alone may look into. Filled under another name and renamed when all of it is on the disk, so what has
 * the name is whole, whatever crashes. What fails leaves nothing; a crash leaves `PATH.partial`, which is to be deleted by hand.
 */
export const makeWhole = async (path: string, fill: (folder: string) => Promise<void>): Promise<void> => {
  if (existsSync(path)) throw new Error(`${path} is there already: give a name that is free`);
  makeFolder(dirname(path));
  const partial = `${path}.partial`;
  try {
    await mkdir(partial, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(`${partial} is there: another backup is at it, or was cut off. Delete it if none is`);
  }
  try {
    await fill(partial);
    await onDisk(partial);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  await onDisk(dirname(path));
};
