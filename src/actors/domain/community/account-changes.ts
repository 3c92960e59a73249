import type { AccountChange, Store } from '../../../store/contracts.js';
import type { ActorSystem } from '../../runtime/actor.js';
import { type AccountChanged, communityAddress } from './messages.js';

/** Asked at once. */
const atOnce = 16;

/** The living communities in which a member does not yet stand as the account does. */
export const communitiesToTell = async (store: Pick<Store, 'communities' | 'memberships'>, change: AccountChange): Promise<string[]> => {
  const stale = (await store.memberships.listBelonging(change.id)).filter(({ state }) => (state === 'active') !== change.is_active);
  const communities = await store.communities.byIds(stale.map(({ community_id }) => community_id));
  return communities.filter(({ deleted_at }) => deleted_at === null).map(({ id }) => id);
};

export const accountChanged = ({ id, at }: AccountChange): AccountChanged =>
  ({ type: 'account_changed', member_id: id, at }) as AccountChanged;

/**
 * Tells a member's communities that the account was closed or reopened, and waits until they have heard. Never rejects: what is cut off here, by a
 * crash or by a community that does not answer, is found by the workers' sweep, since the account's mark stays.
 */
export const tellCommunities = async (
  store: Pick<Store, 'communities' | 'memberships' | 'members'>,
  actors: Pick<ActorSystem, 'ask'>,
  memberId: string,
): Promise<void> => {
  const change = await store.members.accountChange(memberId).catch(() => null);
  if (!change) return;
  const communities = (await communitiesToTell(store, change).catch(() => [])).values();
  const tell = async (): Promise<void> => {
    for (const id of communities) await actors.ask<AccountChanged>(communityAddress(id), accountChanged(change)).catch(() => undefined);
  };
  await Promise.all(Array.from({ length: atOnce }, tell));
};
