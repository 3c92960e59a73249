import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../scripts/services/shell.js';

const megabytes = 256;

/** A file system of its own for one folder, small enough to be filled. Only where mounting is allowed (root on Linux). */
export class SmallDisk {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined where it cannot be mounted. */
  static mount(folder: string): SmallDisk | undefined {
    const program = findProgram('mount');
    if (!program) return undefined;
    mkdirSync(folder, { recursive: true });
    try {
      execFileSync(program, ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'parley-chaos', folder], { stdio: 'ignore' });
      return new SmallDisk(folder);
    } catch {
      return undefined;
    }
  }

  /** Until nothing more fits. */
  fill(): void {
    const file = openSync(join(this.#folder, 'filler'), 'w');
    const chunks = [Buffer.alloc(1_000_000), Buffer.alloc(4_096)];
    try {
      for (const chunk of chunks) for (let full = false; !full; ) full = !tryWrite(file, chunk);
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(join(this.#folder, 'filler'), { force: true });
  }

  /** Nobody may use it any more. */
  unmount(): void {
    const program = findProgram('umount');
    if (program) execFileSync(program, ['-l', this.#folder], { stdio: 'ignore' });
  }
}

const tryWrite = (file: number, chunk: Buffer): boolean => {
  try {
    return writeSync(file, chunk) === chunk.length;
  } catch {
    return false;
  }
};
