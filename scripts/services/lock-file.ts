import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from './private-folder.js';
import { alive, startedAt } from './process-table.js';

/** A file that says which living process may use what lies beside it. The lock of a process that was killed counts for nothing. */
export class LockFile {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** The pid of the living holder instead, when there is one. */
  static tryTake(path: string): LockFile | number {
    makeFolder(dirname(path));
    const fresh = `${path}.${process.pid}`;
    const mine = `${process.pid} ${startedAt(process.pid)}\n`;
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        // Whole from its first moment: half of one would count for nothing, and be taken away.
        writeFileSync(fresh, mine);
        linkSync(fresh, path);
        return new LockFile(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      } finally {
        rmSync(fresh, { force: true });
      }
      const holder = holderOf(path);
      if (holder !== undefined) return holder;
      rmSync(path, { force: true });
    }
    throw new Error(`cannot take ${path}`);
  }

  static async take(path: string, onWait: (holder: number) => void): Promise<LockFile> {
    for (let told = false; ; told = true) {
      const taken = LockFile.tryTake(path);
      if (taken instanceof LockFile) return taken;
      if (!told) onWait(taken);
      await sleep(500);
    }
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }
}

const holderOf = (path: string): number | undefined => {
  try {
    const [pid, start] = readFileSync(path, 'utf8').trim().split(' ');
    const holder = Number(pid);
    if (holder > 0 && alive(holder) && startedAt(holder) === (start ?? '')) return holder;
  } catch {
    // Gone meanwhile, or never written to its end: nobody holds it.
  }
  return undefined;
};
