import type { CommunityRecord, Store } from '../../../store/contracts.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { Arrivals } from './arrivals.js';
import type { RoleCommands } from './role-commands.js';
import type { CommunitySliceContext } from './slice.js';
import type { Standings } from './standings.js';

/** What the actor of a community lets its features do. */
export const sliceContext = (
  { address, clock, logger, epoch }: ActorContext,
  store: Store,
  community: () => CommunityRecord,
  of: { standings: Standings; arrivals: Arrivals; roles: RoleCommands },
): CommunitySliceContext => ({
  id: address.key,
  clock,
  logger,
  store,
  epoch,
  community,
  access: (memberId) => of.standings.access(memberId),
  keepPlace: (memberId) => of.arrivals.keepPlace(memberId),
  admit: async (memberId, role) => {
    const given = role && (await of.roles.givenBy(role.given_by, role.role_id));
    return of.arrivals.admit(memberId, given === undefined ? [] : [given]);
  },
  demandGiving: (by, roleId) => of.roles.demandGiving(by, roleId),
});
