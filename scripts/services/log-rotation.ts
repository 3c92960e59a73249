import { closeSync, copyFileSync, fstatSync, ftruncateSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';

export interface LogBounds {
  /** A log that has grown beyond it is put aside. */
  bytes: number;
  /** So many older parts are kept: `x.log.1` is the latest. */
  kept: number;
}

export const logBounds: LogBounds = { bytes: 10_000_000, kept: 2 };

/**
 * Puts a log that has grown too large aside and empties it. Its writer keeps it open for appending and notices nothing: no process has
 * to stand between a program and its log, who would hold the program up by being slow and end it by dying. Libraries that rotate want
 * to be that process. A crash between the steps leaves lines twice, never none.
 */
export const rotateLog = (file: string, { bytes, kept }: LogBounds = logBounds): void => {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= bytes) return;
  const older = (n: number): string => `${file}.${n}`;
  const fresh = `${file}.new`;
  try {
    copyFileSync(file, fresh);
    emptyInto(file, fresh);
    for (let n = kept; n > 1; n--) if (statSync(older(n - 1), { throwIfNoEntry: false })) renameSync(older(n - 1), older(n));
    renameSync(fresh, older(1));
  } catch {
    // A full disk, for one: the oldest part makes room, and the next look tries again.
    rmSync(fresh, { force: true });
    rmSync(older(kept), { force: true });
  }
};

/** What came while the copy was made follows it; between the last look and the emptying lies one call to the system. */
const emptyInto = (file: string, copy: string): void => {
  const from = openSync(file, 'r+');
  const to = openSync(copy, 'a');
  try {
    const chunk = Buffer.alloc(65_536);
    let at = fstatSync(to).size;
    for (let read = readSync(from, chunk, 0, chunk.length, at); read > 0; read = readSync(from, chunk, 0, chunk.length, at)) {
      writeSync(to, chunk, 0, read);
      at += read;
    }
    ftruncateSync(from, 0);
  } finally {
    closeSync(from);
    closeSync(to);
  }
};
