import { Fault } from '../../../kernel/errors.js';
import type { EventPayload, ServerEventName } from '../../../protocol/events.js';
import type { Community, Membership, Thread } from '../../../protocol/resources.js';
import { communityRoom } from '../../../protocol/rooms.js';
import type { CommunityRecord, MembershipRecord } from '../../../store/contracts.js';
import { toCommunity, toMember, toThread } from '../../../store/resources.js';
import type { Actor, ActorContext, Message } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import { threadAddress } from '../thread/messages.js';
import { userAddress } from '../user/messages.js';
import type { Access, ChangeMembership, CommunityMessage, CreateCommunity, CreateThread, UpdateCommunity } from './messages.js';
import { demandChange, demandJoin, demandModerate, demandOwn, demandPost, demandSee, nothingThere } from './policy.js';
import { Roster } from './roster.js';
import { ThreadHeads } from './thread-heads.js';

const watchMs = 60_000;
const watchersLimit = 50_000;
const flushMs = 500;

/** One community: who belongs to it and in what role, its figures, and the order of its threads. */
export class CommunityActor implements Actor<CommunityMessage | { type: 'flush' }> {
  #record: CommunityRecord | null = null;
  readonly #roster: Roster;
  readonly #heads: ThreadHeads;
  /** Threads that hear of changed memberships, until when. */
  readonly #watchers = new Map<string, number>();

  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
  ) {
    this.#roster = new Roster(context.address.key, ports.store.memberships);
    this.#heads = new ThreadHeads(ports.store.threads, (thread) => this.#publish('thread_updated', { thread }));
  }

  get #id(): string {
    return this.context.address.key;
  }

  async activate(): Promise<void> {
    this.#record = await this.ports.store.communities.byId(this.#id);
    if (!this.#record || this.#record.deleted_at !== null) return;
    await this.#recount();
    // Made by an owner whose membership was not written before a crash.
    if (this.#record.member_count === 0) await this.#enrol(this.#record.created_by, 'owner');
  }

  async deactivate(reason: string): Promise<void> {
    if (reason !== 'lost') await this.#heads.flush();
  }

  receive(message: CommunityMessage | { type: 'flush' }): unknown {
    switch (message.type) {
      case 'create':
        return this.#create(message);
      case 'flush':
        return this.#heads.flush();
      case 'thread_changed':
        if (this.#heads.note(message.thread)) this.context.tellSelfAfter(flushMs, { type: 'flush' });
        return;
      case 'thread_deleted':
        return this.#heads.forget(message.thread_id);
      case 'recount':
        this.#roster.clear();
        return this.#recount().then(() => null);
      default:
        return this.#serve(message);
    }
  }

  async #serve(message: Exclude<CommunityMessage, { type: 'create' | 'thread_changed' | 'thread_deleted' | 'recount' }>): Promise<unknown> {
    this.#there();
    if (message.type === 'access') {
      if (message.watch) this.#watch(message.watch);
      return this.#access(message.member_id);
    }
    const by = await this.#access(message.by);
    switch (message.type) {
      case 'get':
        demandSee(by);
        return this.#view(message.by);
      case 'update':
        return this.#update(by, message);
      case 'delete':
        return this.#delete(by);
      case 'join':
        return this.#join(by);
      case 'leave':
        return this.#leave(by);
      case 'change_membership':
        return this.#changeMembership(by, message);
      case 'remove_member':
        return this.#remove(by, message.member_id);
      case 'create_thread':
        return this.#createThread(by, message);
    }
  }

  #there(): CommunityRecord {
    if (!this.#record || this.#record.deleted_at !== null) throw nothingThere();
    return this.#record;
  }

  async #access(memberId: string): Promise<Access> {
    const m = await this.#roster.get(memberId);
    const active = m?.state === 'active';
    return {
      community_id: this.#id,
      member_id: memberId,
      is_public: this.#there().is_public,
      role: active ? m.role : null,
      is_banned: m?.state === 'banned',
      muted_until: m?.muted_until ?? null,
    };
  }

  async #view(memberId: string): Promise<Community> {
    return toCommunity(this.#there(), await this.#roster.get(memberId));
  }

  async #create(message: CreateCommunity): Promise<Community> {
    const { by, name, description, is_public, tags, avatar_url } = message;
    if (!this.#record) {
      const now = this.context.clock.now();
      const record = {
        id: this.#id,
        name,
        description,
        is_public,
        tags,
        avatar_url,
        created_by: by,
        created_at: now,
        updated_at: now,
        member_count: 1,
        deleted_at: null,
      };
      await this.ports.store.communities.insert(record);
      this.#record = record;
    }
    if (this.#there().created_by !== by) throw new Fault('conflict', 'This id is taken');
    if (!(await this.#roster.get(by))) await this.#enrol(by, 'owner');
    return this.#view(by);
  }

  async #enrol(memberId: string, role: MembershipRecord['role']): Promise<void> {
    await this.#put({
      community_id: this.#id,
      member_id: memberId,
      role,
      state: 'active',
      joined_at: this.context.clock.now(),
      muted_until: null,
    });
    await this.#recount();
  }

  /** Writes a membership and tells everyone whose cached view of it is now wrong. */
  async #put(record: MembershipRecord): Promise<void> {
    await this.#roster.put(record);
    const changed = { type: 'access_changed', access: await this.#access(record.member_id) } as Message;
    for (const threadId of this.#livingWatchers()) this.context.tell(threadAddress(threadId), changed);
    this.context.tell(userAddress(record.member_id), { type: 'communities_changed' });
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
    demandModerate(by);
    const stored = await this.ports.store.communities.update(this.#id, { ...patch, updated_at: this.context.clock.now() });
    if (!stored) throw nothingThere();
    const hidden = this.#there().is_public !== stored.is_public;
    this.#record = stored;
    this.#publish('community_updated', { community: toCommunity(stored) });
    // Permission of those who are no members hangs on it: threads ask anew.
    if (hidden) for (const threadId of this.#livingWatchers()) this.context.tell(threadAddress(threadId), { type: 'community_changed' });
    return this.#view(by.member_id);
  }

  async #delete(by: Access): Promise<null> {
    demandOwn(by);
    const deleted_at = this.context.clock.now();
    await this.ports.store.communities.update(this.#id, { deleted_at });
    this.#record = { ...this.#there(), deleted_at };
    await this.ports.store.threads.deleteByCommunity(this.#id, deleted_at);
    for (const threadId of this.#livingWatchers()) this.context.tell(threadAddress(threadId), { type: 'community_deleted' });
    this.#publish('community_deleted', { community_id: this.#id });
    this.ports.fanout.close({ community_id: this.#id });
    this.ports.nudge.deleted({ community_id: this.#id });
    return null;
  }

  async #join(by: Access): Promise<Community> {
    demandJoin(by);
    if (by.role === null) {
      const before = await this.#roster.get(by.member_id);
      await this.#enrol(by.member_id, 'member');
      // A mute outlives leaving and coming back.
      if (before?.muted_until)
        await this.#put({ ...((await this.#roster.get(by.member_id)) as MembershipRecord), muted_until: before.muted_until });
      await this.#showJoined(by.member_id);
    }
    return this.#view(by.member_id);
  }

  async #showJoined(memberId: string): Promise<void> {
    const member = await this.ports.store.members.byId(memberId);
    if (member) this.#publish('member_joined', { community_id: this.#id, member: toMember(member, this.context.clock.now()) });
  }

  async #leave(by: Access): Promise<null> {
    if (by.role === null) {
      demandSee(by);
      return null;
    }
    if (by.role === 'owner') throw new Fault('conflict', 'Hand over ownership first');
    await this.#end(by.member_id, 'left');
    return null;
  }

  async #remove(by: Access, memberId: string): Promise<null> {
    const target = await this.#access(memberId);
    demandChange(by, target, {});
    if (target.role === null) throw new Fault('not_found', 'There is no such member here');
    await this.#end(memberId, 'left');
    return null;
  }

  async #end(memberId: string, state: 'left' | 'banned'): Promise<void> {
    const before = await this.#roster.get(memberId);
    const now = this.context.clock.now();
    const none: MembershipRecord = {
      community_id: this.#id,
      member_id: memberId,
      role: 'member',
      state,
      joined_at: now,
      muted_until: null,
    };
    await this.#put({ ...(before ?? none), role: 'member', state });
    await this.#recount();
    if (before?.state === 'active') this.#publish('member_left', { community_id: this.#id, member_id: memberId });
    this.ports.fanout.evict(memberId, this.#id);
  }

  async #changeMembership(by: Access, { member_id, role, muted_until, is_banned }: ChangeMembership): Promise<Membership> {
    const target = await this.#access(member_id);
    demandChange(by, target, { role, muted_until, is_banned });
    const member = await this.ports.store.members.byId(member_id);
    if (!member?.is_active) throw new Fault('not_found', 'There is no such member');
    if (is_banned === true) await this.#end(member_id, 'banned');
    else if (is_banned === false && target.is_banned) await this.#end(member_id, 'left');
    if (role !== undefined && is_banned !== true) {
      if (target.is_banned && is_banned === undefined) throw new Fault('conflict', 'This member is banned: lift the ban first');
      if (target.role === null) {
        await this.#enrol(member_id, role === 'owner' ? 'member' : role);
        await this.#showJoined(member_id);
      }
      await this.#grant(by, member_id, role);
    }
    if (muted_until !== undefined) {
      const standing = await this.#roster.get(member_id);
      if (!standing) throw new Fault('not_found', 'There is no such member here');
      await this.#put({ ...standing, muted_until });
    }
    const now = (await this.#roster.get(member_id)) as MembershipRecord | null;
    if (!now) throw new Fault('not_found', 'There is no such member here');
    return {
      member: toMember(member, this.context.clock.now()),
      role: now.role,
      joined_at: new Date(now.joined_at).toISOString(),
      muted_until: now.muted_until === null ? null : new Date(now.muted_until).toISOString(),
      is_banned: now.state === 'banned',
    };
  }

  async #grant(by: Access, memberId: string, role: MembershipRecord['role']): Promise<void> {
    const standing = (await this.#roster.get(memberId)) as MembershipRecord;
    if (standing.role !== role) await this.#put({ ...standing, role });
    // A crash between the two leaves two owners, never none.
    if (role === 'owner') await this.#put({ ...((await this.#roster.get(by.member_id)) as MembershipRecord), role: 'moderator' });
  }

  async #createThread(by: Access, message: CreateThread): Promise<Thread> {
    const now = this.context.clock.now();
    demandPost(by, now);
    const { thread_id: id, title, content, tags } = message;
    const before = await this.ports.store.threads.byId(id);
    if (before) {
      if (before.community_id !== this.#id || before.created_by !== by.member_id) throw new Fault('conflict', 'This id is taken');
      return toThread(before, 0);
    }
    const figures = { message_count: 0, last_seq: 0, head_rev: 0, floor_seq: 0, floor_rev: 0 };
    const dates = { created_at: now, updated_at: now, last_activity: now, deleted_at: null };
    const record = { id, community_id: this.#id, title, content, tags, created_by: by.member_id, is_pinned: false, ...dates, ...figures };
    await this.ports.store.threads.insert(record);
    this.#publish('new_thread', { thread: toThread(record) });
    this.ports.nudge.changed(id);
    return toThread(record, 0);
  }

  #watch(threadId: string): void {
    this.#watchers.delete(threadId);
    this.#watchers.set(threadId, this.context.clock.monotonic() + watchMs);
    if (this.#watchers.size > watchersLimit) this.#watchers.delete(this.#watchers.keys().next().value as string);
  }

  #livingWatchers(): string[] {
    const now = this.context.clock.monotonic();
    for (const [id, until] of this.#watchers) if (until < now) this.#watchers.delete(id);
    return [...this.#watchers.keys()];
  }

  #publish<E extends ServerEventName>(event: E, payload: EventPayload<E>): void {
    this.ports.fanout.publish(communityRoom(this.#id), event, payload);
  }
}
