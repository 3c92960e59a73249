import { authorise } from '../../../authority/authorise.js';
import { roleTable } from '../../../authority/role-table.js';
import { starterRoleOf } from '../../../authority/roles.js';
import { rules } from '../../../authority/rules.js';
import { Fault } from '../../../kernel/errors.js';
import type { Community, Membership } from '../../../protocol/resources.js';
import type { CommunityRecord, Store } from '../../../store/contracts.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { Arrivals } from './arrivals.js';
import type { Access, ChangeMembership, HandOver, JoinCommunity, LeaveCommunity, ReadAll, RemoveMember } from './messages.js';
import { canOwn } from './ownership.js';
import { adds, type Change, demandChange, demandJoin, demandRemove, demandSee } from './policy.js';
import type { Standings } from './standings.js';

export type MembershipCommand = JoinCommunity | LeaveCommunity | HandOver | ChangeMembership | RemoveMember | ReadAll;

/** What people ask of memberships, their own and others': who may is decided in the turn that carries it out. */
export class MembershipCommands {
  constructor(
    private readonly context: ActorContext,
    private readonly store: Pick<Store, 'members'>,
    /** The living community; throws when there is none. */
    private readonly community: () => CommunityRecord,
    private readonly standings: Standings,
    private readonly arrivals: Arrivals,
  ) {}

  async carryOut(by: Access, message: MembershipCommand): Promise<unknown> {
    switch (message.type) {
      case 'join':
        return this.#join(by);
      case 'leave':
        return this.#leave(by);
      case 'hand_over':
        await this.#handOver(by, message);
        return this.standings.view(by.member_id);
      case 'change_membership':
        return this.#change(by, message);
      case 'remove_member':
        return this.#remove(by, message.member_id);
      case 'read_all':
        authorise(rules.mark_all_read, by, by, this.#now);
        return { read_at: await this.standings.readAll(by.member_id) };
    }
  }

  get #now(): number {
    return this.context.clock.now();
  }

  async #join(by: Access): Promise<Community> {
    demandJoin(by, this.#now);
    if (by.role === null) await this.arrivals.letIn(by.member_id);
    return this.standings.view(by.member_id);
  }

  async #leave(by: Access): Promise<null> {
    if (by.role === null) {
      demandSee(by);
      return null;
    }
    if (by.role === 'owner') throw new Fault('conflict', 'Hand over ownership first');
    await this.standings.end(by.member_id, 'left');
    return null;
  }

  async #remove(by: Access, memberId: string): Promise<null> {
    const target = await this.standings.access(memberId);
    demandRemove(by, target, this.#now);
    if (target.role === null) throw new Fault('not_found', 'There is no such member here');
    await this.standings.end(memberId, 'left');
    return null;
  }

  async #handOver(by: Access, { member_id, is_admin }: HandOver): Promise<void> {
    if (this.#isGivenBefore(by, member_id)) return;
    const isAwaited = is_admin && by.role !== 'owner' && (await this.#isOwnerAway());
    if (!isAwaited) authorise(rules.hand_over_community, by, by, this.#now);
    if (member_id === this.community().owner_id) return;
    const [target, member] = [await this.standings.access(member_id), await this.store.members.byId(member_id)];
    if (target.role === null || !member?.is_active) throw new Fault('not_found', 'There is no such member here');
    if (!canOwn(member)) throw new Fault('conflict', 'This member cannot sign in');
    await this.standings.giveTo(member_id, by.member_id);
  }

  /** The same hand-over again, after an answer that was lost: who asks is a moderator since. */
  #isGivenBefore(by: Access, memberId: string): boolean {
    const { owner_id, handed_over_by } = this.community();
    return by.role !== null && handed_over_by === by.member_id && owner_id === memberId;
  }

  async #isOwnerAway(): Promise<boolean> {
    const { owner_id } = this.community();
    if ((await this.standings.access(owner_id)).role === null) return true;
    return !canOwn(await this.store.members.byId(owner_id));
  }

  async #change(by: Access, { member_id, is_admin, role, muted_until, is_banned }: ChangeMembership): Promise<Membership> {
    const target = await this.standings.access(member_id);
    const change = { role, muted_until, is_banned };
    const isRepeat = role === 'owner' && this.#isGivenBefore(by, member_id);
    if (!isRepeat) this.#demandChange(by, target, change, is_admin === true);
    const member = await this.store.members.byId(member_id);
    if (!member?.is_active) throw new Fault('not_found', 'There is no such member');
    if (role === 'owner' && !canOwn(member)) throw new Fault('conflict', 'This member cannot sign in');
    if (!isRepeat) await this.#apply(by, target, change);
    return this.standings.membershipOf(member);
  }

  #demandChange(by: Access, target: Access, change: Change, isAdmin: boolean): void {
    const [starter] = roleTable(this.community()).held([this.#starterRole]);
    if (!starter) throw new Error('a community without its starter role');
    demandChange(by, target, change, { starter, isAdmin, now: this.#now });
  }

  async #apply(by: Access, target: Access, change: Change): Promise<void> {
    const { member_id } = target;
    const { role, muted_until, is_banned } = change;
    if (is_banned === true) await this.standings.end(member_id, 'banned');
    else if (is_banned === false && target.is_banned) await this.standings.end(member_id, 'left');
    if (adds(target, change)) {
      if (target.is_banned) throw new Fault('conflict', 'This member is banned: lift the ban first');
      await this.arrivals.letIn(member_id);
    } else if (role === 'owner' && is_banned !== true) await this.standings.giveTo(member_id, by.member_id);
    else if (role === 'moderator' && is_banned !== true) await this.standings.giveRole(member_id, this.#starterRole);
    else if (role === 'member' && is_banned !== true) await this.standings.takeRole(member_id, this.#starterRole);
    if (muted_until !== undefined) await this.standings.timeOut(member_id, muted_until);
  }

  get #starterRole(): string {
    return starterRoleOf(this.context.address.key);
  }
}
