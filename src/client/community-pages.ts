import type { Community, Membership, Page, Thread } from '../protocol/resources.js';
import { type CommunityState, withCommunity, withMembers, withRead, withThreads } from './community-state.js';
import type { CommunityPort } from './port.js';

/** Threads, and members, in one page. */
export const pageSize = 100;

export interface FirstPages {
  community: Community;
  threads: Page<Thread>;
  members: Page<Membership>;
}

/** Subscribes first and reads after, so that nothing falls in between; for a member only. */
export const firstPages = async (community_id: string, { emit, operations }: CommunityPort): Promise<FirstPages> => {
  const { community } = await emit('join_community', { community_id });
  const [threads, members] = await Promise.all([
    operations.listThreads({ community_id, limit: pageSize }),
    operations.listCommunityMembers({ community_id, limit: pageSize }),
  ]);
  return { community, threads, members };
};

/**
 * In place of what was listed before. `read`: how far oneself has read, which a list that was asked for earlier does
 * not know yet.
 */
export const withFirstPages = (
  state: CommunityState,
  { community, threads, members }: FirstPages,
  read: ReadonlyMap<string, number>,
  myself: string | null,
): CommunityState => {
  const fresh = { ...withCommunity(state, community, myself), threads: [], members: new Map() };
  const listed = withMembers(withThreads(fresh, threads.items), members.items);
  const loaded = [...read].reduce((so, [threadId, seq]) => withRead(so, threadId, seq), listed);
  return { ...loaded, moreThreads: threads.next_cursor, moreMembers: members.next_cursor };
};
