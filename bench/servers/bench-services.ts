import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockFile } from '../../scripts/services/lock-file.js';
import { ServiceProcess } from '../../scripts/services/service-process.js';
import { startServices } from '../../scripts/services/services.js';

const prefix = 'parley-bench-';

/** Redis and the MongoDB-compatible server of one bench run, for peers and ourselves alike, with everything forced to the disk. */
export interface BenchServices {
  redisUrl: string;
  mongoUrl: string;
  /** Where the run may write; gone after it. */
  folder: string;
  /** A database (and a prefix of Redis keys) that nobody has used. */
  freshName(): string;
  end(): Promise<void>;
}

export const startBenchServices = async (log: (line: string) => void): Promise<BenchServices> => {
  removeLeftOvers();
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const lock = LockFile.tryTake(join(folder, 'lock'));
  const end = async (): Promise<void> => {
    // Also what a start that was broken off had already started.
    await ServiceProcess.endAll();
    if (lock instanceof LockFile) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const services = await startServices({ dataDir: join(folder, 'services'), log });
    let names = 0;
    return {
      redisUrl: services.redis.url,
      mongoUrl: services.mongo.url,
      folder,
      freshName: () => `bench${++names}`,
      end: async () => {
        await services.stop();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
};

/** Folders of runs that were killed. */
const removeLeftOvers = (): void => {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const folder = join(tmpdir(), name);
    const lock = LockFile.tryTake(join(folder, 'lock'));
    if (lock instanceof LockFile) rmSync(folder, { recursive: true, force: true });
  }
};
