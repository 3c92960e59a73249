import type { Store } from './contracts.js';

/** So many communities one request looks through. */
export const mostScopes = 300;

/** Communities to look through, all of them such as the asker may see; `partial`: there would be more. */
export interface Scopes {
  ids: readonly string[];
  partial: boolean;
}

/** Those that a member is in. */
export const ownScopes = async (store: Pick<Store, 'memberships' | 'threads'>, memberId: string): Promise<Scopes> =>
  latestActive(store, await communitiesOf(store, memberId));

/** Those in which an author may have written, as far as the asker is in them or they are public. */
export const scopesOfAuthor = async (
  store: Pick<Store, 'memberships' | 'threads' | 'communities'>,
  author: string,
  asker: string,
): Promise<Scopes> => {
  const places = await store.memberships.placesOf(author);
  const [own, open] = await Promise.all([communitiesOf(store, asker), store.communities.publicAmong(places)]);
  const seen = new Set([...own, ...open]);
  return latestActive(
    store,
    places.filter((id) => seen.has(id)),
  );
};

const communitiesOf = async (store: Pick<Store, 'memberships'>, memberId: string): Promise<string[]> =>
  (await store.memberships.listByMember(memberId)).map(({ community_id }) => community_id);

/** At most so many, those first in which something happened last. */
const latestActive = async (store: Pick<Store, 'threads'>, ids: readonly string[]): Promise<Scopes> => {
  if (ids.length <= mostScopes) return { ids, partial: false };
  const at = await store.threads.latestActivity(ids);
  const latest = [...ids].sort((a, b) => (at.get(b) ?? 0) - (at.get(a) ?? 0) || (a < b ? 1 : -1));
  return { ids: latest.slice(0, mostScopes), partial: true };
};
