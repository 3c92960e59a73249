import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A copy of the built server that lasts for one run: a build meanwhile must not give a node that is started again another
 * version than the rest. It lies inside the project, where its packages and configuration are found.
 */
export class OwnBuild {
  readonly #folder = `${project}node_modules/.cache/parley-chaos-${process.pid}`;

  /** Answers the path of the server's program. */
  make(): string {
    mkdirSync(this.#folder, { recursive: true });
    cpSync(`${project}dist`, `${this.#folder}/dist`, { recursive: true, filter: (path) => !path.endsWith('/dist/web') });
    return `${this.#folder}/dist/main.js`;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
