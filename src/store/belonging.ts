import type { Store } from './contracts.js';

/** Ids of the living communities that a member belongs to; of deleted ones the memberships may not be cleared away yet. */
export const communitiesOf = async (store: Pick<Store, 'communities' | 'memberships'>, memberId: string): Promise<string[]> => {
  const ids = (await store.memberships.listByMember(memberId)).map(({ community_id }) => community_id);
  const living = new Set((await store.communities.byIds(ids)).filter(({ deleted_at }) => deleted_at === null).map(({ id }) => id));
  return ids.filter((id) => living.has(id));
};
