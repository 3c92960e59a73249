import { createHash } from 'node:crypto';
import type { ArchiveLine } from './line.js';

/**
 * Numbers lines that are equal in every field, so that each gets a nonce of its own and the same one at every import of the
 * file. Remembers the last `window` lines alone: equal lines farther apart than that count as one.
 */
export class Occurrences {
  /** By digest, the one seen longest ago first. */
  readonly #seen = new Map<string, { count: number; at: number }>();
  #lines = 0;

  constructor(private readonly window = 100_000) {}

  /** At most 64 printable characters. */
  nonceOf(line: ArchiveLine): string {
    const digest = createHash('sha256')
      .update(JSON.stringify([line.community, line.thread, line.author, line.at, line.content]))
      .digest('base64url')
      .slice(0, 32);
    const at = this.#lines++;
    for (const [old, seen] of this.#seen) {
      if (at - seen.at <= this.window) break;
      this.#seen.delete(old);
    }
    const count = (this.#seen.get(digest)?.count ?? 0) + 1;
    this.#seen.delete(digest);
    this.#seen.set(digest, { count, at });
    return `import-${digest}-${count}`;
  }
}
