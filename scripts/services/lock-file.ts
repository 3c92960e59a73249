import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { alive, startedAt } from './process-table.js';

/** A file that says which living process may use what lies beside it. The lock of a process that was killed counts for nothing. */
export class LockFile {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** The pid of the living holder instead, when there is one. */
  static tryTake(path: string): LockFile | number {
    mkdirSync(dirname(path), { recursive: true });
    const mine = `${process.pid} ${startedAt(process.pid)}\n`;
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        writeFileSync(path, mine, { flag: 'wx' });
        return new LockFile(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
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
