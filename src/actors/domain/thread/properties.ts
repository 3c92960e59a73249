import { nothingThere } from '../../../authority/decide.js';
import type { Thread } from '../../../protocol/resources.js';
import { headsRoom } from '../../../protocol/rooms.js';
import type { ThreadPatch, ThreadRecord } from '../../../store/contracts.js';
import { toThread } from '../../../store/resources.js';
import type { ActorContext, Message } from '../../runtime/actor.js';
import { type Access, communityAddress } from '../community/messages.js';
import type { DomainPorts } from '../ports.js';
import type { DeleteThread, Pin, UpdateThread } from './messages.js';
import type { ThreadNews } from './news.js';
import type { ThreadStandings } from './standings.js';
import type { ThreadViews } from './views.js';

/** So many toggles of the pin are told apart from their repeats. */
const mostPinActs = 50;

/** So long a closed thread that was deleted still says who could view it. */
const lastAudiencesMs = 10_000;

/** The thread itself, beside what is said in it, as people change and delete it. Each change is stored before it is told. */
export class ThreadProperties {
  readonly #pinActs = new Set<string>();

  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
    private readonly thread: () => ThreadRecord,
    /** This is stored now. */
    private readonly changed: (patch: ThreadPatch) => void,
    private readonly news: ThreadNews,
    private readonly standings: ThreadStandings,
    private readonly views: ThreadViews,
  ) {}

  async carryOut(access: Access, message: UpdateThread | Pin | DeleteThread): Promise<Thread | null> {
    switch (message.type) {
      case 'update':
        this.standings.authorise('update_thread', access);
        return this.#write(access, { ...message.patch, updated_at: this.context.clock.now() });
      case 'pin':
        this.standings.authorise('pin_thread', access);
        return this.#write(access, { is_pinned: this.#isToBePinned(message) });
      case 'delete_thread':
        this.standings.authorise('delete_thread', access);
        return this.#delete();
    }
  }

  /** It was deleted, by itself or with its community. Nodes still ask who may hear that a closed thread is gone. */
  end(): void {
    if (this.news.isClosed) this.context.tellSelfAfter(lastAudiencesMs, { type: 'ended' } as Message);
    else this.context.passivate();
  }

  #isToBePinned({ act, is_pinned }: Pin): boolean {
    const now = this.thread().is_pinned;
    const wanted = is_pinned ?? (this.#pinActs.has(act) ? now : !now);
    this.#pinActs.add(act);
    if (this.#pinActs.size > mostPinActs) this.#pinActs.delete(this.#pinActs.values().next().value as string);
    return wanted;
  }

  async #write(access: Access, patch: ThreadPatch): Promise<Thread> {
    const { id } = this.thread();
    const stored = await this.ports.store.threads.update(id, patch);
    if (!stored) throw nothingThere();
    this.changed(patch);
    this.news.tell('thread_updated', { thread: toThread(this.thread()) });
    this.ports.nudge.changed(id);
    return this.views.thread(access);
  }

  async #delete(): Promise<null> {
    const { id: thread_id, community_id } = this.thread();
    const deleted_at = this.context.clock.now();
    await this.ports.store.threads.update(thread_id, { deleted_at });
    this.changed({ deleted_at });
    this.news.tell('thread_deleted', { community_id, thread_id });
    this.news.tell('thread_deleted', { community_id, thread_id }, headsRoom(community_id));
    this.ports.fanout.close({ thread_id });
    this.ports.nudge.deleted({ thread_id });
    this.context.tell(communityAddress(community_id), { type: 'thread_deleted', thread_id } as Message);
    this.end();
    return null;
  }
}
