import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What runs now, for people and programs: addresses and processes. A pid of null belongs to somebody else. */
export interface RunState {
  /** Signals for the whole go here: SIGTERM stops it, SIGHUP restarts the nodes one by one. */
  supervisor: { pid: number };
  nodes: { id: string; url: string; pid: number }[];
  services: { redis: { url: string; pid: number | null }; mongo: { url: string; pid: number | null } };
}

/** DIR/run.json. Renamed into place, so a reader sees a whole state; there is none after a clean stop. */
export class RunFile {
  readonly #path: string;

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'run.json');
  }

  write(state: RunState): void {
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
    renameSync(`${this.#path}.new`, this.#path);
  }

  /** What a run that did not end cleanly left. */
  read(): RunState | undefined {
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8')) as RunState;
    } catch {
      return undefined;
    }
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }
}
