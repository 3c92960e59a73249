import { useEffect, useState } from 'preact/hooks';
import type { CommunityView } from '../../src/client/index.js';
import type { CommunityRole, Membership } from '../../src/protocol/resources.js';
import { useClient } from './live.js';

const none: readonly CommunityRole[] = [];

/** The roles of a community, the highest first and everyone last: live, and learnt anew at each connection. Empty until then. */
export const useRoles = (view: CommunityView | null): readonly CommunityRole[] => {
  const client = useClient();
  const [held, setHeld] = useState<{ of: string; roles: readonly CommunityRole[] } | null>(null);
  const of = view?.communityId;
  // Its events come once it is live: what is asked for then misses none of them.
  const isLive = view?.status === 'live';
  useEffect(() => {
    if (!of || !isLive) return undefined;
    let isNewest = true;
    const forget = client.on('roles_changed', ({ community_id, roles }) => {
      if (community_id !== of) return;
      isNewest = false;
      setHeld({ of, roles });
    });
    client.operations
      .listRoles({ community_id: of })
      .then(({ items }) => isNewest && setHeld({ of, roles: items }))
      .catch(() => undefined);
    return () => {
      isNewest = false;
      forget();
    };
  }, [client, of, isLive]);
  return held && held.of === of ? held.roles : none;
};

/** The highest of somebody's roles that has a colour: it is shown beside their name. */
export const colouredRole = (roles: readonly CommunityRole[], membership: Membership | undefined): CommunityRole | undefined =>
  membership && roles.find(({ id, color }) => color !== null && membership.roles.includes(id));
