import { authorise } from '../../../authority/authorise.js';
import { refusalOf } from '../../../authority/decide.js';
import { rules } from '../../../authority/rules.js';
import { bounds } from '../../../protocol/primitives.js';
import type { Message as MessageResource, Thread } from '../../../protocol/resources.js';
import type { MessageRecord, MessageRepository, ThreadRecord } from '../../../store/contracts.js';
import { toMessage, toThread } from '../../../store/resources.js';
import { unreadAfter } from '../../../store/unread.js';
import type { ReplyOf } from '../../runtime/actor.js';
import type { Access } from '../community/messages.js';
import type { ThreadLog } from './log.js';
import type { GetThread, Open, Sync } from './messages.js';
import type { ReadCursors } from './read-cursors.js';

const pageLength = 50;

interface SyncedPage {
  messages: MessageResource[];
  head_rev: number;
  complete: boolean;
}

/**
 * What people look at. Turns may come between: the head is taken first and what it stands for is read after, so that an answer
 * holds at least what its head says.
 */
export class ThreadViews {
  constructor(
    private readonly record: () => ThreadRecord,
    private readonly log: ThreadLog,
    private readonly messages: MessageRepository,
    private readonly reads: ReadCursors,
    private readonly now: () => number,
  ) {}

  show(access: Access, message: Open | Sync | GetThread): Promise<unknown> {
    authorise(rules[ruleOf[message.type]], access, access, this.now());
    switch (message.type) {
      case 'open':
        return this.#open(access, message);
      case 'sync':
        return this.#changes(access, message.after_rev);
      case 'get':
        return this.thread(access);
    }
  }

  /** The thread as its reader sees it. */
  async thread(access: Access): Promise<Thread> {
    if (access.role === null) return toThread(this.record());
    const read_seq = await this.reads.of(access.member_id, access.unread_since);
    const record = this.record();
    return toThread(record, { read_seq, unread_count: await unreadAfter(this.#deleted, record, read_seq) });
  }

  /** Counted in memory as far as that reaches. */
  readonly #deleted: Pick<MessageRepository, 'countDeleted'> = {
    countDeleted: async (threadId, place, most) =>
      this.log.window.countDeleted(place.after, place.upTo) ?? this.messages.countDeleted(threadId, place, most),
  };

  async #open(access: Access, { after_rev }: Open): Promise<ReplyOf<Open>> {
    const { seq } = this.log.head;
    // Who may not read what was said hears what is said from now on.
    if (refusalOf(access, 'read_history', this.now())) {
      return { thread: await this.thread(access), last_seq: seq, messages: [], head_rev: this.log.head.rev, complete: true };
    }
    const page = after_rev === undefined ? await this.#newest(access) : await this.#changes(access, after_rev);
    const shown = { thread: await this.thread(access), last_seq: seq, ...page };
    return shown;
  }

  async #newest(access: Access): Promise<SyncedPage> {
    const { window, head } = this.log;
    const page = window.newest(pageLength);
    const from = Math.max(1, head.seq - pageLength + 1);
    const isWhole = page.length === head.seq - from + 1;
    const newest = isWhole ? page : await this.messages.range(this.record().id, from, head.seq + 1);
    return { messages: shown(newest, access), head_rev: head.rev, complete: true };
  }

  async #changes(access: Access, afterRev: number): Promise<SyncedPage> {
    const { rev } = this.log.head;
    const page = await this.log.changedAfter(afterRev, bounds.syncPage);
    const complete = page.length < bounds.syncPage || page.at(-1)?.rev === rev;
    return { messages: shown(page, access), head_rev: rev, complete };
  }
}

const ruleOf = { open: 'join_thread', sync: 'sync_thread', get: 'get_thread' } as const;

const shown = (page: readonly MessageRecord[], access: Access): MessageResource[] => page.map((m) => toMessage(m, access.member_id));
