import { authorise } from '../../../authority/authorise.js';
import { nothingThere } from '../../../authority/decide.js';
import { roleTable } from '../../../authority/role-table.js';
import { starterRoleOf } from '../../../authority/roles.js';
import { rules } from '../../../authority/rules.js';
import { Fault } from '../../../kernel/errors.js';
import type { EventPayload, ServerEventName } from '../../../protocol/events.js';
import type { Community, Thread } from '../../../protocol/resources.js';
import { communityRoom } from '../../../protocol/rooms.js';
import type { CommunityRecord } from '../../../store/contracts.js';
import { toCommunity, toRoles, toThread } from '../../../store/resources.js';
import type { Actor, ActorContext } from '../../runtime/actor.js';
import { lookAgainLater } from '../look-again.js';
import type { DomainPorts, PublishOptions } from '../ports.js';
import { SideReads } from '../side-reads.js';
import { privately } from '../thread/override-policy.js';
import type { Access, CommunityMessage, CreateCommunity, CreateThread, ThreadCloses, UpdateCommunity } from './messages.js';
import { Ownership } from './ownership.js';
import { demandSee, demandUpdate } from './policy.js';
import { RoleCommands } from './role-commands.js';
import { Roles } from './roles.js';
import { Slices } from './slices.js';
import { Standings } from './standings.js';
import { Succession } from './succession.js';
import { ThreadHeads } from './thread-heads.js';
import { Watchers } from './watchers.js';

const flushMs = 500;
/** After a flush or a look that the store did not answer. */
const flushAgainMs = 2_000;

/** So long after it came to life it asks what features owe: whoever waits for it is served first. */
const wakeMs = 1_000;

/** Who look at once how somebody stands whom the store must be asked about. */
const mostLooking = 64;

/** What this actor tells itself. */
type Own = { type: 'flush' } | { type: 'settle' } | { type: 'look_again' } | { type: 'wake' };

