import { expect, test } from '@jest/globals';
import { has, namesOf } from '../../../src/authority/bits.js';
import { rankOf, rankOfOwner, roleTable } from '../../../src/authority/role-table.js';
import { defaultRoles, neverOfEveryone, starterRoleOf } from '../../../src/authority/roles.js';

const id = 'c'.repeat(24);

test('a community begins with a starter role above everyone, whose ids follow from its own', () => {
  const { records, everyone, held } = roleTable({ id });
  expect(records.map((role) => role.id)).toEqual([starterRoleOf(id), id]);
  expect(starterRoleOf(id)).toMatch(/^[0-9a-f]{24}$/);
  expect(starterRoleOf(id)).not.toBe(starterRoleOf('d'.repeat(24)));
  expect(everyone & neverOfEveryone).toBe(0);
  expect(namesOf(everyone)).toContain('view');
  const [starter] = held([starterRoleOf(id)]);
  expect(starter).toMatchObject({ rank: 1 });
  expect(has(starter!.permissions, 'manage_messages')).toBe(true);
});

test('roles rank by their order; what is no role of the community, or is everyone, counts for nothing', () => {
  const [starter, everyone] = defaultRoles(id);
  const high = { ...starter!, id: 'a'.repeat(24), permissions: [] };
  const { held } = roleTable({ id, roles: [high, starter!, everyone!] });
  expect(rankOf(held([starter!.id, high.id]))).toBe(2);
  expect(rankOf(held([starter!.id]))).toBe(1);
  expect(held([id, 'f'.repeat(24)])).toEqual([]);
  expect(rankOf([])).toBe(0);
  expect(rankOf([], true)).toBe(rankOfOwner);
});

test('the table of a record is made once, and anew for other roles', () => {
  const community = { id };
  expect(roleTable(community)).toBe(roleTable(community));
  const roles = defaultRoles(id);
  expect(roleTable({ id, roles })).toBe(roleTable({ id, roles }));
  expect(roleTable({ id, roles: [...roles] })).not.toBe(roleTable({ id, roles }));
});
