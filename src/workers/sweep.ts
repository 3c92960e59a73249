import type { Clock } from '../kernel/clock.js';
import type { Consumer, Mark, Store } from '../store/contracts.js';
import { backlogLimit } from './queues.js';

/** Where work is announced. */
export interface Backlog {
  readonly consumer: Consumer;
  /** Whether a thread is to be worked off anew after it was closed or opened. */
  readonly heedsScopes?: boolean;
  /** Jobs that wait. */
  waiting(): Promise<number>;
  announce(threadIds: readonly string[]): Promise<void>;
}

/** Threads that are compared at once. */
const batch = 500;
/** Ms of work after which it rests. */
const stretchMs = 10;
/** With more jobs waiting than this there is work enough: the sweep comes back later. */
const enough = 10;

/**
 * Finds the threads that are ahead of a consumer although nobody said so, and announces them. `reach`: how far behind the
 * last sweep to look, in ms (clocks differ between processes, and jobs may have been lost since). It reads every message of that
 * time, so it rests in between.
 */
export class Sweep {
  constructor(
    private readonly store: Pick<Store, 'messages' | 'search' | 'threads'>,
    private readonly backlogs: readonly Backlog[],
    private readonly clock: Clock,
    /** Rests so many times as long as it worked; asked before each rest, with the ms that it looks back. */
    private readonly rest: (ageMs: number) => number = () => 1,
  ) {}

  /** How many threads were announced, each once for each consumer. */
  async run(reach: number): Promise<number> {
    const begun = this.clock.now();
    const due: Backlog[] = [];
    let since = Number.POSITIVE_INFINITY;
    for (const backlog of this.backlogs) {
      if ((await backlog.waiting()) > enough) continue;
      due.push(backlog);
      since = Math.min(since, (await this.store.search.swept(backlog.consumer)) - reach);
    }
    if (due.length === 0) return 0;
    let found = 0;
    let heads = new Map<string, Mark>();
    const compare = async (): Promise<boolean> => {
      for (const backlog of due) found += await this.#compare(backlog, heads);
      heads = new Map();
      for (const backlog of due) if ((await backlog.waiting()) >= backlogLimit) return false;
      return true;
    };
    let workedSince = this.clock.monotonic();
    for await (const { thread_id, rev, scope_since } of this.#movedSince(Math.max(0, since))) {
      const known = heads.get(thread_id) ?? { rev: 0, scope_since: 0 };
      heads.set(thread_id, { rev: Math.max(rev, known.rev), scope_since: Math.max(scope_since, known.scope_since) });
      // No room: the next sweep begins where this one did.
      if (heads.size >= batch && !(await compare())) return found;
      const workedMs = this.clock.monotonic() - workedSince;
      if (workedMs < stretchMs) continue;
      await this.clock.sleep(workedMs * this.rest(begun - since));
      workedSince = this.clock.monotonic();
    }
    if (heads.size > 0 && !(await compare())) return found;
    for (const backlog of due) await this.store.search.setSwept(backlog.consumer, begun);
    return found;
  }

  /** Threads in which something was said or changed, and those that were closed or opened. */
  async *#movedSince(ms: number): AsyncIterable<Mark & { thread_id: string }> {
    for await (const { thread_id, rev } of this.store.messages.threadsChangedSince(ms)) yield { thread_id, rev, scope_since: 0 };
    for await (const { thread_id, head_rev, scope_since } of this.store.threads.rescopedSince(ms)) {
      yield { thread_id, rev: head_rev, scope_since };
    }
  }

  async #compare(backlog: Backlog, heads: ReadonlyMap<string, Mark>): Promise<number> {
    const done = await this.store.search.progress(backlog.consumer, [...heads.keys()]);
    const isBehind = (id: string, { rev, scope_since }: Mark): boolean => {
      const mark = done.get(id) ?? { rev: 0, scope_since: 0 };
      return rev > mark.rev || (backlog.heedsScopes === true && scope_since > mark.scope_since);
    };
    const behind = [...heads].filter(([id, head]) => isBehind(id, head)).map(([id]) => id);
    if (behind.length > 0) await backlog.announce(behind);
    return behind.length;
  }
}
