import { type Collection, MongoBulkWriteError, type UpdateFilter } from 'mongodb';
import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { Batcher } from '../batcher.js';
import type { MessageRecord, WriteOutcome } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { changesTo, oid, oids } from './fields.js';
import { changedFields, type MessageDocument, messageBytes, messageDocument, messageRecord } from './message-document.js';

interface Change {
  message: MessageRecord;
  ifRev: number;
}

export interface CommitParts {
  messages: Collection<MessageDocument>;
  bound: ReadBound;
  clock: Clock;
  telemetry: Telemetry;
  logger: Logger;
}

const duplicateKey = 11000;
/** Whether a record that was read is the one that was meant, whatever the order of its fields. */
const isSame = (record: MessageRecord | undefined, meant: MessageRecord): boolean =>
  record !== undefined && JSON.stringify(record) === JSON.stringify(messageRecord(messageDocument(meant)));

const most = { items: 1_000, bytes: 4_000_000, queued: 50_000 };
/** Two inserts at once would each be half as large, and cost the more. One that is stuck must not hold up everybody: some may be. */
const appends = { overlapMs: 100, inFlight: 4 };

/**
 * The one place where messages are written. A record is `stored` only when the server said so with the store's write concern,
 * or when it was read back as it was meant. A record that the server refused for another reason than a unique index is
 * `unknown`: the contract has no word for it, and who settles it will read that it is not there.
 */
export class MessageCommit {
  readonly #parts: CommitParts;
  readonly #appends: Batcher<MessageRecord, WriteOutcome>;
  readonly #changes: Batcher<Change, WriteOutcome>;
  /** When each append that has no outcome came, monotonic ms, oldest first. */
  readonly #waiting = new Set<{ readonly since: number }>();

