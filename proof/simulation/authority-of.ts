import { roleTable } from '../../src/authority/role-table.js';
import type { Store } from '../../src/store/contracts.js';
import type { Authority } from '../history/history.js';

const most = 10_000;

/** What decides who views what in a community, as the store has it at this moment. */
export const authorityOf = async (
  store: Store,
  { id, isPublic }: { id: string; isPublic: boolean },
  people: readonly string[],
): Promise<Authority> => {
  const community = await store.communities.byId(id);
  if (!community) throw new Error(`there is no community ${id}`);
  const memberships = await Promise.all(people.map((member) => store.memberships.get(id, member)));
  const threads = await store.threads.listByCommunity(id, { limit: most }, 'everybody');
  return {
    community: id,
    isPublic,
    owner: community.owner_id,
    members: people.map((member, at) => {
      const membership = memberships[at];
      return { id: member, isMember: membership?.state === 'active', roles: membership?.roles ?? [] };
    }),
    roles: roleTable(community).records.map(({ id: role, permissions }) => ({ id: role, permissions })),
    threads: threads.map((thread) => ({ id: thread.id, overrides: thread.overrides ?? [] })),
  };
};
