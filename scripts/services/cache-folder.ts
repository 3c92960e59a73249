import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** What is costly to fetch and depends on nothing of ours is kept here, for all data directories and all versions. */
export const cacheFolder = (): string => resolve(process.env.PARLEY_CACHE ?? join(homedir(), '.cache', 'parley'));