/** One community: who belongs to it and in what role, its figures, and the order of its threads. */
export class CommunityActor implements Actor<CommunityMessage | Own> {
  #record: CommunityRecord | null = null;
  readonly #watchers: Watchers;
  readonly #ownership: Ownership;
  readonly #standings: Standings;
  readonly #roles: RoleCommands;
  readonly #succession: Succession;
  readonly #heads: ThreadHeads;
  readonly #sideReads: SideReads;
  readonly #slices: Slices;
  #looking = 0;
  /** Brings to an end what is not known of owner and roles. */
  readonly #settle: () => Promise<void>;

  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
  ) {
    this.#watchers = new Watchers(context);
    const there = () => this.#there();
    this.#ownership = new Ownership(ports.store.communities, there, (stored) => this.#hasOwner(stored));
    const roles = new Roles(ports.store.communities, there, (stored) => this.#hasRoles(stored));
    this.#standings = new Standings(context, ports, this.#watchers, there, this.#ownership, roles, () => this.#recount());
    this.#settle = async () => {
      await this.#ownership.settle();
      await roles.settle();
    };
    this.#roles = new RoleCommands(context, ports, there, roles, this.#standings);
    this.#succession = new Succession(context, ports.store, there, this.#standings);
    this.#sideReads = new SideReads(context);
    this.#slices = new Slices(ports.slices?.community ?? [], {
      id: this.#id,
      clock: context.clock,
      logger: context.logger,
      store: ports.store,
      epoch: context.epoch,
      community: there,
      access: (memberId) => this.#standings.access(memberId),
      keepPlace: (memberId) => this.#standings.keepPlace(memberId),
      admit: async (memberId, role) => {
        const given = role && (await this.#roles.givenBy(role.given_by, role.role_id));
        return this.#standings.admit(memberId, given === undefined ? [] : [given]);
      },
      demandGiving: (by, roleId) => this.#roles.demandGiving(by, roleId),
    });
    this.#heads = new ThreadHeads(ports.store.threads, (thread, isClosed) =>
      this.#publish('thread_updated', { thread }, isClosed ? { audience: thread.id } : {}),
    );
  }

  get #id(): string {
    return this.context.address.key;
  }

  async activate(): Promise<void> {
    this.#record = await this.ports.store.communities.byId(this.#id);
    lookAgainLater(this.context);
    if (!this.#record || this.#record.deleted_at !== null) return;
    await this.#recount();
    // Made by an owner whose membership was not written before a crash.
    const { member_count, owner_id } = this.#record;
    if (member_count === 0 && !(await this.#standings.get(owner_id))) await this.#standings.enrol(owner_id, [starterRoleOf(this.#id)]);
    if (this.#slices.wakes) this.context.tellSelfAfter(wakeMs, { type: 'wake' });
  }

  async deactivate(reason: string): Promise<void> {
    if (reason === 'lost') return;
    await this.#sideReads.end();
    await this.#heads.flush();
  }

  receive(message: CommunityMessage | Own): unknown {
    switch (message.type) {
      case 'create':
        return this.#create(message);
      case 'flush':
        return this.#heads.flush().catch((error: unknown) => {
          this.context.tellSelfAfter(flushAgainMs, { type: 'flush' });
          throw error;
        });
      case 'settle':
        return this.#standings.settle();
      case 'wake':
        return this.#wake().catch((error: unknown) => {
          this.context.tellSelfAfter(flushAgainMs, { type: 'wake' });
          throw error;
        });
      case 'look_again':
        return this.#lookAgain().catch((error: unknown) => {
          this.context.tellSelfAfter(flushAgainMs, { type: 'look_again' });
          throw error;
        });
      case 'thread_changed':
        if (this.#heads.note(message.thread, message.closings)) this.context.tellSelfAfter(flushMs, { type: 'flush' });
        return;
      case 'thread_deleted':
        return this.#heads.forget(message.thread_id);
      case 'thread_closes':
        return this.#closes(message);
      case 'role':
        return this.#role(message.role_id);
      case 'account_changed':
        return this.#record && this.#record.deleted_at === null ? this.#succession.accountChanged(message) : null;
      case 'recount':
        this.#standings.forget();
        return this.#recount().then(() => null);
      default:
        return this.#serve(message);
    }
  }

  #closes({ thread_id, closing }: ThreadCloses): { closes: true } {
    this.#heads.closes(thread_id, closing);
    return { closes: true };
  }

  /**
   * How somebody, or a role, stands is asked before each send and in the turns of threads: it must not wait for a turn that writes, such
   * as a join, which itself may wait for a thread. So it is with a thread that closes, which counts for figures that are being written.
   */
  answerAtOnce(message: CommunityMessage | Own): Access | Promise<Access> | { rank: number } | { closes: true } | undefined {
    if (message.type === 'role' && typeof message.role_id === 'string') return this.#role(message.role_id);
    if (message.type === 'thread_closes' && typeof message.thread_id === 'string') return this.#closes(message);
    if (message.type !== 'access' || typeof message.member_id !== 'string') return undefined;
    this.#there();
    if (message.watch) this.#watchers.add(message.watch);
    return this.#standings.knownAccess(message.member_id) ?? this.#lookAtOnce(message.member_id);
  }

  /** Undefined when too many look already, and where it is being written: those wait for a turn. */
  #lookAtOnce(memberId: string): Promise<Access> | undefined {
    if (this.#looking >= mostLooking || this.#standings.isBeingWritten(memberId)) return undefined;
    this.#looking++;
    return this.#standings.lookAtAccess(memberId).finally(() => {
      this.#looking--;
    });
  }

  async #serve(
    message: Exclude<
      CommunityMessage,
      { type: 'create' | 'role' | 'thread_changed' | 'thread_deleted' | 'thread_closes' | 'account_changed' | 'recount' }
    >,
  ): Promise<unknown> {
    this.#there();
    // A message of a kind or form that no node of this version sends is refused: it must not end the activation for everyone.
    if (typeof (message.type === 'access' ? message.member_id : message.by) !== 'string') throw new Fault('validation_failed');
    if (message.type === 'access') {
      if (message.watch) this.#watchers.add(message.watch);
      const { member_id } = message;
      return this.#standings.knownAccess(member_id) ?? this.#sideReads.answer(() => this.#standings.lookAtAccess(member_id));
    }
    await this.#settle();
    const by = await this.#standings.access(message.by);
    switch (message.type) {
      case 'get':
        demandSee(by);
        return this.#view(message.by);
      case 'update':
        return this.#update(by, message);
      case 'delete':
        return this.#delete(by);
      case 'join':
        await this.#standings.join(by);
        return this.#view(message.by);
      case 'leave':
        return this.#standings.leave(by);
      case 'hand_over':
        await this.#standings.handOver(by, message);
        return this.#view(message.by);
      case 'change_membership':
        return this.#standings.change(by, message);
      case 'remove_member':
        return this.#standings.remove(by, message.member_id);
      case 'read_all':
        return this.#standings.readAll(by);
      case 'create_thread':
        return this.#createThread(by, message);
      case 'feature':
        return this.#slices.carryOut(by, message);
      default:
        return this.#roles.carryOut(by, message);
    }
  }

  /** An owner before may have written at a place that was free: whatever was read since is read anew. */
  async #lookAgain(): Promise<void> {
    this.#record = await this.ports.store.communities.byId(this.#id);
    this.#standings.forget();
    this.#slices.forget();
    await this.#recount();
    this.#standings.changedForAll();
    await this.#wake();
  }

  /** Nothing is owed where there is no community. */
  async #wake(): Promise<void> {
    if (!this.#record || this.#record.deleted_at !== null) return;
    await this.#slices.wake();
  }

  #there(): CommunityRecord {
    if (!this.#record || this.#record.deleted_at !== null) throw nothingThere();
    return this.#record;
  }

  async #view(memberId: string): Promise<Community> {
    return toCommunity(this.#there(), await this.#standings.get(memberId));
  }

  async #create(message: CreateCommunity): Promise<Community> {
    const { by, name, description, is_public, tags, avatar_url } = message;
    if (!this.#record) {
      await this.#standings.keepPlace(by);
      const now = this.context.clock.now();
      const record = {
        id: this.#id,
        kind: 'community' as const,
        name,
        description,
        is_public,
        tags,
        avatar_url,
        created_by: by,
        owner_id: by,
        owner_version: 1,
        handed_over_by: null,
        created_at: now,
        updated_at: now,
        member_count: 1,
        deleted_at: null,
      };
      await this.ports.store.communities.insert(record);
      this.#record = record;
    }
    if (this.#there().created_by !== by) throw new Fault('conflict', 'This id is taken');
    if (!(await this.#standings.get(by))) await this.#standings.enrol(by, [starterRoleOf(this.#id)]);
    return this.#view(by);
  }

  #hasOwner(stored: CommunityRecord): void {
    const before = this.#there().owner_id;
    this.#record = stored;
    this.#publish('community_updated', { community: toCommunity(stored) });
    this.#standings.changedForAll();
    if (before !== stored.owner_id) this.#standings.ownerChanged(before, stored.owner_id);
  }

  #hasRoles(stored: CommunityRecord): void {
    this.#record = stored;
    this.#standings.changedForAll();
    this.#publish('roles_changed', { community_id: this.#id, roles: toRoles(roleTable(stored).records) });
  }

  async #recount(): Promise<void> {
    const record = this.#record;
    if (!record || record.deleted_at !== null) return;
    const member_count = await this.ports.store.memberships.countActive(this.#id);
    if (member_count === record.member_count) return;
    await this.ports.store.communities.update(this.#id, { member_count });
    this.#record = { ...record, member_count };
  }

  async #update(by: Access, { patch }: UpdateCommunity): Promise<Community> {
    demandUpdate(by, patch, this.context.clock.now());
    const stored = await this.ports.store.communities.update(this.#id, { ...patch, updated_at: this.context.clock.now() });
    if (!stored) throw nothingThere();
    const hidden = this.#there().is_public !== stored.is_public;
    this.#record = stored;
    this.#publish('community_updated', { community: toCommunity(stored) });
    // Permission of those who are no members hangs on it: threads ask anew.
    if (hidden) this.#standings.changedForAll();
    return this.#view(by.member_id);
  }

  async #delete(by: Access): Promise<null> {
    const deleted_at = this.context.clock.now();
    authorise(rules.delete_community, by, by, deleted_at);
    await this.ports.store.communities.update(this.#id, { deleted_at });
    this.#record = { ...this.#there(), deleted_at };
    await this.ports.store.threads.deleteByCommunity(this.#id, deleted_at);
    this.#watchers.tell({ type: 'community_deleted' });
    this.#publish('community_deleted', { community_id: this.#id });
    this.ports.fanout.close({ community_id: this.#id });
    this.ports.nudge.deleted({ community_id: this.#id });
    return null;
  }

  async #createThread(by: Access, message: CreateThread): Promise<Thread> {
    const now = this.context.clock.now();
    const { is_private = false, member_ids = [] } = message;
    authorise(is_private ? rules.create_closed_thread : rules.create_thread, by, by, now);
    const { thread_id: id, title, content, tags, mentions, mention_names } = message;
    const before = await this.ports.store.threads.byId(id);
    if (before) {
      if (before.community_id !== this.#id || before.created_by !== by.member_id) throw new Fault('conflict', 'This id is taken');
      return toThread(before, { read_seq: 0, unread_count: before.message_count });
    }
    const people = is_private && { overrides: privately(this.#id, await this.#membersAmong([by.member_id, ...member_ids])) };
    const figures = { message_count: 0, last_seq: 0, head_rev: 0, floor_seq: 0, floor_rev: 0 };
    const dates = { created_at: now, updated_at: now, last_activity: now, deleted_at: null };
    const text = { title, content, tags, ...(mentions?.length && { mentions, mention_names }) };
    const record = { id, community_id: this.#id, ...text, created_by: by.member_id, is_pinned: false, ...dates, ...figures, ...people };
    await this.ports.store.threads.insert(record);
    this.#publish('new_thread', { thread: toThread(record) }, closedTo(toThread(record)));
    this.ports.nudge.changed(id);
    return toThread(record, { read_seq: 0, unread_count: 0 });
  }

  /** Each of them once. Fault `validation_failed` when one is no member. */
  async #membersAmong(memberIds: readonly string[]): Promise<string[]> {
    const ids = [...new Set(memberIds)];
    const found = await Promise.all(ids.map((id) => this.#standings.access(id)));
    const strangers = found.flatMap(({ member }, at) => (member === null ? [ids[at]] : []));
    if (strangers.length === 0) return ids;
    const errors = [{ path: 'member_ids', message: `must be members of the community: ${strangers.join(', ')}` }];
    throw new Fault('validation_failed', 'Only members of the community can be let into a thread', { errors });
  }

  #role(roleId: string): { rank: number } {
    if (roleId === this.#id) return { rank: 0 };
    const [role] = roleTable(this.#there()).held([roleId]);
    if (!role) throw new Fault('not_found', 'There is no such role here');
    return { rank: role.rank };
  }

  #publish<E extends ServerEventName>(event: E, payload: EventPayload<E>, options?: PublishOptions): void {
    this.ports.fanout.publish(communityRoom(this.#id), event, payload, options);
  }
}

/** What is told of a closed thread is for those who may view it. */
const closedTo = ({ id, is_closed }: Thread): PublishOptions => (is_closed ? { audience: id } : {});
