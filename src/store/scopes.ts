import { type Audience, isClosedThread } from '../authority/closure.js';
import { audienceIn } from './closing.js';
import type { MembershipRecord, Store, ThreadRecord } from './contracts.js';

/** So many scopes one request looks through. */
export const mostScopes = 300;
/** So many closed threads that the asker may not view a look at somebody's messages passes over by itself. */
const mostHidden = 1_000;

/** Communities, and closed threads in them, to look through, all of them such as the asker may see; `partial`: there would be more. */
export interface Scopes {
  ids: readonly string[];
  partial: boolean;
}

/** Where an author's messages are looked for, and closed threads there that the asker may not view, latest active first. */
export interface ScopesOfAuthor extends Scopes {
  without: readonly { id: string; community_id: string }[];
}

/** Those of the communities that a member is in, with the closed threads that they may view there. */
export const ownScopes = async (store: Pick<Store, 'memberships' | 'communities' | 'threads'>, memberId: string): Promise<Scopes> => {
  const memberships = await store.memberships.listByMember(memberId);
  const { ids, partial } = await latestActive(
    store,
    memberships.map(({ community_id }) => community_id),
  );
  const closed = await store.threads.closedSeenBy(await audiencesIn(store, ids, memberships, memberId), mostScopes + 1);
  if (ids.length + closed.length <= mostScopes) return { ids: [...ids, ...closed.map(({ id }) => id)], partial };
  const at = await store.threads.latestActivity(ids);
  const places = ids.map((id) => ({ id, last_activity: at.get(id) ?? 0 }));
  return { ids: latest([...places, ...closed]), partial: true };
};

/** As whom a member looks in each of their living communities, of at most so many; `partial`: there would be more. */
export const ownAudiences = async (
  store: Pick<Store, 'memberships' | 'communities' | 'threads'>,
  memberId: string,
): Promise<{ audiences: Map<string, Audience>; partial: boolean }> => {
  const memberships = await store.memberships.listByMember(memberId);
  const all = memberships.map(({ community_id }) => community_id);
  const { ids, partial } = await latestActive(store, all);
  return { audiences: await audiencesIn(store, ids, memberships, memberId), partial };
};

/** Those of one community, which comes first. */
export const scopesOfCommunity = async (store: Pick<Store, 'threads'>, communityId: string, audience: Audience): Promise<Scopes> => {
  const closed = await store.threads.closedSeenBy(new Map([[communityId, audience]]), mostScopes);
  return { ids: [communityId, ...closed.map(({ id }) => id)].slice(0, mostScopes), partial: closed.length >= mostScopes };
};

/** That of one thread. */
export const scopeOfThread = (thread: ThreadRecord): Scopes => ({
  ids: [isClosedThread(thread) ? thread.id : thread.community_id],
  partial: false,
});

/** Those in which an author may have written, as far as the asker is in them or they are public. */
export const scopesOfAuthor = async (
  store: Pick<Store, 'memberships' | 'threads' | 'communities'>,
  author: string,
  asker: string,
): Promise<ScopesOfAuthor> => {
  const places = await store.memberships.placesOf(author);
  const [own, open] = await Promise.all([store.memberships.listByMember(asker), store.communities.publicAmong(places)]);
  const seen = new Set([...own.map(({ community_id }) => community_id), ...open]);
  const scopes = await latestActive(
    store,
    places.filter((id) => seen.has(id)),
  );
  const audiences = await audiencesIn(store, scopes.ids, own, asker);
  return { ...scopes, without: await store.threads.closedHiddenFrom(audiences, mostHidden) };
};

/** As whom somebody looks in each of these communities that is there still: what the store says, however little has been heard of it. */
const audiencesIn = async (
  store: Pick<Store, 'communities'>,
  ids: readonly string[],
  memberships: readonly MembershipRecord[],
  memberId: string,
): Promise<Map<string, Audience>> => {
  const own = new Map(memberships.map((membership) => [membership.community_id, membership]));
  const living = (await store.communities.byIds(ids)).filter(({ deleted_at }) => deleted_at === null);
  return new Map(living.map((community) => [community.id, audienceIn(community, own.get(community.id), memberId)]));
};

/** At most so many, those first in which something happened last. */
const latestActive = async (store: Pick<Store, 'threads'>, ids: readonly string[]): Promise<Scopes> => {
  if (ids.length <= mostScopes) return { ids, partial: false };
  const at = await store.threads.latestActivity(ids);
  return { ids: latest(ids.map((id) => ({ id, last_activity: at.get(id) ?? 0 }))), partial: true };
};

const latest = (places: readonly { id: string; last_activity: number }[]): string[] =>
  [...places]
    .sort((a, b) => b.last_activity - a.last_activity || (a.id < b.id ? 1 : -1))
    .slice(0, mostScopes)
    .map(({ id }) => id);
