import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { all, type Bits, bitOf, bitsOf, has, namesOf, none } from '../../../src/authority/bits.js';
import { explain } from '../../../src/authority/explain.js';
import { held } from '../../../src/authority/held.js';
import { type Permission, permissions } from '../../../src/authority/permissions.js';
import { isClosed, type Override, type Snapshot } from '../../../src/authority/snapshot.js';

const now = 1_000;
const every = Object.keys(permissions) as Permission[];

/** A slow and separate answer: one permission at a time, in the words of the rules. */
const may = (snapshot: Snapshot, permission: Permission): boolean => {
  const { community, member, overrides = [] } = snapshot;
  if (community.kind !== 'community') {
    const ofPeople = ['view', 'read_history', 'post', 'react', 'attach', 'embed_links', 'mention_all', 'pin_messages', 'speak', 'stream'];
    return member !== null && ofPeople.includes(permission);
  }
  if (permission !== 'view' && !may(snapshot, 'view')) return false;
  const talking = ['post', 'create_thread', 'create_closed_thread', 'react', 'attach', 'embed_links', 'mention_all', 'create_invite'];
  const silent = member?.timed_out_until != null && member.timed_out_until > now;
  if (silent && [...talking, 'speak', 'stream'].includes(permission)) return false;
  if (!member && (!community.is_public || !['view', 'read_history'].includes(permission))) return false;
  if (member?.is_owner) return true;
  let answer = has(community.everyone, permission);
  for (const role of member?.roles ?? []) {
    if (has(role.permissions, 'administrator')) return true;
    if (has(role.permissions, permission)) answer = true;
  }
  const subjects = [[`role:${community.id}`], (member?.roles ?? []).map(({ id }) => `role:${id}`), member ? [`member:${member.id}`] : []];
  for (const those of subjects) {
    for (const { subject, deny } of overrides) if (those.includes(subject) && has(deny, permission)) answer = false;
    for (const { subject, allow } of overrides) if (those.includes(subject) && has(allow, permission)) answer = true;
  }
  return answer;
};

const few: readonly Permission[] = ['view', 'read_history', 'post', 'manage_messages'];
const some = (from: readonly Permission[]): fc.Arbitrary<Bits> => fc.subarray([...from]).map(bitsOf);
const override: fc.Arbitrary<Override> = fc.record({
  subject: fc.constantFrom('role:c' as const, 'role:r1' as const, 'role:r2' as const, 'member:m' as const, 'member:other' as const),
  allow: some(few),
  deny: some(few),
});
const world: fc.Arbitrary<Snapshot> = fc.record(
  {
    community: fc.record({
      id: fc.constant('c'),
      kind: fc.constantFrom('community' as const, 'community' as const, 'community' as const, 'direct' as const, 'group' as const),
      is_public: fc.boolean(),
      everyone: some(few).map((bits) => bits | bitOf('view')),
    }),
    member: fc.option(
      fc.record({
        id: fc.constant('m'),
        is_owner: fc.boolean(),
        roles: fc.uniqueArray(
          fc.record({ id: fc.constantFrom('r1', 'r2'), permissions: some([...few, 'administrator', 'speak', 'create_invite']) }),
          { selector: ({ id }) => id },
        ),
        timed_out_until: fc.constantFrom(null, now - 1, now, now + 1),
      }),
    ),
    is_banned: fc.boolean(),
    overrides: fc.array(override, { maxLength: 4 }),
  },
  { requiredKeys: ['community', 'member', 'is_banned'] },
);

test('what is held is what the rules say, one permission at a time', () => {
  fc.assert(
    fc.property(world, (snapshot) => {
      const bits = held(snapshot, now);
      expect(namesOf(bits)).toEqual(every.filter((permission) => may(snapshot, permission)));
    }),
    { numRuns: 3_000 },
  );
});

test('an explanation says what is held, and the last reason that counts says the same', () => {
  fc.assert(
    fc.property(world, fc.constantFrom(...every), (snapshot, permission) => {
      const { allowed, because } = explain(snapshot, permission, now);
      expect(allowed).toBe(may(snapshot, permission));
      if (allowed) expect(because.at(-1)?.effect).toBe('allow');
      else if (because.length > 0 && may(snapshot, 'view')) expect(because.at(-1)?.effect).toBe('deny');
      if (allowed) expect(because.length).toBeGreaterThan(0);
    }),
    { numRuns: 3_000 },
  );
});

test('a thread that some plain member, whatever their roles, may not view is closed', () => {
  const member = { id: 'm', is_owner: false, timed_out_until: null };
  fc.assert(
    fc.property(world, ({ community, overrides = [] }) => {
      const plain = (id: string, roles: string[]): Snapshot => ({
        ...{ community, overrides, is_banned: false },
        member: { ...member, id, roles: roles.map((role) => ({ id: role, permissions: none })) },
      });
      const everybody = ['m', 'other', 'nobody in particular'].flatMap((id) =>
        [[], ['r1'], ['r2'], ['r1', 'r2']].map((roles) => held(plain(id, roles), now)),
      );
      if (everybody.some((bits) => !has(bits, 'view'))) expect(isClosed(community, overrides)).toBe(true);
    }),
  );
});

test('the owner of a community may do everything; in a conversation nobody stands above', () => {
  const member = { id: 'm', is_owner: true, roles: [], timed_out_until: null };
  const community = { id: 'c', kind: 'community' as const, is_public: false, everyone: none };
  const denied = [{ subject: 'member:m' as const, allow: none, deny: all }];
  expect(held({ community, member, is_banned: false, overrides: denied }, now)).toBe(all);
  expect(namesOf(held({ community: { ...community, kind: 'direct' }, member, is_banned: false }, now))).not.toContain('manage_messages');
});
