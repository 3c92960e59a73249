import type { Clock } from '../../kernel/clock.js';
import { firstIdAt } from '../../kernel/ids.js';
import type { Known, MessageRecord, MessageRepository, WriteOutcome } from '../contracts.js';
import { behind, copiesOf, copyOrNull, newestFirst } from './order.js';

interface Thread {
  bySeq: Map<number, MessageRecord>;
  byRev: Map<number, MessageRecord>;
  byNonce: Map<string, MessageRecord>;
}

const widestRange = 1_000;
const nonceKey = (author: string, nonce: string): string => `${author} ${nonce}`;

/** Messages under the same unique indexes as in the database: id, and by thread seq, rev and (author, nonce). */
export class MemoryMessages implements MessageRepository {
  readonly #clock: Clock;
  readonly #messages = new Map<string, MessageRecord>();
  readonly #changedAt = new Map<string, number>();
  readonly #threads = new Map<string, Thread>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async append(messages: readonly MessageRecord[]): Promise<WriteOutcome[]> {
    return messages.map((message) => this.#append(structuredClone(message)));
  }

  #append(message: MessageRecord): WriteOutcome {
    const thread = this.#thread(message.thread_id);
    const isTaken =
      this.#messages.has(message.id) ||
      thread.bySeq.has(message.seq) ||
      thread.byRev.has(message.rev) ||
      (message.nonce !== null && thread.byNonce.has(nonceKey(message.author, message.nonce)));
    if (isTaken) return 'taken';
    this.#put(message);
    return 'stored';
  }

  async change(changed: MessageRecord, ifRev: number): Promise<WriteOutcome> {
    const message = structuredClone(changed);
    const before = this.#messages.get(message.id);
    if (before?.rev !== ifRev) return 'stale';
    const thread = this.#thread(message.thread_id);
    const rival = thread.byRev.get(message.rev);
    if (rival && rival.id !== message.id) return 'taken';
    thread.byRev.delete(before.rev);
    if (before.nonce !== null) thread.byNonce.delete(nonceKey(before.author, before.nonce));
    this.#put(message);
    this.#changedAt.set(message.id, this.#clock.now());
    return 'stored';
  }

  async byId(id: string): Promise<MessageRecord | null> {
    return copyOrNull(this.#messages.get(id));
  }

  async byIds(ids: readonly string[]): Promise<MessageRecord[]> {
    return copiesOf(this.#messages, ids);
  }

  async byNonce(threadId: string, author: string, nonce: string): Promise<MessageRecord | null> {
    return copyOrNull(this.#thread(threadId).byNonce.get(nonceKey(author, nonce)));
  }

  async byNonces(threadId: string, pairs: readonly { author: string; nonce: string }[]): Promise<MessageRecord[]> {
    return copiesOf(
      this.#thread(threadId).byNonce,
      pairs.map(({ author, nonce }) => nonceKey(author, nonce)),
    );
  }

  async head(threadId: string): Promise<{ seq: number; rev: number }> {
    const { bySeq, byRev } = this.#thread(threadId);
    return { seq: highest(bySeq.keys()), rev: highest(byRev.keys()) };
  }

  async tail(threadId: string, limit: number): Promise<{ messages: MessageRecord[]; rev: number }> {
    const { seq, rev } = await this.head(threadId);
    const messages: MessageRecord[] = [];
    for (let to = seq + 1; to > 1 && messages.length < limit; to -= limit) {
      messages.unshift(...(await this.range(threadId, Math.max(1, to - limit), to)));
    }
    return { messages: messages.slice(-limit), rev };
  }

  async range(threadId: string, from: number, to: number): Promise<MessageRecord[]> {
    if (to - from > widestRange) throw new RangeError(`a range of messages is at most ${widestRange} wide`);
    const { bySeq } = this.#thread(threadId);
    const found: MessageRecord[] = [];
    for (let seq = from; seq < to; seq++) {
      const message = bySeq.get(seq);
      if (message) found.push(structuredClone(message));
    }
    return found;
  }

  async changedAfter(threadId: string, rev: number, limit: number): Promise<MessageRecord[]> {
    const { byRev } = this.#thread(threadId);
    return behind(
      byRev.values(),
      (a, b) => a.rev - b.rev,
      (message) => message.rev > rev,
      limit,
    );
  }

  async changedInThreads(threads: readonly { thread_id: string; rev: number }[], limit: number): Promise<MessageRecord[]> {
    const found: MessageRecord[] = [];
    for (const { thread_id, rev } of [...threads].sort((a, b) => (a.thread_id < b.thread_id ? -1 : 1))) {
      if (found.length < limit) found.push(...(await this.changedAfter(thread_id, rev, limit - found.length)));
    }
    return found;
  }

  async changedByOthersAfter(threadId: string, rev: number, known: Known, limit: number): Promise<MessageRecord[]> {
    const all = await this.changedAfter(threadId, rev, Number.MAX_SAFE_INTEGER);
    const { begunAt, epoch, head } = known;
    return all.filter((m) => m.rev <= begunAt || m.epoch < epoch || m.rev > head.rev || m.seq > head.seq).slice(0, limit);
  }

  async replies(threadId: string, messageId: string, afterSeq: number, limit: number): Promise<MessageRecord[]> {
    return behind(
      this.#thread(threadId).bySeq.values(),
      (a, b) => a.seq - b.seq,
      (message) => message.reply_to === messageId && message.seq > afterSeq,
      limit,
    );
  }

  async texts(ids: readonly string[]): Promise<Pick<MessageRecord, 'id' | 'thread_id' | 'rev' | 'content'>[]> {
    return copiesOf(this.#messages, ids)
      .filter(({ deleted_at }) => deleted_at === null)
      .map(({ id, thread_id, rev, content }) => ({ id, thread_id, rev, content }));
  }

  async *writtenBy(
    author: string,
    communities: readonly string[],
    { before, without = [] }: Parameters<MessageRepository['writtenBy']>[2],
  ): AsyncIterable<Pick<MessageRecord, 'id' | 'thread_id' | 'community_id' | 'created_at'>> {
    const hidden = new Set(without.map(({ id }) => id));
    const isMeant = (m: MessageRecord): boolean =>
      m.author === author &&
      m.deleted_at === null &&
      communities.includes(m.community_id) &&
      !hidden.has(m.thread_id) &&
      (!before || newestFirst(m, before) > 0);
    for (const { id, thread_id, community_id, created_at } of [...this.#messages.values()].filter(isMeant).sort(newestFirst)) {
      yield { id, thread_id, community_id, created_at };
    }
  }

  async countLive(threadId: string): Promise<number> {
    return [...this.#thread(threadId).bySeq.values()].filter((message) => message.deleted_at === null).length;
  }

  async countDeleted(threadId: string, { after, upTo }: { after: number; upTo: number }, most: number): Promise<number> {
    const deleted = [...this.#thread(threadId).bySeq.values()].filter(
      ({ deleted_at, seq }) => deleted_at !== null && seq > after && seq <= upTo,
    );
    return Math.min(most, deleted.length);
  }

  async newestLiving(threadId: string, below: number): Promise<Pick<MessageRecord, 'seq' | 'created_at'> | null> {
    let newest: MessageRecord | undefined;
    for (const message of this.#thread(threadId).bySeq.values()) {
      if (message.deleted_at === null && message.seq < below && message.seq > (newest?.seq ?? 0)) newest = message;
    }
    return newest ? { seq: newest.seq, created_at: newest.created_at } : null;
  }

  async seqAt(threadId: string, at: number): Promise<number> {
    const { bySeq } = this.#thread(threadId);
    let newest: MessageRecord | undefined;
    for (const message of bySeq.values()) {
      if (message.created_at <= at && message.created_at >= (newest?.created_at ?? 0)) newest = message;
    }
    let seq = newest?.seq ?? 0;
    for (let next = bySeq.get(seq + 1); seq > 0 && next && next.created_at <= at; next = bySeq.get(seq + 1)) seq = next.seq;
    return seq;
  }

  async *threadsChangedSince(ms: number): AsyncIterable<{ thread_id: string; rev: number }> {
    const revs = new Map<string, number>();
    const first = firstIdAt(ms);
    for (const { id, thread_id, rev } of this.#messages.values()) {
      const isChanged = id >= first || (this.#changedAt.get(id) ?? Number.NEGATIVE_INFINITY) >= ms;
      if (isChanged) revs.set(thread_id, Math.max(rev, revs.get(thread_id) ?? 0));
    }
    for (const [thread_id, rev] of revs) yield { thread_id, rev };
  }

  async purge(threadId: string, _limit: number): Promise<number> {
    const { bySeq } = this.#thread(threadId);
    for (const { id } of bySeq.values()) {
      this.#messages.delete(id);
      this.#changedAt.delete(id);
    }
    this.#threads.delete(threadId);
    return bySeq.size;
  }

  #put(message: MessageRecord): void {
    const thread = this.#thread(message.thread_id);
    this.#messages.set(message.id, message);
    thread.bySeq.set(message.seq, message);
    thread.byRev.set(message.rev, message);
    if (message.nonce !== null) thread.byNonce.set(nonceKey(message.author, message.nonce), message);
  }

  #thread(id: string): Thread {
    let thread = this.#threads.get(id);
    if (!thread) {
      thread = { bySeq: new Map(), byRev: new Map(), byNonce: new Map() };
      this.#threads.set(id, thread);
    }
    return thread;
  }
}

const highest = (numbers: Iterable<number>): number => {
  let most = 0;
  for (const number of numbers) most = Math.max(most, number);
  return most;
};
