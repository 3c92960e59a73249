import type { CommunityRecord } from '../../../store/contracts.js';
import type { ActorContext, Message } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import type { Arrivals } from './arrivals.js';
import type { PermissionLedgers } from './permission-ledgers.js';
import type { RoleCommands } from './role-commands.js';
import type { CommunitySliceContext } from './slice.js';
import type { Standings } from './standings.js';

/** What the actor of a community lets its features do. */
export const sliceContext = (
  context: ActorContext,
  { store, publicUrl = null }: DomainPorts,
  community: () => CommunityRecord,
  of: { standings: Standings; arrivals: Arrivals; roles: RoleCommands; ledgers: PermissionLedgers },
): CommunitySliceContext => ({
  ...{ id: context.address.key, clock: context.clock, logger: context.logger, epoch: context.epoch },
  ...{ store, publicUrl, community },
  ledger: (permission) => of.ledgers.of(permission),
  after: (ms, work) => void context.tellSelfAfter(ms, { type: 'work', work } as Message),
  access: (memberId) => of.standings.access(memberId),
  keepPlace: (memberId) => of.arrivals.keepPlace(memberId),
  admit: async (memberId, role) => {
    const given = role && (await of.roles.givenBy(role.given_by, role.role_id));
    return of.arrivals.admit(memberId, given === undefined ? [] : [given]);
  },
  demandGiving: (by, roleId) => of.roles.demandGiving(by, roleId),
});
