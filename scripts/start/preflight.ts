import { readFileSync, statfsSync } from 'node:fs';

/** A node, Redis and PostgreSQL inherit the limit; each connection of a browser counts once. */
const leastFiles = 1024;
/** An empty database and what it keeps for writing ahead. */
const leastBytes = 256 * 2 ** 20;

/** Fails, with a line that says what to do, where this machine has not what a start needs. */
export const preflight = (dataDir: string): void => {
  const problem = fewFiles(openFilesLimit()) ?? littleSpace(dataDir, freeBytes(dataDir));
  if (problem) throw new Error(problem);
};

export const fewFiles = (limit: number | undefined): string | undefined =>
  limit !== undefined && limit < leastFiles
    ? `only ${limit} files may be open at once, and Parley needs ${leastFiles}: raise the limit (ulimit -n 65536; LimitNOFILE= in a systemd unit)`
    : undefined;

export const littleSpace = (dataDir: string, bytes: number | undefined): string | undefined =>
  bytes !== undefined && bytes < leastBytes
    ? `only ${Math.floor(bytes / 2 ** 20)} MB are free in ${dataDir}, and Parley needs ${leastBytes / 2 ** 20}: make room there, or give another --data-dir`
    : undefined;

/** Node has raised it as far as it may. Undefined where the system does not say or knows no limit. */
const openFilesLimit = (): number | undefined => {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
};

const freeBytes = (folder: string): number | undefined => {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
};
