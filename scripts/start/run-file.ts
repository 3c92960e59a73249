import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from './whole-file.js';

const pid = z.int().positive();
const service = z.object({ url: z.string(), pid: pid.nullable() });
const state = z.object({
  /** Signals for the whole go here: SIGTERM stops it, SIGHUP restarts the nodes one by one. */
  supervisor: z.object({ pid }),
  nodes: z.array(z.object({ id: z.string(), url: z.string(), pid })),
  services: z.object({ redis: service, mongo: service }),
});

/** What runs now, for people and programs: addresses and processes. A pid of null belongs to somebody else. */
export type RunState = z.infer<typeof state>;

/** DIR/run.json. A reader sees a whole state; there is none after a clean stop. */
export class RunFile {
  readonly #path: string;

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'run.json');
  }

  write(now: RunState): void {
    writeWhole(this.#path, `${JSON.stringify(now, undefined, 2)}\n`);
  }

  /** What a run that did not end cleanly left; nothing when it is damaged, since a pid that may be wrong must get no signal. */
  read(): RunState | undefined {
    try {
      return state.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch {
      return undefined;
    }
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }
}
