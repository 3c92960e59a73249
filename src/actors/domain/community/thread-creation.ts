import { authorise } from '../../../authority/authorise.js';
import { rules } from '../../../authority/rules.js';
import { Fault } from '../../../kernel/errors.js';
import type { Thread } from '../../../protocol/resources.js';
import { communityRoom } from '../../../protocol/rooms.js';
import type { ThreadRecord } from '../../../store/contracts.js';
import { toThread } from '../../../store/resources.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import { privately } from '../thread/override-policy.js';
import type { Access, CreateThread } from './messages.js';
import type { Standings } from './standings.js';
import type { ThreadItems } from './thread-items.js';

/** So long a thread that is made waits for the ledger before it is answered. */
const patienceMs = 2_000;

/** How threads of one community begin, open or closed. */
export class ThreadCreation {
  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
    private readonly standings: Pick<Standings, 'access'>,
    private readonly items: Pick<ThreadItems, 'copy'>,
  ) {}

  /**
   * Stored when it resolves, then told: of a closed one to those who may view it. The same again answers what there is.
   */
  async carryOut(by: Access, message: CreateThread): Promise<Thread | undefined> {
    const now = this.context.clock.now();
    authorise(message.is_private ? rules.create_closed_thread : rules.create_thread, by, by, now);
    const before = await this.ports.store.threads.byId(message.thread_id);
    if (before) {
      if (before.community_id !== this.#id || before.created_by !== by.member_id) throw new Fault('conflict', 'This id is taken');
      return toThread(before, { read_seq: 0, unread_count: before.message_count });
    }
    const record = await this.#record(by.member_id, message, now);
    await this.ports.store.threads.insert(record);
    const thread = toThread(record);
    this.ports.fanout.publish(communityRoom(this.#id), 'new_thread', { thread }, thread.is_closed ? { audience: thread.id } : {});
    this.ports.nudge.changed(record.id);
    const answer = toThread(record, { read_seq: 0, unread_count: 0 });
    return thread.is_closed ? answer : this.#copied(answer, by.member_id);
  }

  /** It is made, and answered when the ledger shows it, or soon: then that is made up for. */
  async #copied(thread: Thread, by: string): Promise<undefined> {
    const { context } = this;
    const reply = context.defer<Thread>();
    const timer = context.clock.after(patienceMs, () => reply.resolve(thread));
    await this.items
      .copy(thread.id, { by, operation: 'create_thread' })
      .catch((error: unknown) => context.logger.info({ err: error }, 'a new thread is still to be copied into the ledger'));
    timer.cancel();
    reply.resolve(thread);
  }

  get #id(): string {
    return this.context.address.key;
  }

  async #record(created_by: string, message: CreateThread, now: number): Promise<ThreadRecord> {
    const { thread_id: id, title, content, tags, mentions, mention_names, is_private = false, member_ids = [] } = message;
    const people = is_private && { overrides: privately(this.#id, await this.#membersAmong([created_by, ...member_ids])) };
    const figures = { message_count: 0, last_seq: 0, head_rev: 0, floor_seq: 0, floor_rev: 0 };
    const dates = { created_at: now, updated_at: now, last_activity: now, deleted_at: null };
    const text = { title, content, tags, ...(mentions?.length && { mentions, mention_names }) };
    return { id, community_id: this.#id, ...text, created_by, is_pinned: false, ...dates, ...figures, ...people };
  }

  /** Each of them once. Fault `validation_failed` when one is no member. */
  async #membersAmong(memberIds: readonly string[]): Promise<string[]> {
    const ids = [...new Set(memberIds)];
    const found = await Promise.all(ids.map((id) => this.standings.access(id)));
    const strangers = found.flatMap(({ member }, at) => (member === null ? [ids[at]] : []));
    if (strangers.length === 0) return ids;
    const errors = [{ path: 'member_ids', message: `must be members of the community: ${strangers.join(', ')}` }];
    throw new Fault('validation_failed', 'Only members of the community can be let into a thread', { errors });
  }
}
