import type { PostgresConnection } from './postgres-connection.js';
import type { PostgresPool } from './postgres-pool.js';

/** A cursor between two pages. */
export interface OpenCursor {
  continuation: Buffer;
  database: string;
  /** Where the cursor lives inside PostgreSQL: its next page can come from this connection alone. */
  pinned: PostgresConnection | undefined;
}

interface Entry extends OpenCursor {
  usedAt: number;
}

/**
 * Cursors that wait for their next page. Bounded in number and in idle time: the one used longest ago gives way, as if it had
 * timed out. A cursor is taken out while a page is fetched, so that it is never used twice at once.
 */
export class CursorRegistry {
  readonly #open = new Map<string, Entry>();
  readonly #pool: PostgresPool;
  readonly #limits: { cursors: number; pinned: number; idleMs: number };

  constructor(pool: PostgresPool, limits: { cursors: number; pinned: number; idleMs: number }) {
    this.#pool = pool;
    this.#limits = limits;
  }

  put(id: string, cursor: OpenCursor): void {
    this.#open.set(id, { ...cursor, usedAt: Date.now() });
    if (this.#open.size > this.#limits.cursors) this.kill(this.#open.keys().next().value!);
    if (!cursor.pinned) return;
    const pinned = [...this.#open].filter(([, entry]) => entry.pinned);
    if (pinned.length > this.#limits.pinned) this.kill(pinned[0]![0]);
  }

  take(id: string): OpenCursor | undefined {
    const entry = this.#open.get(id);
    this.#open.delete(id);
    return entry;
  }

  /** The cursor's last page has been read. */
  finish(cursor: OpenCursor): void {
    if (cursor.pinned) this.#pool.unpin(cursor.pinned);
  }

  /** A connection that holds an unread cursor is ended rather than cleaned. */
  kill(id: string): boolean {
    const entry = this.take(id);
    entry?.pinned?.end();
    return entry !== undefined;
  }

  sweep(): void {
    const oldest = Date.now() - this.#limits.idleMs;
    for (const [id, entry] of this.#open) if (entry.usedAt < oldest) this.kill(id);
  }
}
