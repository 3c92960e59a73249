import type { ActorContext } from '../../runtime/actor.js';
import type { Access } from '../community/messages.js';
import { hasUntold, userAddress } from '../user/messages.js';
import type { ThreadLog } from './log.js';
import type { MarkRead } from './messages.js';
import type { ThreadNews } from './news.js';
import type { ReadCursors } from './read-cursors.js';
import type { ThreadStandings } from './standings.js';

/** A member who goes on reading is hinted at so often: their actor looks no earlier for what was marked. */
const hintMs = 2_000;
/** Members whose hints are remembered. */
const mostHinted = 2_000;

/** People say how far they have read. */
export class ReadMarks {
  /** When a member's actor was hinted at last, monotonic ms. */
  readonly #hinted = new Map<string, number>();

  constructor(
    private readonly context: ActorContext,
    private readonly log: Pick<ThreadLog, 'head'>,
    private readonly reads: ReadCursors,
    private readonly news: ThreadNews,
    private readonly standings: ThreadStandings,
  ) {}

  /** Answers the running turn's ask once it is stored. Nobody has read beyond the head. */
  begin(access: Access, { by, seq }: MarkRead): void {
    this.standings.authorise('mark_read', access);
    const reply = this.context.defer();
    const upTo = Math.min(seq, this.log.head.seq);
    this.reads.mark(by, upTo, access.unread_since).then(
      (cursor) => {
        if (cursor.moved) {
          const at = new Date(this.context.clock.now()).toISOString();
          this.news.publish('read_receipt', { thread_id: this.context.address.key, member_id: by, seq: cursor.seq, at });
        }
        if (cursor.isTold) this.#hint(by);
        reply.resolve({ read_seq: cursor.seq });
      },
      (error) => reply.reject(error),
    );
  }

  #hint(memberId: string): void {
    const now = this.context.clock.monotonic();
    if (now < (this.#hinted.get(memberId) ?? Number.NEGATIVE_INFINITY) + hintMs) return;
    this.#hinted.delete(memberId);
    this.#hinted.set(memberId, now);
    if (this.#hinted.size > mostHinted) this.#hinted.delete(this.#hinted.keys().next().value as string);
    this.context.tell(userAddress(memberId), hasUntold('read'));
  }
}
