import type { ActorContext } from '../../runtime/actor.js';
import type { Access } from '../community/messages.js';
import type { ThreadLog } from './log.js';
import type { MarkRead } from './messages.js';
import type { ThreadNews } from './news.js';
import type { ReadCursors } from './read-cursors.js';
import type { ThreadStandings } from './standings.js';

/** People say how far they have read. */
export class ReadMarks {
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
        reply.resolve({ read_seq: cursor.seq });
      },
      (error) => reply.reject(error),
    );
  }
}
