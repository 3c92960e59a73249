import { authorise } from '../../../authority/authorise.js';
import { nothingThere } from '../../../authority/decide.js';
import { rankOf, roleTable } from '../../../authority/role-table.js';
import { starterRoleOf } from '../../../authority/roles.js';
import { rules } from '../../../authority/rules.js';
import { Fault } from '../../../kernel/errors.js';
import type { EventPayload, ServerEventName } from '../../../protocol/events.js';
import type { Membership } from '../../../protocol/resources.js';
import { communityRoom } from '../../../protocol/rooms.js';
import type { CommunityRecord, MemberRecord, MembershipRecord } from '../../../store/contracts.js';
import { meIn, roleIn, toMember, toMembership } from '../../../store/resources.js';
import { snapshotOf } from '../../../store/standing.js';
import type { ActorContext, Message } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import { type ForgetPerson, threadAddress } from '../thread/messages.js';
import { type KeepPlace, userAddress } from '../user/messages.js';
import { AccessRev } from './access-rev.js';
import type { Access, ChangeMembership, HandOver } from './messages.js';
import { canOwn, type Ownership } from './ownership.js';
import { adds, type Change, demandChange, demandJoin, demandRemove, demandSee } from './policy.js';
import type { Roles } from './roles.js';
import { Roster, type Standing } from './roster.js';
import type { Watchers } from './watchers.js';

/** Threads of one community that may allow somebody something by name. */
const mostNaming = 10_000;

/** After a write whose outcome is not known. */
const settleMs = 1_000;

