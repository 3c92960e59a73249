import { LRUCache } from 'lru-cache';
import { answeredBy, causeOf, fallen, viewing } from '../actors/domain/concern.js';
import { rings } from '../actors/domain/ports.js';
import { wantedOf } from '../actors/domain/silence.js';
import type { Notify } from '../actors/domain/user/messages.js';
import { hasUntold, userAddress } from '../actors/domain/user/messages.js';
import type { ActorSystem } from '../actors/runtime/actor.js';
import type { Clock } from '../kernel/clock.js';
import { newId } from '../kernel/ids.js';
import { entriesAtMost } from '../kernel/lazy-bound.js';
import type { MessageRecord, NotificationRecord, Store, ThreadRecord } from '../store/contracts.js';
import { toNotification } from '../store/resources.js';
import { type Cause, isAltered, messageCause, openingCause, openingState } from './causes.js';
import type { Changes, Follower } from './visit.js';

/** What is older concerns nobody any more: imported history rings no bells. */
const freshMs = 24 * 3_600_000;
/** What keeps changing while it is looked at is left to the visit that its changes bring. */
const attempts = 5;

/**
 * Tells members that they were mentioned or answered, when they belong to the community and may view the thread, and
 * takes it back when that does not hold any more. Stored once for one (member, cause, kind) whatever is repeated, then
 * told to the member's devices; a crash between the two loses the ringing, not the notification.
 *
 * Another worker may be at the same thread with a later state. So after each write it looks whether that still follows.
 */
export class Notifier implements Follower {
  readonly consumer = 'notify';
  /** In which state this process saw to a thread's opening text last, to spare looking at it with every message. */
  readonly #openings = new LRUCache<string, string>(entriesAtMost(20_000));

  constructor(
    private readonly store: Pick<Store, 'messages' | 'threads' | 'communities' | 'memberships' | 'notifications' | 'ledgers'>,
    private readonly actors: Pick<ActorSystem, 'tell'>,
    private readonly clock: Clock,
  ) {}

  async follow(changes: readonly Changes[]): Promise<void> {
    const since = this.clock.now() - freshMs;
    const messages = changes.flatMap((c) => c.messages).filter((m) => isAltered(m) || (rings(m) && m.created_at >= since));
    const causes = await this.#causes(
      messages,
      changes.map(({ thread }) => thread),
    );
    await this.#bringLevel(causes, async (ids) => {
      const now = await this.store.messages.byIds(ids);
      return this.#causes(now, await this.store.threads.byIds([...new Set(now.map(({ thread_id }) => thread_id))]));
    });
  }

  /** Opening texts: of each its first sight, and every change. */
  async settled(visited: readonly { thread: ThreadRecord }[]): Promise<void> {
    const causes = visited.flatMap(({ thread }) => (this.#openings.get(thread.id) === openingState(thread) ? [] : [openingCause(thread)]));
    await this.#bringLevel(causes, async (ids) => (await this.store.threads.byIds(ids)).map(openingCause));
    for (const { id, state } of causes) this.#openings.set(id, state);
  }

  async #causes(messages: readonly MessageRecord[], threads: readonly ThreadRecord[]): Promise<Cause[]> {
    const answered = await answeredBy(this.store, messages);
    const byId = new Map(threads.map((thread) => [thread.id, thread]));
    return messages.map((m) => messageCause(m, answered(m), byId.get(m.thread_id)));
  }

  /** Brings the notifications of these causes level with them, and tells whoever has a new one. */
  async #bringLevel(causes: readonly Cause[], reread: (ids: readonly string[]) => Promise<Cause[]>): Promise<void> {
    const told = new Map<string, NotificationRecord>();
    let due = causes.filter(({ concerned, isChanged }) => isChanged || concerned.size > 0);
    for (let attempt = 0; due.length > 0 && attempt < attempts; attempt++) {
      const byId = new Map(due.map((cause) => [cause.id, cause]));
      const held = await this.store.notifications.causedBy(due.filter(({ isChanged }) => isChanged).map(({ id }) => id));
      const gone = held.filter((n) => byId.get(causeOf(n))?.concerned.get(n.member_id) !== n.kind);
      const added = await this.#add(due, new Set(held.map(keyOf)));
      for (const one of added) told.set(one.id, one);
      gone.push(...(await fallen(this.store, added)));
      if (gone.length === 0) break;
      await this.store.notifications.remove(gone.map(({ id }) => id));
      for (const { id } of gone) told.delete(id);
      for (const id of new Set(gone.map(({ member_id }) => member_id))) this.actors.tell(userAddress(id), hasUntold('notification'));
      // What was taken away may follow again by now, and whoever saw that found it there still.
      const now = await reread([...new Set(gone.map(causeOf))]);
      due = now.filter(({ id, state }) => state !== byId.get(id)?.state).map((cause) => ({ ...cause, isChanged: true }));
    }
    for (const one of told.values()) {
      const notify: Notify = { type: 'notify', notification: toNotification(one) };
      this.actors.tell(userAddress(one.member_id), notify);
    }
  }

  /**
   * For members of the community who may view the thread and want to hear of it: nobody learns of what they may not see, nor is rung by
   * strangers. What somebody wants to hear is read once, for those few, before it is stored: a level that changes later takes back and
   * brings back nothing. Answers the new ones.
   */
  async #add(causes: readonly Cause[], held: ReadonlySet<string>): Promise<NotificationRecord[]> {
    const now = this.clock.now();
    const wanted = causes
      .filter(({ saidAt }) => saidAt >= now - freshMs)
      .flatMap(({ about, concerned, thread }) =>
        [...concerned].map(([member_id, kind]) => ({
          thread,
          one: { ...about, id: newId(now), member_id, kind, created_at: now, read_at: null },
        })),
      )
      .filter(({ one }) => !held.has(keyOf(one)));
    const views = viewing(this.store);
    const mayView = await Promise.all(wanted.map(({ thread, one }) => thread !== undefined && views(thread, one.member_id)));
    const members = wanted.flatMap(({ one }, at) => (mayView[at] ? [one] : []));
    const told = await wantedOf(this.store, members, now);
    return told.length === 0 ? [] : this.store.notifications.insert(told);
  }
}

const keyOf = (n: NotificationRecord): string => `${n.member_id} ${causeOf(n)} ${n.kind}`;
