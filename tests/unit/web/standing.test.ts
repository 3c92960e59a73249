import { describe, expect, it } from '@jest/globals';
import type { Access } from '../../../src/actors/domain/community/messages.js';
import * as policy from '../../../src/actors/domain/community/roles-policy.js';
import { has, namesOf } from '../../../src/authority/bits.js';
import { held } from '../../../src/authority/held.js';
import type { Permission } from '../../../src/authority/permissions.js';
import { rankOf, roleTable } from '../../../src/authority/role-table.js';
import { defaultRoles, type RoleRecord, starterRoleOf } from '../../../src/authority/roles.js';
import type { Community, CommunityRole, Membership } from '../../../src/protocol/resources.js';
import { mayChange, mayDelete, mayGive, standingIn } from '../../../web/src/standing.js';

const id = 'c'.repeat(24);
const starter = starterRoleOf(id);
const now = 1_000;
const role = (name: string, permissions: Permission[]): RoleRecord => ({ id: name, name, color: null, permissions, mentionable: false });
const [first, everyone] = defaultRoles(id) as [RoleRecord, RoleRecord];
/** The highest first. */
const records = [
  role('chief', ['administrator']),
  first,
  role('low', ['manage_roles', 'stream']),
  role('lowest', ['view_audit']),
  everyone,
];
const shown: CommunityRole[] = records.map(({ origin: _, ...one }, at) => ({ ...one, position: records.length - 1 - at }));

interface Somebody {
  name: string;
  access: Access;
  membership: Membership;
  community: Community;
}

const somebody = (roles: readonly string[], is_owner: boolean): Somebody => {
  const table = roleTable({ id, roles: records });
  const ranked = table.held(roles);
  const v1 = is_owner ? 'owner' : roles.includes(starter) ? 'moderator' : 'member';
  const member_id = `${v1} of ${roles.join()}`;
  const access: Access = {
    ...{ community_id: id, member_id, access_rev: 1, is_banned: false, role: v1, rank: rankOf(ranked, is_owner) },
    community: { id, kind: 'community', is_public: true, everyone: table.everyone },
    member: { id: member_id, is_owner, roles: ranked, timed_out_until: null },
  };
  const me = { role: v1, roles: [...roles], permissions: namesOf(held(access, now)) };
  return { name: member_id, access, membership: me as unknown as Membership, community: { me } as unknown as Community };
};

/** Everybody whom there can be: each set of roles, and the owner with each. */
const given = ['chief', starter, 'low', 'lowest'];
const people = Array.from({ length: 2 ** given.length }, (_, bits) => given.filter((_id, at) => bits & (1 << at))).flatMap((roles) => [
  somebody(roles, false),
  somebody(roles, true),
]);

const isTaken = (access: Access, run: () => unknown): boolean => {
  if (!has(held(access, now), 'manage_roles')) return false;
  try {
    run();
    return true;
  } catch {
    return false;
  }
};

describe('what the page offers of roles is what the server takes', () => {
  it('to change, to move and to delete', () => {
    for (const { name, access, community } of people) {
      const standing = standingIn(community, shown);
      for (const one of shown) {
        const why = `${name} and ${one.name}`;
        const change = isTaken(access, () => policy.withChanged(access, records, one.id, { color: '#ffffff' }, now));
        expect([why, mayChange(standing, one)]).toEqual([why, change]);
        // The first and the last are never deleted; which one is the first the page does not know.
        if (one.id === starter || one.id === id) continue;
        const remove = isTaken(access, () => policy.without(access, records, one.id, now));
        expect([why, mayDelete(standing, one)]).toEqual([why, remove]);
      }
    }
  });

  it('to give and to take', () => {
    for (const by of people) {
      const standing = standingIn(by.community, shown);
      for (const target of people) {
        // There is one owner.
        if (target !== by && target.membership.role === 'owner' && standing.isOwner) continue;
        for (const one of shown) {
          const why = `${by.name}, ${one.name}, ${target.name}`;
          const demand = target.membership.roles.includes(one.id) ? policy.demandTake : policy.demandGive;
          const set = isTaken(by.access, () => demand(by.access, target.access, records, one.id, now));
          expect([why, mayGive(standing, target.membership, by === target, one, shown)]).toEqual([why, set]);
        }
      }
    }
  });

  it('nothing to whoever is no member, or before it is known', () => {
    for (const community of [null, {} as Community]) {
      const standing = standingIn(community, shown);
      expect(shown.filter((one) => mayChange(standing, one) || mayDelete(standing, one))).toEqual([]);
    }
  });
});
