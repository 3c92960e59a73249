import { starterRoleOf } from '../../../authority/roles.js';
import type { CommunityRecord, MembershipRecord, Store } from '../../../store/contracts.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { AccountChanged } from './messages.js';
import { canOwn } from './ownership.js';
import type { Standings } from './standings.js';

/** So many are looked at, at once and in all, for one who may own the community. */
const page = 200;
const pages = 10;

/**
 * What becomes of a community when a member's account is closed or reopened. An owner's community goes to the oldest moderator, else to
 * the oldest member, of those who were there by then. With nobody left it keeps its owner's name until an administrator hands
 * it over, or the owner is back. Ownership goes first and the membership after it: a closed membership says that this
 * is done, so that after a crash in between the same message finishes it.
 */
export class Succession {
  constructor(
    private readonly context: ActorContext,
    private readonly store: Pick<Store, 'members' | 'memberships'>,
    private readonly community: () => CommunityRecord,
    private readonly standings: Standings,
  ) {}

  /** Harmless when repeated, and when the account has changed again meanwhile. */
  async accountChanged({ member_id, at }: AccountChanged): Promise<null> {
    await this.standings.settle();
    const member = await this.store.members.byId(member_id);
    if (!member) return null;
    const standing = await this.standings.get(member_id);
    if (!member.is_active && standing?.state === 'active' && this.community().owner_id === member_id) await this.#passOn(at);
    await this.standings.setClosed(member_id, !member.is_active);
    return null;
  }

  async #passOn(at: number): Promise<void> {
    const { id: community, owner_id: from } = this.community();
    const to = await this.#heir(at);
    if (to !== undefined) await this.standings.giveTo(to, null);
    this.context.logger.info(
      { community, from, to },
      to ? 'a community has passed on: its owner closed the account' : 'nobody is left to own a community',
    );
  }

  async #heir(at: number): Promise<string | undefined> {
    const { id } = this.community();
    const moderator = await this.#firstOf(await this.store.memberships.listHolders(id, starterRoleOf(id), page), at);
    if (moderator !== undefined) return moderator;
    let after: Pick<MembershipRecord, 'joined_at' | 'member_id'> | undefined;
    for (let read = 0; read < pages; read++) {
      const some = await this.store.memberships.listByCommunity(id, { ...(after && { after }), limit: page });
      const member = await this.#firstOf(some, at);
      if (member !== undefined || some.length < page) return member;
      after = some.at(-1);
    }
    return undefined;
  }

  /** Who came later must not come to own what was left behind. */
  async #firstOf(memberships: readonly MembershipRecord[], at: number): Promise<string | undefined> {
    const there = memberships.filter((m) => m.joined_at <= at && m.member_id !== this.community().owner_id).map((m) => m.member_id);
    const people = new Map((await this.store.members.byIds(there)).map((member) => [member.id, member]));
    return there.find((id) => canOwn(people.get(id)));
  }
}
