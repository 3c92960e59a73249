import type { Clock } from '../kernel/clock.js';
import type { Logger } from '../kernel/logger.js';
import type { Telemetry } from '../kernel/telemetry.js';
import type { IndexedRecord, Store, Sweeper } from '../store/contracts.js';
import { messageDocument, SearchIndex } from './search-index.js';

/** Documents that are looked at in one read, and written anew at once. */
const step = 500;

export interface ReindexOptions {
  store: Pick<Store, 'search' | 'messages' | 'threads'>;
  clock: Clock;
  logger: Logger;
  telemetry: Pick<Telemetry, 'reindex'>;
  /** Rests so many times as long as it worked, so that it never takes a processor for itself. */
  rest?: ((ageMs: number) => number) | undefined;
}

/**
 * Brings a search index of an earlier release over to the terms of this one, beside everything else: what changes meanwhile is
 * written in the new way by whoever follows it, and what has not been brought over is found by what it was indexed under. It goes by
 * the version of each document, so it may be cut off, repeated and done by several at any point. It ends with a pass that finds
 * nothing to do: a node of an earlier release may have written since.
 */
export class Reindex {
  readonly #o: ReindexOptions;
  readonly #index: SearchIndex;
  readonly #sweeper: Sweeper;
  #after: string | null = null;
  #looked = 0;
  #written = 0;

  constructor(options: ReindexOptions) {
    this.#o = options;
    this.#index = new SearchIndex(options.store);
    this.#sweeper = `terms-${options.store.search.termsVersion}`;
  }

  /** Goes on for about so long. Answers whether there is nothing left to do. */
  async run(forMs: number): Promise<boolean> {
    const { store, clock } = this.#o;
    if ((await store.search.swept(this.#sweeper)) > 0) return true;
    const until = clock.monotonic() + forMs;
    do {
      const begun = clock.monotonic();
      const some = await store.search.indexed(this.#after, step);
      const outdated = some.filter(({ isCurrent }) => !isCurrent);
      if (outdated.length > 0) await this.#bringOver(outdated);
      this.#looked += some.length;
      this.#written += outdated.length;
      if (some.length < step) return this.#endPass();
      this.#after = some.at(-1)!.id;
      const restMs = outdated.length > 0 ? (clock.monotonic() - begun) * (this.#o.rest?.(Number.MAX_SAFE_INTEGER) ?? 1) : 0;
      if (restMs > 0) await clock.sleep(restMs);
    } while (clock.monotonic() < until);
    await this.#tell('the search index is being brought over');
    return false;
  }

  /** What nodes of an earlier release have written since is looked for once more. */
  async again(): Promise<void> {
    await this.#o.store.search.setSwept(this.#sweeper, 0);
  }

  async #endPass(): Promise<boolean> {
    const isDone = this.#written === 0;
    if (isDone) await this.#o.store.search.setSwept(this.#sweeper, this.#o.clock.now());
    else await this.#tell('the search index was brought over');
    this.#after = null;
    this.#looked = 0;
    this.#written = 0;
    return isDone;
  }

  async #tell(what: string): Promise<void> {
    if (this.#written === 0) return;
    const figures = { looked: this.#looked, written: this.#written, of: Math.max(this.#looked, await this.#o.store.search.size()) };
    for (const [state, count] of Object.entries(figures)) this.#o.telemetry.reindex.set({ state }, count);
    this.#o.logger.info(figures, what);
  }

  /** What is gone for good meanwhile is taken away. */
  async #bringOver(outdated: readonly IndexedRecord[]): Promise<void> {
    const { search, messages, threads } = this.#o.store;
    const places = await threads.byIds([...new Set(outdated.map(({ thread_id }) => thread_id))]);
    const indexed = outdated.filter(({ kind }) => kind === 'message');
    const found = await messages.byIds(indexed.map(({ id }) => id));
    const living = found.filter(({ deleted_at }) => deleted_at === null);
    const isLiving = new Set(living.map(({ id }) => id));
    const revs = new Map(found.map(({ id, rev }) => [id, rev]));
    const byId = new Map(places.map((thread) => [thread.id, thread]));
    const placed = living.flatMap((m) => {
      const thread = byId.get(m.thread_id);
      return thread ? [messageDocument(m, thread)] : [];
    });
    if (placed.length > 0) await search.index(placed);
    const gone = indexed.filter(({ id }) => !isLiving.has(id));
    const removals = gone.map((record) => ({
      ...record,
      rev: Math.max(record.rev, revs.get(record.id) ?? 0),
      scope_since: byId.get(record.thread_id)?.scope_since,
    }));
    if (removals.length > 0) await search.remove(removals);
    // Last, since it takes away what was written of a thread that was deleted meanwhile.
    await this.#index.settled(places.map((thread) => ({ thread, first: false })));
  }
}
