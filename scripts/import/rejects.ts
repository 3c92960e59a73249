import { once } from 'node:events';
import { createWriteStream, rmSync, type WriteStream } from 'node:fs';

/** Lines that were not taken, one JSON object each: `{line, reason, text}`. The file is made with the first of them. */
export class Rejects {
  #out: WriteStream | undefined;
  count = 0;

  constructor(readonly path: string) {
    rmSync(path, { force: true });
  }

  add(line: number, reason: string, text: string | null): void {
    this.count++;
    this.#out ??= createWriteStream(this.path, { mode: 0o600 });
    this.#out.write(`${JSON.stringify({ line, reason, text })}\n`);
  }

  async close(): Promise<void> {
    if (!this.#out) return;
    this.#out.end();
    await once(this.#out, 'finish');
  }
}
