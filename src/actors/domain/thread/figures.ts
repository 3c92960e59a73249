import type { MessageRecord, MessageRepository, ThreadRecord } from '../../../store/contracts.js';
import type { ThreadLog } from './log.js';

/**
 * The figures of a thread that follow from its messages: where its head is, how many messages are there, when something
 * was last said. What a change does to them is worked out from memory; where memory does not reach, it is owed, and
 * read from the store before the figures are next written down.
 */
export class ThreadFigures {
  /** The newest message that is still there lies further back than memory does. */
  #isActivityOwed = false;
  /** Others have written: how many messages are there is not known. */
  #isCountOwed = false;

  constructor(
    private readonly log: Pick<ThreadLog, 'head' | 'window' | 'isWriting'>,
    private readonly messages: Pick<MessageRepository, 'countLive' | 'newestLiving'>,
  ) {}

  get areOwed(): boolean {
    return this.#isActivityOwed || this.#isCountOwed;
  }

  /** After a change that became durable. */
  after(record: ThreadRecord, changed: MessageRecord, kind: 'create' | 'alter'): ThreadRecord {
    if (kind === 'create') {
      const { seq: last_seq, rev: head_rev } = this.log.head;
      const last_activity = Math.max(record.last_activity, changed.created_at);
      return { ...record, last_seq, head_rev, last_activity, message_count: record.message_count + 1 };
    }
    const now = this.#withHead(record);
    if (changed.deleted_at === null) return now;
    const message_count = Math.max(0, now.message_count - 1);
    if (changed.created_at < now.last_activity) return { ...now, message_count };
    const last_activity = this.#latest(now);
    if (last_activity === undefined) this.#isActivityOwed = true;
    return { ...now, message_count, last_activity: last_activity ?? now.last_activity };
  }

  /** After others have written: the head is known, the rest is owed. */
  overtaken(record: ThreadRecord): ThreadRecord {
    this.#isActivityOwed = true;
    this.#isCountOwed = true;
    return this.#withHead(record);
  }

  /**
   * What is owed, as far as no write is under way that would be counted twice. In a turn. Rejects when the store does
   * not answer.
   */
  async settled(record: ThreadRecord): Promise<ThreadRecord> {
    let { message_count, last_activity } = record;
    if (this.#isActivityOwed) last_activity = this.#latest(record) ?? (await this.#latestStored(record));
    this.#isActivityOwed = false;
    if (this.#isCountOwed && !this.log.isWriting) {
      message_count = await this.messages.countLive(record.id);
      this.#isCountOwed = false;
    }
    return { ...record, message_count, last_activity };
  }

  #withHead(record: ThreadRecord): ThreadRecord {
    const { seq, rev } = this.log.head;
    return { ...record, last_seq: seq, head_rev: rev };
  }

  /**
   * When something was last said that is still there, else when the thread was begun; undefined where memory does not
   * tell.
   */
  #latest({ created_at, floor_seq }: ThreadRecord): number | undefined {
    const { window } = this.log;
    const living = window.newest(window.size).filter(({ deleted_at }) => deleted_at === null);
    if (living.length > 0) return living.reduce((latest, message) => Math.max(latest, message.created_at), created_at);
    return window.size === 0 || window.firstSeq <= floor_seq + 1 ? created_at : undefined;
  }

  async #latestStored({ id, created_at }: ThreadRecord): Promise<number> {
    const newest = await this.messages.newestLiving(id, this.log.window.firstSeq);
    return Math.max(created_at, newest?.created_at ?? 0);
  }
}
