import { roleTable } from '../../../authority/role-table.js';
import { communityRoom } from '../../../protocol/rooms.js';
import type { CommunityRecord } from '../../../store/contracts.js';
import { toCommunity, toRoles } from '../../../store/resources.js';
import type { Fanout } from '../ports.js';
import type { MembershipNews } from './membership-news.js';
import type { Standings } from './standings.js';

/**
 * What a commit did to the community itself and its roles, in version 1's events. A deletion is told when it has taken
 * effect.
 */
export class CommunityNews {
  constructor(
    private readonly fanout: Fanout,
    private readonly news: Pick<MembershipNews, 'changedForAll'>,
    private readonly standings: Pick<Standings, 'ownerChanged'>,
  ) {}

  changed(before: CommunityRecord, after: CommunityRecord): void {
    if (after.deleted_at !== null) return;
    const room = communityRoom(after.id);
    const community = toCommunity(after);
    if (JSON.stringify(community) !== JSON.stringify(toCommunity(before))) this.fanout.publish(room, 'community_updated', { community });
    const hasOwner = before.owner_id !== after.owner_id;
    const hasRoles = before.roles !== after.roles;
    // How people stand hangs on it, also that of those who are no members: threads ask anew.
    if (hasOwner || hasRoles || before.is_public !== after.is_public) this.news.changedForAll();
    if (hasRoles) this.fanout.publish(room, 'roles_changed', { community_id: after.id, roles: toRoles(roleTable(after).records) });
    if (hasOwner) this.standings.ownerChanged(before.owner_id, after.owner_id);
  }
}
