import type { MessageRecord } from '../../../store/contracts.js';
import { toMessage } from '../../../store/resources.js';
import { reactionForm } from '../../../text/emoji.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { Access } from '../community/messages.js';
import { rings } from '../ports.js';
import type { Committed, Done, ThreadLog } from './log.js';
import { deleted, edited, reacted } from './message-policy.js';
import type { Delete, Edit, React } from './messages.js';
import type { ThreadNews } from './news.js';
import type { ThreadStandings } from './standings.js';

export type Alteration = Edit | Delete | React;

/** What becomes of messages that stand in the thread: edits, deletions, reactions. */
export class Alterations {
  /** Messages whose change is under way that tells, or told, somebody of itself. */
  readonly #ringing = new Set<string>();

  constructor(
    private readonly context: ActorContext,
    private readonly log: ThreadLog,
    private readonly news: ThreadNews,
    private readonly standings: ThreadStandings,
  ) {}

  /** Answers the running turn's ask once it is durable; whether they may is decided when it is its turn in the log. */
  begin(access: Access, message: Alteration): void {
    const next = (m: MessageRecord): MessageRecord | null => {
      this.standings.authorise('get_thread', access);
      const after = this.#changed(m, access, message);
      if (after && message.type !== 'react' && (rings(m) || rings(after))) this.#ringing.add(m.id);
      return after;
    };
    const reply = this.context.defer();
    const done: Done = (error, committed) => {
      this.#ringing.delete(message.message_id);
      if (error) return reply.reject(error);
      const { record, changed } = committed as Committed;
      if (changed) this.#show(record, message);
      reply.resolve({ message: toMessage(record, message.by) });
    };
    this.log.alter(message.message_id, next, done);
  }

  /** Whether a notification may come or go by the change of this message that has just become durable. */
  isRinging(messageId: string): boolean {
    return this.#ringing.has(messageId);
  }

  #changed(m: MessageRecord, access: Access, message: Alteration): MessageRecord | null {
    const now = this.context.clock.now();
    if (message.type === 'edit') return edited(m, access, message, now);
    if (message.type === 'delete') return deleted(m, access, now);
    return reacted(m, access, message.emoji, message.add, now);
  }

  #show(record: MessageRecord, by: Alteration): void {
    if (by.type === 'delete') this.news.publish('message_deleted', { message: toMessage(record) });
    else {
      const reaction = by.type === 'react' ? { reaction: { emoji: reactionForm(by.emoji), member_id: by.by, added: by.add } } : {};
      this.news.publish('message_updated', { message: toMessage(record), ...reaction });
    }
  }
}
