import { rings } from '../actors/domain/ports.js';
import type { Notify } from '../actors/domain/user/messages.js';
import { userAddress } from '../actors/domain/user/messages.js';
import type { ActorSystem } from '../actors/runtime/actor.js';
import type { Clock } from '../kernel/clock.js';
import { newId } from '../kernel/ids.js';
import type { MessageRecord, NotificationRecord, Store } from '../store/contracts.js';
import { toNotification } from '../store/resources.js';
import type { Changes, Follower } from './visit.js';

/** Older messages concern nobody any more: imported history rings no bells. */
const freshMs = 24 * 3_600_000;

/** Who a message is about: those it mentions, else the author of what it replies to; never its own author. */
interface Concerned {
  message: MessageRecord;
  member_id: string;
  kind: NotificationRecord['kind'];
}

/**
 * Tells members that they were mentioned or answered, when they belong to the community. Stored once for one (member,
 * message, kind) whatever is repeated, then told to the member's devices; a crash between the two loses the ringing, not
 * the notification.
 */
export class Notifier implements Follower {
  readonly consumer = 'notify';

  constructor(
    private readonly store: Pick<Store, 'messages' | 'memberships' | 'notifications'>,
    private readonly actors: Pick<ActorSystem, 'tell'>,
    private readonly clock: Clock,
  ) {}

  async follow(changes: readonly Changes[]): Promise<void> {
    const since = this.clock.now() - freshMs;
    const messages = changes.flatMap((c) => c.messages).filter((m) => rings(m) && m.created_at >= since);
    const concerned = await this.#members(await this.#concerned(messages));
    if (concerned.length === 0) return;
    const now = this.clock.now();
    const stored = await this.store.notifications.insert(
      concerned.map(({ message, member_id, kind }) => ({
        id: newId(now),
        member_id,
        kind,
        community_id: message.community_id,
        thread_id: message.thread_id,
        message_id: message.id,
        seq: message.seq,
        actor: message.author,
        created_at: now,
        read_at: null,
      })),
    );
    for (const record of stored) {
      const notify: Notify = { type: 'notify', notification: toNotification(record) };
      this.actors.tell(userAddress(record.member_id), notify);
    }
  }

  async #concerned(messages: readonly MessageRecord[]): Promise<Concerned[]> {
    const repliedTo = [...new Set(messages.flatMap((m) => m.reply_to ?? []))];
    const originals = repliedTo.length === 0 ? [] : await this.store.messages.byIds(repliedTo);
    const authors = new Map(originals.filter((m) => m.deleted_at === null).map((m) => [m.id, m.author]));
    return messages.flatMap((message) => {
      const kinds = new Map<string, NotificationRecord['kind']>();
      const answered = message.reply_to === null ? undefined : authors.get(message.reply_to);
      if (answered !== undefined) kinds.set(answered, 'reply');
      for (const member of message.mentions) kinds.set(member, 'mention');
      kinds.delete(message.author);
      return [...kinds].map(([member_id, kind]) => ({ message, member_id, kind }));
    });
  }

  /** Those who belong to the community: nobody learns of what they may not see, nor is rung by strangers. */
  async #members(concerned: readonly Concerned[]): Promise<Concerned[]> {
    const standing = new Map<string, Promise<boolean>>();
    const belongs = (community: string, member: string): Promise<boolean> => {
      const key = `${community}/${member}`;
      let known = standing.get(key);
      if (!known) {
        known = this.store.memberships.get(community, member).then((m) => m?.state === 'active');
        standing.set(key, known);
      }
      return known;
    };
    const kept = await Promise.all(concerned.map((c) => belongs(c.message.community_id, c.member_id)));
    return concerned.filter((_, i) => kept[i]);
  }
}
