import { nothingThere } from '../../../authority/decide.js';
import { roleTable } from '../../../authority/role-table.js';
import { starterRoleOf } from '../../../authority/roles.js';
import { Fault } from '../../../kernel/errors.js';
import type { Community, Membership } from '../../../protocol/resources.js';
import type { CommunityRecord, MemberRecord, MembershipRecord, Store } from '../../../store/contracts.js';
import { toCommunity, toMembership } from '../../../store/resources.js';
import type { ActorContext } from '../../runtime/actor.js';
import { hasUntold, userAddress } from '../user/messages.js';
import { Accesses } from './accesses.js';
import type { Commits } from './commits.js';
import type { MembershipNews } from './membership-news.js';
import type { Access } from './messages.js';
import { OwnerNews } from './owner-news.js';
import { Roster, type Standing } from './roster.js';

/** Who belongs to a community and how, as it is stored: each change is durable when it resolves, and told then. */
export class Standings {
  readonly #roster: Roster;
  /** For those who do not wait for a turn. */
  readonly accesses: Accesses;
  readonly ownerNews: OwnerNews;

  constructor(
    private readonly context: ActorContext,
    private readonly store: Pick<Store, 'communities' | 'members' | 'memberships'>,
    private readonly news: MembershipNews,
    private readonly commits: Commits,
    /** Brings member_count up to date. */
    private readonly recount: () => Promise<void>,
    /** `settle` is to be called in a turn, soon. */
    private readonly settleLater: () => void,
  ) {
    this.ownerNews = new OwnerNews(context, store);
    this.#roster = new Roster(context.address.key, store.memberships, (stored, memberId) => this.#settled(stored, memberId));
    this.accesses = new Accesses(this.#roster, news, commits);
  }

  get #id(): string {
    return this.context.address.key;
  }

  /** The living community; throws when there is none. */
  private community(): CommunityRecord {
    return this.commits.there();
  }

  get(memberId: string): Promise<MembershipRecord | null> {
    return this.#roster.get(memberId);
  }

  /** The community as somebody sees it. */
  async view(memberId: string): Promise<Community> {
    return toCommunity(this.community(), await this.#roster.get(memberId));
  }

  /** Forgets what is cached: memberships were written past this actor. */
  forget(): void {
    this.#roster.clear();
  }

  async access(memberId: string): Promise<Access> {
    return this.news.accessOf(await this.#roster.get(memberId), memberId);
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

  /**
   * Answers when that was, ms. One write, however many threads there are: what is read in each follows from the time.
   * Later ones never move it back.
   */
  async readAll(memberId: string): Promise<number> {
    const before = await this.#roster.get(memberId);
    if (before?.state !== 'active') throw nothingThere();
    const read_at = Math.max(this.context.clock.now(), before.read_at ?? 0);
    await this.#write({ ...before, read_at });
    this.news.hasRead({ ...before, read_at });
    this.context.tell(userAddress(before.member_id), hasUntold('membership'));
    return read_at;
  }

  /** A membership counts for nothing while its account is closed, and is what it was when that is reopened. */
  async setClosed(memberId: string, closed: boolean): Promise<void> {
    const before = await this.#roster.get(memberId);
    if (before?.state !== (closed ? 'active' : 'closed')) return;
    await this.#put({ ...before, state: closed ? 'closed' : 'active' });
    if (closed) {
      this.news.left(memberId);
      this.news.parted(memberId);
    } else await this.news.joined(memberId, await this.#roster.get(memberId));
    await this.#recounted();
  }

  /** Writes a membership and tells everyone whose cached view of it is now wrong. */
  async #put(standing: Standing): Promise<void> {
    await this.#write(standing);
    this.news.changed(standing, standing.member_id);
  }

  async #write(standing: Standing): Promise<void> {
    try {
      await this.#roster.put(standing);
    } catch (error) {
      if (Fault.from(error).code === 'timeout') this.settleLater();
      throw error;
    }
  }

  /**
   * The community has another owner from one commit on. Who gives it up is a moderator afterwards: that is written
   * before, while they own it and so nobody can tell. A crash between the two leaves the owner as it was.
   */
  async giveTo(memberId: string, by: string | null): Promise<void> {
    await this.commits.settle();
    await this.ownerNews.settle();
    const { owner_id } = this.community();
    const before = await this.#roster.get(owner_id);
    if (before?.state === 'active') await this.giveRole(before.member_id, starterRoleOf(this.#id));
    await this.commits.commit({ by, operation: 'hand_over_community' }, (community) => {
      if (community.owner_id === owner_id) return { ...community, owner_id: memberId };
      throw new Fault('unavailable', 'The owner has changed meanwhile', { retry_after_ms: 500 });
    });
  }

  /** To be called when the owner has become another. */
  ownerChanged(...memberIds: string[]): void {
    for (const id of memberIds) {
      // Beside the turn, and an event that is lost is made good by the next load.
      const told = this.#roster.look(id).then((m) => this.news.hasRoles(m));
      told.catch((error: unknown) => this.context.logger.debug({ err: error }, 'who owns it is not told'));
    }
  }

  /** What was done stands, and is told, whether or not the figure can be brought up to date at once. */
  async #recounted(): Promise<void> {
    await this.recount().catch(this.settleLater);
  }

  /** Finds out how the writes ended whose outcome is not known, tells everyone, and counts anew. */
  async settle(): Promise<void> {
    try {
      await this.commits.settle();
      await this.#roster.settle();
    } catch (error) {
      this.settleLater();
      throw error;
    }
    await this.recount();
  }

  #settled(stored: Standing | null, memberId: string): void {
    this.news.changed(stored, memberId);
    if (stored?.state === 'active') {
      this.news.recheck(memberId);
      this.news.hasRoles(stored);
    } else this.news.parted(memberId);
  }

  /** They are no member any more, if they were one. */
  async end(memberId: string, state: 'left' | 'banned'): Promise<void> {
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
    if (before?.state === 'active') this.news.left(memberId);
    this.news.parted(memberId);
    await this.#recounted();
  }

  /** Fault `not_found` for who was never a member. */
  async membershipOf(member: MemberRecord): Promise<Membership> {
    const now = await this.#roster.get(member.id);
    if (!now) throw new Fault('not_found', 'There is no such member here');
    return toMembership(this.community(), now, member, this.context.clock.now());
  }

  /** Fault `not_found` for who is unknown, or was never a member. */
  async membership(memberId: string): Promise<Membership> {
    const member = await this.store.members.byId(memberId);
    if (!member) throw new Fault('not_found', 'There is no such member here');
    return this.membershipOf(member);
  }

  /** They may not speak until then, ms; null: they may. Fault `not_found` for who was never a member. */
  async timeOut(memberId: string, muted_until: number | null): Promise<void> {
    const standing = await this.#roster.get(memberId);
    if (!standing) throw new Fault('not_found', 'There is no such member here');
    await this.#put({ ...standing, muted_until });
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
    this.news.silenced(memberId);
  }

  async #putRoles(standing: MembershipRecord, ids: readonly string[]): Promise<void> {
    const living = roleTable(this.community()).held(ids);
    const changed = { ...standing, roles: living.map(({ id }) => id) };
    await this.#put(changed);
    this.news.recheck(changed.member_id);
    this.news.hasRoles(changed);
  }
}