/** Who belongs to a community and how: joining, leaving, roles, mutes and bans, and telling everyone whom that concerns. */
export class Standings {
  readonly #roster: Roster;
  readonly #rev: AccessRev;

  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
    private readonly watchers: Watchers,
    /** The living community; throws when there is none. */
    private readonly community: () => CommunityRecord,
    private readonly ownership: Ownership,
    private readonly roles: Roles,
    /** Brings member_count up to date. */
    private readonly recount: () => Promise<void>,
  ) {
    this.#rev = new AccessRev(context.epoch);
    this.#roster = new Roster(context.address.key, ports.store.memberships, (stored, memberId) => this.#settled(stored, memberId));
  }

  get #id(): string {
    return this.context.address.key;
  }

  get(memberId: string): Promise<MembershipRecord | null> {
    return this.#roster.get(memberId);
  }

  /** Forgets what is cached: memberships were written past this actor. */
  forget(): void {
    this.#roster.clear();
  }

  async access(memberId: string): Promise<Access> {
    return this.#accessOf(await this.#roster.get(memberId), memberId);
  }

  /** The same without asking the store, where that is possible. */
  knownAccess(memberId: string): Access | undefined {
    const known = this.#roster.known(memberId);
    return known === undefined || this.#isUnknownOf(memberId) ? undefined : this.#accessOf(known, memberId);
  }

  isBeingWritten(memberId: string): boolean {
    return this.#roster.isWriting(memberId);
  }

  /** The same beside the turns. */
  async lookAtAccess(memberId: string): Promise<Access> {
    const standing = await this.#roster.look(memberId);
    if (this.#isUnknownOf(memberId)) throw new Fault('unavailable', 'Who may what here is being written', { retry_after_ms: 500 });
    return this.#accessOf(standing, memberId);
  }

  #isUnknownOf(memberId: string): boolean {
    return this.roles.isOpen || this.ownership.isUnknownOf(memberId);
  }

  #accessOf(m: Standing | null, memberId: string): Access {
    const community = this.community();
    const standing = snapshotOf(community, m);
    const { member } = standing;
    return {
      community_id: this.#id,
      member_id: memberId,
      role: m && member && roleIn(community, m),
      rank: member ? rankOf(member.roles, member.is_owner) : 0,
      access_rev: this.#rev.now,
      ...standing,
      ...(m && member && { unread_since: Math.max(m.joined_at, m.read_at ?? 0) }),
    };
  }

  /** Before `enrol`: a member is in so many communities at most. Fault `conflict` beyond that. */
  async keepPlace(memberId: string): Promise<void> {
    await this.context.ask<KeepPlace>(userAddress(memberId), { type: 'keep_place', community_id: this.#id });
  }

  /** A mute outlives leaving and coming back: written in one, so that there is no moment and no crash without it. */
  async enrol(memberId: string, roles: string[] = []): Promise<void> {
    const before = await this.#roster.get(memberId);
    if (before?.state === 'closed') return this.setClosed(memberId, false);
    await this.#put({
      community_id: this.#id,
      member_id: memberId,
      roles,
      state: 'active',
      joined_at: this.context.clock.now(),
      muted_until: before?.muted_until ?? null,
    });
    await this.#recounted();
  }

  /** One write, however many threads there are: what is read in each follows from the time. Later ones never move it back. */
  async readAll(by: Access): Promise<{ read_at: number }> {
    authorise(rules.mark_all_read, by, by, this.context.clock.now());
    const before = await this.#roster.get(by.member_id);
    if (before?.state !== 'active') throw nothingThere();
    const read_at = Math.max(this.context.clock.now(), before.read_at ?? 0);
    await this.#write({ ...before, read_at });
    this.#tellThreads({ ...before, read_at }, by.member_id, true);
    return { read_at };
  }

  /** A membership counts for nothing while its account is closed, and is what it was when that is reopened. */
  async setClosed(memberId: string, closed: boolean): Promise<void> {
    const before = await this.#roster.get(memberId);
    if (before?.state !== (closed ? 'active' : 'closed')) return;
    await this.#put({ ...before, state: closed ? 'closed' : 'active' });
    if (closed) {
      this.#publish('member_left', { community_id: this.#id, member_id: memberId });
      this.#parted(memberId);
    } else await this.#showJoined(memberId);
    await this.#recounted();
  }

  /** Writes a membership and tells everyone whose cached view of it is now wrong. */
  async #put(standing: Standing): Promise<void> {
    await this.#write(standing);
    this.#changed(standing, standing.member_id);
  }

  async #write(standing: Standing): Promise<void> {
    try {
      await this.#roster.put(standing);
    } catch (error) {
      if (Fault.from(error).code === 'timeout') this.context.tellSelfAfter(settleMs, { type: 'settle' });
      throw error;
    }
  }

  /** How everybody stands may be another from here on: whoever has asked asks anew. */
  changedForAll(): void {
    this.#rev.grow();
    this.watchers.tell({ type: 'community_changed' });
    this.#recheck();
  }

  /** Whoever may hear of what is said here is decided anew; without a member, for everybody. */
  #recheck(memberId?: string): void {
    this.ports.fanout.recheck({
      community_id: this.#id,
      ...(memberId !== undefined && { member_id: memberId }),
      access_rev: this.#rev.now,
    });
  }

  #changed(standing: Standing | null, memberId: string): void {
    this.#rev.grow();
    this.#tellThreads(standing, memberId);
    this.context.tell(userAddress(memberId), { type: 'communities_changed', community_id: this.#id });
  }

  #tellThreads(standing: Standing | null, memberId: string, onlyRead = false): void {
    const access = this.#accessOf(standing, memberId);
    this.watchers.tell({ type: 'access_changed', access, ...(onlyRead && { only_read: true }) } as Message);
  }

  /**
   * The community has another owner from one write on. Who gives it up is a moderator afterwards: that is written before, while they
   * own it and so nobody can tell. A crash between the two leaves the owner as it was.
   */
  async giveTo(memberId: string, by: string | null): Promise<void> {
    const before = await this.#roster.get(this.community().owner_id);
    if (before?.state === 'active') await this.giveRole(before.member_id, starterRoleOf(this.#id));
    await this.settledLater(() => this.ownership.give(memberId, by));
  }

  /** A write without an answer is brought to its end soon, whoever asks next. */
  async settledLater(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (this.ownership.isOpen || this.roles.isOpen) this.context.tellSelfAfter(settleMs, { type: 'settle' });
      throw error;
    }
  }

  /** To be called when the owner has become another. */
  ownerChanged(...memberIds: string[]): void {
    for (const id of memberIds) {
      // Beside the turn, and an event that is lost is made good by the next load.
      const told = this.#roster.look(id).then((m) => this.#tellRoles(m));
      told.catch((error: unknown) => this.context.logger.debug({ err: error }, 'who owns it is not told'));
    }
  }

  async handOver(by: Access, { member_id, is_admin }: HandOver): Promise<void> {
    if (this.#isGivenBefore(by, member_id)) return;
    const isAwaited = is_admin && by.role !== 'owner' && (await this.#isOwnerAway());
    if (!isAwaited) authorise(rules.hand_over_community, by, by, this.context.clock.now());
    if (member_id === this.community().owner_id) return;
    const [target, member] = [await this.access(member_id), await this.ports.store.members.byId(member_id)];
    if (target.role === null || !member?.is_active) throw new Fault('not_found', 'There is no such member here');
    if (!canOwn(member)) throw new Fault('conflict', 'This member cannot sign in');
    await this.giveTo(member_id, by.member_id);
  }

  /** The same hand-over again, after an answer that was lost: who asks is a moderator since. */
  #isGivenBefore(by: Access, memberId: string): boolean {
    const { owner_id, handed_over_by } = this.community();
    return by.role !== null && handed_over_by === by.member_id && owner_id === memberId;
  }

  async #isOwnerAway(): Promise<boolean> {
    const { owner_id } = this.community();
    if ((await this.access(owner_id)).role === null) return true;
    return !canOwn(await this.ports.store.members.byId(owner_id));
  }

  /** What was done stands, and is told, whether or not the figure can be brought up to date at once. */
  async #recounted(): Promise<void> {
    await this.recount().catch(() => this.context.tellSelfAfter(settleMs, { type: 'settle' }));
  }

  /** Finds out how the writes ended whose outcome is not known, tells everyone, and counts anew. */
  async settle(): Promise<void> {
    try {
      await this.ownership.settle();
      await this.roles.settle();
      await this.#roster.settle();
    } catch (error) {
      this.context.tellSelfAfter(settleMs, { type: 'settle' });
      throw error;
    }
    await this.recount();
  }

  #settled(stored: Standing | null, memberId: string): void {
    this.#changed(stored, memberId);
    if (stored?.state === 'active') {
      this.#recheck(memberId);
      this.#tellRoles(stored);
    } else this.#parted(memberId);
  }

  /** Nothing of the community reaches them any more, and what has rung for them goes. */
  #parted(memberId: string): void {
    this.ports.fanout.evict(memberId, this.#id);
    this.ports.nudge.deleted({ community_id: this.#id, member_id: memberId });
  }

  async join(by: Access): Promise<void> {
    demandJoin(by, this.context.clock.now());
    if (by.role === null) await this.#becomeMember(by.member_id);
  }

  /** Somebody was let in by others: whether they may see it by themselves is not asked. Faults: see `CommunitySliceContext.admit`. */
  async admit(memberId: string, roles: string[] = []): Promise<void> {
    const access = await this.access(memberId);
    if (access.is_banned) throw new Fault('forbidden', 'You are banned from this community');
    if (access.role === null) await this.#becomeMember(memberId, roles);
  }

  async #becomeMember(memberId: string, roles: string[] = []): Promise<void> {
    await this.keepPlace(memberId);
    if (await this.#roster.get(memberId)) await this.#forgetPerson(memberId);
    await this.enrol(memberId, roles);
    await this.#showJoined(memberId);
  }

  /**
   * Whoever comes back is in no closed thread that they were in before, and what threads allowed them by name counts no more: that is
   * taken away before the membership is written, so that a crash in between leaves them outside. Rejects when a thread does not answer.
   */
  async #forgetPerson(memberId: string): Promise<void> {
    const naming = await this.ports.store.threads.naming(this.#id, memberId, mostNaming);
    for (const id of naming) await this.context.ask<ForgetPerson>(threadAddress(id), { type: 'forget_person', member_id: memberId });
  }

  async #showJoined(memberId: string): Promise<void> {
    const member = await this.ports.store.members.byId(memberId);
    if (!member) return;
    this.#publish('member_joined', { community_id: this.#id, member: toMember(member, this.context.clock.now()) });
    const standing = await this.#roster.get(memberId);
    if (standing && standing.roles.length > 0) this.#tellRoles(standing);
  }

  #tellRoles(m: Standing | null): void {
    if (m?.state !== 'active') return;
    const { role, roles, permissions } = meIn(this.community(), m);
    this.#publish('member_roles_changed', { community_id: this.#id, member_id: m.member_id, role, roles, permissions });
  }

  async leave(by: Access): Promise<null> {
    if (by.role === null) {
      demandSee(by);
      return null;
    }
    if (by.role === 'owner') throw new Fault('conflict', 'Hand over ownership first');
    await this.#end(by.member_id, 'left');
    return null;
  }

  async remove(by: Access, memberId: string): Promise<null> {
    const target = await this.access(memberId);
    demandRemove(by, target, this.context.clock.now());
    if (target.role === null) throw new Fault('not_found', 'There is no such member here');
    await this.#end(memberId, 'left');
    return null;
  }

  async #end(memberId: string, state: 'left' | 'banned'): Promise<void> {
    const before = await this.#roster.get(memberId);
    const now = this.context.clock.now();
    const none: Standing = {
      community_id: this.#id,
      member_id: memberId,
      roles: [],
      state,
      joined_at: now,
      muted_until: null,
    };
    await this.#put({ ...(before ?? none), roles: [], state });
    if (before?.state === 'active') this.#publish('member_left', { community_id: this.#id, member_id: memberId });
    this.#parted(memberId);
    await this.#recounted();
  }

  async change(by: Access, { member_id, is_admin, role, muted_until, is_banned }: ChangeMembership): Promise<Membership> {
    const target = await this.access(member_id);
    const change = { role, muted_until, is_banned };
    const isRepeat = role === 'owner' && this.#isGivenBefore(by, member_id);
    if (!isRepeat) this.#demandChange(by, target, change, is_admin === true);
    const member = await this.ports.store.members.byId(member_id);
    if (!member?.is_active) throw new Fault('not_found', 'There is no such member');
    if (role === 'owner' && !canOwn(member)) throw new Fault('conflict', 'This member cannot sign in');
    if (!isRepeat) await this.#carryOut(by, target, change);
    return this.#membershipOf(member);
  }

  async #membershipOf(member: MemberRecord): Promise<Membership> {
    const now = await this.#roster.get(member.id);
    if (!now) throw new Fault('not_found', 'There is no such member here');
    return toMembership(this.community(), now, member, this.context.clock.now());
  }

  /** Fault `not_found` for who is unknown, or was never a member. */
  async membership(memberId: string): Promise<Membership> {
    const member = await this.ports.store.members.byId(memberId);
    if (!member) throw new Fault('not_found', 'There is no such member here');
    return this.#membershipOf(member);
  }

  async #carryOut(by: Access, target: Access, change: Change): Promise<void> {
    const { member_id } = target;
    const { role, muted_until, is_banned } = change;
    if (is_banned === true) await this.#end(member_id, 'banned');
    else if (is_banned === false && target.is_banned) await this.#end(member_id, 'left');
    if (adds(target, change)) {
      if (target.is_banned) throw new Fault('conflict', 'This member is banned: lift the ban first');
      await this.#becomeMember(member_id);
    } else if (role === 'owner' && is_banned !== true) await this.giveTo(member_id, by.member_id);
    else if (role === 'moderator' && is_banned !== true) await this.giveRole(member_id, starterRoleOf(this.#id));
    else if (role === 'member' && is_banned !== true) await this.takeRole(member_id, starterRoleOf(this.#id));
    if (muted_until !== undefined) {
      const standing = await this.#roster.get(member_id);
      if (!standing) throw new Fault('not_found', 'There is no such member here');
      await this.#put({ ...standing, muted_until });
    }
  }

  #demandChange(by: Access, target: Access, change: Change, isAdmin: boolean): void {
    const [starter] = roleTable(this.community()).held([starterRoleOf(this.#id)]);
    if (!starter) throw new Error('a community without its starter role');
    demandChange(by, target, change, { starter, isAdmin, now: this.context.clock.now() });
  }

  /** Roles that were deleted meanwhile go with the next write. Durable when it resolves; again is harmless. */
  async giveRole(memberId: string, roleId: string): Promise<void> {
    const standing = await this.#roster.get(memberId);
    if (standing && !standing.roles.includes(roleId)) await this.#putRoles(standing, [...standing.roles, roleId]);
  }

  async takeRole(memberId: string, roleId: string): Promise<void> {
    const standing = await this.#roster.get(memberId);
    const roles = standing?.roles.filter((id) => id !== roleId);
    if (!standing || !roles || roles.length === standing.roles.length) return;
    await this.#putRoles(standing, roles);
    // What has rung for them in threads that they may not view any more goes.
    this.ports.nudge.deleted({ community_id: this.#id, member_id: memberId });
  }

  async #putRoles(standing: MembershipRecord, ids: readonly string[]): Promise<void> {
    const living = roleTable(this.community()).held(ids);
    const changed = { ...standing, roles: living.map(({ id }) => id) };
    await this.#put(changed);
    this.#recheck(changed.member_id);
    this.#tellRoles(changed);
  }

  #publish<E extends ServerEventName>(event: E, payload: EventPayload<E>): void {
    this.ports.fanout.publish(communityRoom(this.#id), event, payload);
  }
}