  constructor(parts: CommitParts) {
    this.#parts = parts;
    this.#appends = new Batcher<MessageRecord, WriteOutcome>({
      run: (batch) => this.#writeAppends(batch),
      lost: 'unknown',
      bytes: messageBytes,
      overlapMs: appends.overlapMs,
      most: { ...most, inFlight: appends.inFlight },
    });
    this.#changes = new Batcher<Change, WriteOutcome>({
      run: (batch) => this.#writeChanges(batch),
      lost: 'unknown',
      bytes: (change) => messageBytes(change.message),
      // Two changes of one message in one unordered write could run in any order, and the count of matches could not be told apart.
      key: (change) => change.message.id,
      most: { ...most, inFlight: 1 },
    });
  }

  async append(messages: readonly MessageRecord[]): Promise<WriteOutcome[]> {
    const wait = { since: this.#parts.clock.monotonic() };
    this.#waiting.add(wait);
    try {
      return await this.#appends.add(messages);
    } finally {
      this.#waiting.delete(wait);
    }
  }

  /** How long the oldest append without an outcome has waited, in ms. */
  waitMs(): number {
    for (const { since } of this.#waiting) return this.#parts.clock.monotonic() - since;
    return 0;
  }

  async change(message: MessageRecord, ifRev: number): Promise<WriteOutcome> {
    return (await this.#changes.add([{ message, ifRev }]))[0]!;
  }

  async idle(): Promise<void> {
    await Promise.all([this.#appends.idle(), this.#changes.idle()]);
  }

  async #writeAppends(batch: readonly MessageRecord[]): Promise<WriteOutcome[]> {
    const { messages, clock, telemetry } = this.#parts;
    const started = clock.monotonic();
    telemetry.commitBatch.observe(batch.length);
    try {
      const result = await messages.insertMany(batch.map(messageDocument), { ordered: false });
      if (result.insertedCount === batch.length) return batch.map(() => 'stored');
      return await this.#lookForAppends(batch, new Map());
    } catch (error) {
      const refused = this.#refusals(error, 'append');
      if (!refused) return batch.map(() => 'unknown');
      const { insertedCount } = error as MongoBulkWriteError;
      if (insertedCount === batch.length - refused.size) return batch.map((_, at) => refused.get(at) ?? 'stored');
      return await this.#lookForAppends(batch, refused);
    } finally {
      telemetry.commitSeconds.observe((clock.monotonic() - started) / 1000);
    }
  }

  /** The server answered, but not for everyone: reads which of the others are there. */
  async #lookForAppends(batch: readonly MessageRecord[], known: Map<number, WriteOutcome>): Promise<WriteOutcome[]> {
    const stored = await this.#readBack(batch.filter((_, at) => !known.has(at)));
    return batch.map((message, at) => known.get(at) ?? (isSame(stored.get(message.id), message) ? 'stored' : 'unknown'));
  }

  async #writeChanges(batch: readonly Change[]): Promise<WriteOutcome[]> {
    const { messages, clock } = this.#parts;
    const now = clock.now();
    const operations = batch.map(({ message, ifRev }) => ({
      updateOne: {
        filter: { _id: oid(message.id), rev: ifRev },
        update: changesTo(changedFields(message, now)) as UpdateFilter<MessageDocument>,
      },
    }));
    let refused = new Map<number, WriteOutcome>();
    let matched: number;
    try {
      matched = (await messages.bulkWrite(operations, { ordered: false })).matchedCount;
    } catch (error) {
      const refusals = this.#refusals(error, 'change');
      if (!refusals) return batch.map(() => 'unknown');
      refused = refusals;
      matched = (error as MongoBulkWriteError).matchedCount;
    }
    const unmatched = batch.length - refused.size - matched;
    if (unmatched === 0) return batch.map((_, at) => refused.get(at) ?? 'stored');
    if (matched === 0) return batch.map((_, at) => refused.get(at) ?? 'stale');
    return this.#tellChanges(batch, refused, unmatched);
  }

  /**
   * The server says how many changes found their record, not which: the records tell. One that carries a later rev than ours
   * may have been changed by us and then by another owner, or by the other alone; where the counts settle it, they do.
   */
  async #tellChanges(batch: readonly Change[], refused: Map<number, WriteOutcome>, unmatched: number): Promise<WriteOutcome[]> {
    const now = await this.#readBack(batch.filter((_, at) => !refused.has(at)).map((change) => change.message));
    const outcomes = batch.map(({ message }, at): WriteOutcome => {
      const known = refused.get(at);
      if (known) return known;
      const record = now.get(message.id);
      if (!record || record.rev < message.rev) return 'stale';
      if (record.rev > message.rev) return 'unknown';
      return isSame(record, message) ? 'stored' : 'stale';
    });
    const stale = outcomes.filter((outcome) => outcome === 'stale').length;
    const open = outcomes.filter((outcome, at) => outcome === 'unknown' && !refused.has(at)).length;
    if (open > 0 && (stale + open === unmatched || stale === unmatched)) {
      const settled = stale === unmatched ? 'stored' : 'stale';
      return outcomes.map((outcome, at) => (outcome === 'unknown' && !refused.has(at) ? settled : outcome));
    }
    return outcomes;
  }

  async #readBack(messages: readonly MessageRecord[]): Promise<Map<string, MessageRecord>> {
    const found = await this.#parts.messages
      .find({ _id: { $in: oids(messages.map((message) => message.id)) } }, this.#parts.bound)
      .toArray();
    return new Map(found.map((document) => [document._id.toHexString(), messageRecord(document)]));
  }

  /**
   * Outcomes by position of what the server refused; undefined when nothing can be told of any record: no answer, or an
   * answer without the durability that was asked for.
   */
  #refusals(error: unknown, what: 'append' | 'change'): Map<number, WriteOutcome> | undefined {
    const answered = error instanceof MongoBulkWriteError && !error.result.getWriteConcernError();
    const failures = answered ? error.result.getWriteErrors() : [];
    const odd = failures.find((failure) => failure.code !== duplicateKey);
    if (failures.length === 0 || odd) this.#parts.logger.warn({ err: odd ?? error, what }, 'a write of messages went wrong');
    if (failures.length === 0) return undefined;
    return new Map(failures.map((failure) => [failure.index, failure.code === duplicateKey ? 'taken' : 'unknown']));
  }
}
