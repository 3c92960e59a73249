import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of a Unix socket's path, without the zero at its end: the least that the systems we run on allow. */
const mostBytes = process.platform === 'linux' ? 107 : 103;
/** Longer than any socket's name of ours. */
const roomForName = '/redis.sock'.length;

/**
 * The folder for the Unix sockets of a data directory's services: only our user can reach into it, whatever a server gives its socket
 * for a mode. In the data directory where its path is short enough; otherwise one that is made where the user's short-lived files are,
 * whose name is kept in the data directory, so that a start after a crash uses it again.
 */
export const socketFolder = (dataDir: string, log: (line: string) => void): string => {
  const usual = join(dataDir, 'sockets');
  if (fits(usual)) {
    mkdirSync(usual, { recursive: true, mode: 0o700 });
    return usual;
  }
  const note = join(dataDir, 'sockets.at');
  const kept = keptIn(note);
  if (kept) return kept;
  const made = shortFolder();
  writeFileSync(note, `${made}\n`, { mode: 0o600 });
  log(`services: the path of ${dataDir} is too long for sockets, so they are in ${made}`);
  return made;
};

/** Takes away what `socketFolder` made outside the data directory. */
export const removeSocketFolder = (dataDir: string): void => {
  const note = join(dataDir, 'sockets.at');
  const kept = keptIn(note);
  if (kept) rmSync(kept, { recursive: true, force: true });
  rmSync(note, { force: true });
};

/** Query marks would end a path in an address of Redis. */
const fits = (folder: string): boolean => Buffer.byteLength(folder) + roomForName <= mostBytes && !folder.includes('?');

const shortFolder = (): string => {
  for (const base of [process.env.XDG_RUNTIME_DIR, tmpdir(), '/tmp']) {
    if (!base || !fits(join(base, 'parley-XXXXXX'))) continue;
    try {
      return mkdtempSync(join(base, 'parley-'));
    } catch {
      // Not there, or not ours to write: the next.
    }
  }
  throw new Error('no folder for the sockets of Redis and MongoDB: give a --data-dir with a shorter path');
};

/** Only a folder that is ours and closed: in a folder that all may write, anybody could have put one in its place. */
const keptIn = (note: string): string | undefined => {
  try {
    const folder = readFileSync(note, 'utf8').trim();
    const found = lstatSync(folder);
    const ours = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o777) === 0o700;
    return ours && fits(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
};
