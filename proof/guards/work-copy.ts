import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import { type Guard, switchedOff } from './guard.js';

/** What tests read; the rest (docs, load, web) would only take time to copy. */
const copied = /^(src|tests|proof|scripts|config)\/|^(package\.json|jest\.config\.js|tsconfig\.json)$/;

/** The project as it lies in the work tree, in a folder where it may be spoiled. A crash leaves the folder behind, nothing else. */
export class WorkCopy {
  readonly folder: string;

  constructor(project: string, folder: string) {
    this.folder = folder;
    const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: project, encoding: 'utf8' });
    for (const file of list.split('\0').filter((name) => copied.test(name) && existsSync(join(project, name)))) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(join(project, file), join(folder, file));
    }
    symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'), 'dir');
  }

  /** Runs with the guard off. Throws StaleGuard when its text is gone, and an Error when what is left is no TypeScript. */
  async without<T>(guard: Guard, run: () => Promise<T>): Promise<T> {
    const path = join(this.folder, guard.file);
    const source = readFileSync(path, 'utf8');
    const mutated = switchedOff(source, guard);
    transformSync(mutated, { loader: 'ts' });
    writeFileSync(path, mutated);
    try {
      return await run();
    } finally {
      writeFileSync(path, source);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
