import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import type { Access } from '../../../src/actors/domain/community/messages.js';
import * as policy from '../../../src/actors/domain/community/roles-policy.js';
import { bitsOf, has } from '../../../src/authority/bits.js';
import { held } from '../../../src/authority/held.js';
import type { Permission } from '../../../src/authority/permissions.js';
import { rankOf, roleTable } from '../../../src/authority/role-table.js';
import { defaultRoles, type RolePatch, type RoleRecord, starterRoleOf } from '../../../src/authority/roles.js';
import { fold } from '../../../src/text/folding.js';

const community_id = 'c'.repeat(24);
const starter = starterRoleOf(community_id);
const now = 1_000;

const role = (id: string, permissions: Permission[] = [], name = `role ${id}`): RoleRecord => ({
  ...{ id, name, color: null, permissions, mentionable: false },
});
const [first, everyone] = defaultRoles(community_id) as [RoleRecord, RoleRecord];

const standing = (
  records: readonly RoleRecord[],
  ids: readonly string[],
  stands: { is_owner?: boolean; member_id?: string } = {},
): Access => {
  const { is_owner = false, member_id = 'me' } = stands;
  const table = roleTable({ id: community_id, roles: records });
  const roles = table.held(ids);
  return {
    ...{ community_id, member_id, access_rev: 1, is_banned: false },
    role: is_owner ? 'owner' : ids.includes(starter) ? 'moderator' : 'member',
    rank: rankOf(roles, is_owner),
    community: { id: community_id, kind: 'community', is_public: true, everyone: table.everyone },
    member: { id: member_id, is_owner, roles, timed_out_until: null },
  };
};

