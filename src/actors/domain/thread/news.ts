import { isClosedThread } from '../../../authority/closure.js';
import type { EventPayload, ServerEventName } from '../../../protocol/events.js';
import { communityRoom, threadRoom } from '../../../protocol/rooms.js';
import type { ThreadRecord } from '../../../store/contracts.js';
import { toThread } from '../../../store/resources.js';
import type { Access } from '../community/messages.js';
import type { DomainPorts, PublishOptions, Recheck } from '../ports.js';
import { whomViewChangedFor } from './view-changes.js';

/** What one thread tells: to its own room, to its community's, and to nodes that have to decide anew who may hear of it. */
export class ThreadNews {
  constructor(
    private readonly ports: Pick<DomainPorts, 'fanout' | 'nudge'>,
    private readonly thread: () => ThreadRecord,
  ) {}

  /** Not every member of its community may view it. */
  get isClosed(): boolean {
    return isClosedThread(this.thread());
  }

  /** To the thread's room: nobody is in it who may not view the thread (see `recheck`). */
  publish<E extends ServerEventName>(event: E, payload: EventPayload<E>, options?: PublishOptions): void {
    this.ports.fanout.publish(threadRoom(this.thread().id), event, payload, options);
  }

  /** To the community's room; of a closed thread to those there alone who may view it. */
  tell<E extends ServerEventName>(event: E, payload: EventPayload<E>, room = communityRoom(this.thread().community_id)): void {
    const options = this.isClosed ? { audience: this.thread().id } : {};
    this.ports.fanout.publish(room, event, payload, options);
  }

  /** Whoever is no member any more hears nothing that is published from here on; in a closed thread everybody is decided anew. */
  accessChanged({ member_id, role, access_rev }: Access): void {
    const { id, community_id } = this.thread();
    if (role === null) this.ports.fanout.evict(member_id, community_id, { threadId: id });
    else if (this.isClosed) this.#recheck({ member_id, access_rev });
  }

  /** How everybody stands may be another. */
  accessChangedForAll(): void {
    if (this.isClosed) this.#recheck({ access_rev: 0 });
  }

  /**
   * Its overrides are others than before. Who may view it may have changed: of them it is decided anew, before anything is published that
   * comes after. That costs each connection of those whom it is about, so of whom nothing has changed nothing is asked.
   */
  overridden(before: Pick<ThreadRecord, 'overrides'>): void {
    const { id, overrides } = this.thread();
    const [wasClosed, isClosed] = [isClosedThread(before), this.isClosed];
    if (!wasClosed && !isClosed) return;
    const turned = wasClosed !== isClosed;
    const whom = turned ? 'everybody' : whomViewChangedFor(before.overrides, overrides);
    if (whom === 'everybody') this.#recheck({ access_rev: 0, ...(!wasClosed && { was_open: true }) });
    else for (const member_id of whom) this.#recheck({ member_id, access_rev: 0 });
    if (turned) this.ports.nudge.changed(id);
    // What has rung for those who may not view it any more goes.
    if (isClosed) this.ports.nudge.deleted({ thread_id: id });
  }

  #recheck(whom: Pick<Recheck, 'member_id' | 'access_rev' | 'was_open'>): void {
    const thread = this.thread();
    this.ports.fanout.recheck({ community_id: thread.community_id, thread_id: thread.id, thread: toThread(thread), ...whom });
  }
}