const outcome = (run: () => unknown): string => {
  try {
    run();
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('roles, highest first: chief, Moderator, low, lowest, everyone', () => {
  const chief = role('chief', ['administrator'], 'Chief');
  const low = role('low', ['pin_messages'], 'Low');
  const lowest = role('lowest', ['view_audit'], 'Lowest');
  const records = [chief, first, low, lowest, everyone];
  const owner = standing(records, [], { is_owner: true });
  const admin = standing(records, ['chief']);
  const moderator = standing(records, [starter, 'low']);
  const fresh = (permissions: Permission[], name = 'Fresh') => role('fresh', permissions, name);

  it.each<[string, Access, Permission[], string]>([
    ['an owner anything', owner, ['administrator'], 'ok'],
    ['an administrator as well', admin, ['administrator', 'stream'], 'ok'],
    ['a moderator what they hold', moderator, ['kick_members', 'post'], 'ok'],
    ['a moderator not what they lack', moderator, ['view_audit'], 'forbidden'],
    ['nor all at once', moderator, ['administrator'], 'forbidden'],
  ])('a new one grants: %s', (_, by, permissions, expected) => {
    expect(outcome(() => policy.withNew(by, records, fresh(permissions), now))).toBe(expected);
  });

  it('a new one is the lowest above everyone', () => {
    const ids = policy.withNew(moderator, records, fresh([]), now).map(({ id }) => id);
    expect(ids).toEqual(['chief', starter, 'low', 'lowest', 'fresh', community_id]);
  });

  it.each(['moderator', 'ＬＯＷ', 'Löw', 'everyone', 'ALL', 'here'])('nor has it a name that is taken when folded: %s', (name) => {
    expect(outcome(() => policy.withNew(owner, records, fresh([], name), now))).toBe('conflict');
    expect(outcome(() => policy.withChanged(owner, records, 'lowest', { name }, now))).toBe('conflict');
  });

  it('there are a hundred at most', () => {
    const many = [...Array.from({ length: 98 }, (_, at) => role(`r${at}`)), first, everyone];
    expect(outcome(() => policy.withNew(owner, many, fresh([]), now))).toBe('conflict');
    expect(outcome(() => policy.withNew(owner, many.slice(1), fresh([]), now))).toBe('ok');
  });

  it.each<[string, Access, string, RolePatch, string]>([
    ['below oneself', moderator, 'low', { name: 'Lower' }, 'ok'],
    ['its own name again, otherwise written', moderator, 'low', { name: 'LOW' }, 'ok'],
    ['of one’s own rank', moderator, starter, { color: '#ffffff' }, 'forbidden'],
    ['above', moderator, 'chief', { color: '#ffffff' }, 'forbidden'],
    ['an administrator’s own', admin, 'chief', { color: '#ffffff' }, 'forbidden'],
    ['the highest, by the owner', owner, 'chief', { permissions: [] }, 'ok'],
    ['grants what one lacks', moderator, 'low', { permissions: ['pin_messages', 'view_audit'] }, 'forbidden'],
    ['takes away what one lacks', moderator, 'lowest', { permissions: [] }, 'forbidden'],
    ['what one lacks stays', moderator, 'lowest', { permissions: ['view_audit', 'post'] }, 'ok'],
    ['everyone is given what one holds', moderator, community_id, { permissions: [...everyone.permissions, 'pin_messages'] }, 'ok'],
    ['everyone is given what one lacks', moderator, community_id, { permissions: [...everyone.permissions, 'manage_bots'] }, 'forbidden'],
    ['everyone without view', owner, community_id, { permissions: ['post'] }, 'validation_failed'],
    ['everyone an administrator', owner, community_id, { permissions: ['view', 'administrator'] }, 'validation_failed'],
    ['everyone with roles to give', owner, community_id, { permissions: ['view', 'manage_roles'] }, 'validation_failed'],
    ['everyone renamed', owner, community_id, { name: 'all of us' }, 'validation_failed'],
    ['everyone mentionable', owner, community_id, { mentionable: true }, 'validation_failed'],
    ['one that is not there', owner, 'none', {}, 'not_found'],
  ])('changed: %s', (_, by, id, patch, expected) => {
    expect(outcome(() => policy.withChanged(by, records, id, patch, now))).toBe(expected);
  });

  it.each<[string, Access, string, string]>([
    ['below oneself', moderator, 'low', 'ok'],
    ['with what one lacks', moderator, 'lowest', 'forbidden'],
    ['one’s own', moderator, starter, 'forbidden'],
    ['above', moderator, 'chief', 'forbidden'],
    ['the starter role, by the owner', owner, starter, 'conflict'],
    ['everyone', owner, community_id, 'conflict'],
    ['everyone, by a moderator', moderator, community_id, 'conflict'],
    ['one that was deleted', moderator, 'none', 'ok'],
  ])('deleted: %s', (_, by, id, expected) => {
    expect(outcome(() => policy.without(by, records, id, now))).toBe(expected);
  });

  it.each<[string, Access, string[], string]>([
    ['as they are', moderator, ['chief', starter, 'low', 'lowest'], 'ok'],
    ['what is below oneself', moderator, ['chief', starter, 'lowest', 'low'], 'ok'],
    ['above oneself', moderator, ['low', 'chief', starter, 'lowest'], 'forbidden'],
    ['one’s own', moderator, ['chief', 'low', starter, 'lowest'], 'forbidden'],
    ['all, by the owner', owner, ['lowest', 'low', starter, 'chief'], 'ok'],
    ['one left out', owner, ['chief', starter, 'low'], 'validation_failed'],
    ['one twice', owner, ['chief', starter, 'low', 'low'], 'validation_failed'],
    ['everyone among them', owner, ['chief', starter, 'low', community_id], 'validation_failed'],
    ['one that is not there', owner, ['chief', starter, 'low', 'none'], 'validation_failed'],
  ])('ordered: %s', (_, by, ids, expected) => {
    expect(outcome(() => policy.inOrder(by, records, ids))).toBe(expected);
  });

  const other = (ids: string[], is_owner = false) => standing(records, ids, { member_id: 'other', is_owner });
  it.each<[string, Access, Access, string, string, string]>([
    ['to a plain member', moderator, other([]), 'low', 'ok', 'ok'],
    ['that grants what one lacks', moderator, other([]), 'lowest', 'forbidden', 'forbidden'],
    ['to who stands as high', moderator, other([starter]), 'low', 'forbidden', 'forbidden'],
    ['to the owner', moderator, other([], true), 'low', 'forbidden', 'forbidden'],
    ['one’s own role', moderator, other([]), starter, 'forbidden', 'forbidden'],
    ['that of everyone', owner, other([]), community_id, 'validation_failed', 'validation_failed'],
    ['one that is not there', owner, other([]), 'none', 'not_found', 'not_found'],
    ['to oneself', moderator, moderator, 'low', 'forbidden', 'ok'],
    ['one’s highest, to oneself', moderator, moderator, starter, 'forbidden', 'forbidden'],
    ['to oneself as the owner', owner, owner, 'chief', 'ok', 'ok'],
  ])('given and taken: %s', (_, by, target, id, given, taken) => {
    expect(outcome(() => policy.demandGive(by, target, records, id, now))).toBe(given);
    expect(outcome(() => policy.demandTake(by, target, records, id, now))).toBe(taken);
  });

  it('who is muted grants nothing of what the mute has taken', () => {
    const muted = { ...moderator, member: { ...moderator.member!, timed_out_until: now + 1 } };
    expect(outcome(() => policy.withNew(muted, records, fresh(['post']), now))).toBe('forbidden');
    expect(outcome(() => policy.withNew(muted, records, fresh(['post']), now + 1))).toBe('ok');
  });
});

const few: Permission[] = ['view', 'post', 'pin_messages', 'manage_roles', 'view_audit', 'administrator'];
const some = fc.subarray(few);
const ids = ['r1', 'r2', 'r3'];
const act = fc.oneof(
  fc.record({ do: fc.constant('new' as const), permissions: some, name: fc.constantFrom('role r1', 'new', 'Everyone') }),
  fc.record({
    do: fc.constant('change' as const),
    id: fc.constantFrom(...ids, starter, community_id),
    patch: fc.record({ permissions: some, name: fc.constantFrom('role R2', 'other', 'everyone') }, { requiredKeys: [] }),
  }),
  fc.record({ do: fc.constant('delete' as const), id: fc.constantFrom(...ids, starter, community_id) }),
  fc.record({ do: fc.constant('order' as const), ids: fc.shuffledSubarray([...ids, starter], { minLength: 3 }) }),
);

test('whatever is tried: nobody moves what they lack, nor what stands as high as they; what must stay stays', () => {
  const world = fc.record({ order: fc.shuffledSubarray([...ids, starter], { minLength: 4 }), grants: fc.tuple(some, some, some, some) });
  const who = fc.record({
    held: fc.subarray([...ids, starter], { minLength: 1 }),
    is_owner: fc.integer({ max: 3, min: 0 }).map((n) => n === 0),
  });
  fc.assert(
    fc.property(world, who, act, ({ order, grants }, { held: mine, is_owner }, what) => {
      const before = [...order.map((id, at) => ({ ...role(id, grants[at]), name: `role ${id}` })), everyone];
      const by = standing(before, mine, { is_owner });
      let after: readonly RoleRecord[];
      try {
        if (what.do === 'new') after = policy.withNew(by, before, role('new', what.permissions, what.name), now);
        else if (what.do === 'change') after = policy.withChanged(by, before, what.id, what.patch, now);
        else if (what.do === 'delete') after = policy.without(by, before, what.id, now);
        else after = policy.inOrder(by, before, what.ids);
      } catch {
        return;
      }
      const grantOf = (records: readonly RoleRecord[], id: string) => bitsOf(records.find((one) => one.id === id)?.permissions ?? []);
      for (const { id } of [...before, ...after]) expect((grantOf(before, id) ^ grantOf(after, id)) & ~held(by, now)).toBe(0);
      // From the highest down to one's own nothing is another than it was.
      const own = before.length - by.rank;
      if (!is_owner) expect(after.slice(0, own)).toEqual(before.slice(0, own));
      const last = after.at(-1)!;
      expect([last.id, last.name, has(bitsOf(last.permissions), 'view')]).toEqual([community_id, 'everyone', true]);
      expect(last.permissions).not.toContain('administrator');
      expect(last.permissions).not.toContain('manage_roles');
      expect(after.map(({ id }) => id)).toContain(starter);
      expect(new Set(after.map(({ name }) => fold(name))).size).toBe(after.length);
    }),
    { numRuns: 3_000 },
  );
});
