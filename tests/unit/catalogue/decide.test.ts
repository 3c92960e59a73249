import { expect, test } from '@jest/globals';
import { type Allow, anyOf, anyone, author, bit, installation, memberOf, owner, self, signedIn } from '../../../src/authority/allow.js';
import { type Asker, decide, type Standing } from '../../../src/authority/decide.js';
import type { Permission } from '../../../src/authority/permissions.js';
import { anAccess } from '../../access.js';

const now = 1_000;
const standings = {
  'a stranger of a public one': anAccess({ is_public: true, role: null, is_banned: false, muted_until: null }),
  'a stranger of a private one': anAccess({ is_public: false, role: null, is_banned: false, muted_until: null }),
  'somebody banned from a public one': anAccess({ is_public: true, role: null, is_banned: true, muted_until: null }),
  'a member': anAccess({ is_public: false, role: 'member', is_banned: false, muted_until: null }),
  'a muted member': anAccess({ is_public: false, role: 'member', is_banned: false, muted_until: now + 1 }),
  'a member whose mute is over': anAccess({ is_public: false, role: 'member', is_banned: false, muted_until: now }),
  'a moderator': anAccess({ is_public: false, role: 'moderator', is_banned: false, muted_until: null }),
  'a muted moderator': anAccess({ is_public: false, role: 'moderator', is_banned: false, muted_until: now + 1 }),
  'the owner': anAccess({ is_public: false, role: 'owner', is_banned: false, muted_until: null }),
} satisfies Record<string, Standing>;

const ok = 'ok';
const table: Record<keyof typeof standings, Partial<Record<Permission, string>>> = {
  'a stranger of a public one': { view: ok, read_history: ok, post: 'forbidden', manage_invites: 'forbidden' },
  'a stranger of a private one': { view: 'not_found', post: 'not_found', manage_community: 'not_found' },
  'somebody banned from a public one': { view: ok, read_history: ok, post: 'forbidden' },
  'a member': { view: ok, post: ok, create_thread: ok, create_invite: ok, manage_invites: 'forbidden', administrator: 'forbidden' },
  'a muted member': { view: ok, read_history: ok, post: 'forbidden', react: 'forbidden', create_invite: 'forbidden' },
  'a member whose mute is over': { post: ok, create_invite: ok },
  'a moderator': { post: ok, manage_invites: ok, manage_messages: ok, manage_community: ok, view_audit: 'forbidden' },
  'a muted moderator': { post: 'forbidden', manage_messages: ok, manage_invites: ok },
  'the owner': { post: ok, manage_roles: ok, administrator: ok },
};

const cells = Object.entries(table).flatMap(([who, row]) =>
  Object.entries(row).map(([permission, outcome]) => [who as keyof typeof standings, permission as Permission, outcome] as const),
);
const asker: Asker = { member_id: 'me', is_admin: false };

test.each(cells)('%s, %s: %s', (who, permission, outcome) => {
  expect(decide(bit(permission), asker, standings[who], {}, now)?.code ?? ok).toBe(outcome);
});

test('who is not signed in may only what anyone may', () => {
  expect(decide(anyone, undefined, undefined, {}, now)).toBeUndefined();
  for (const allow of [signedIn, self('member_id'), installation, memberOf, owner, bit('view')]) {
    expect(decide(allow, undefined, standings['the owner'], {}, now)?.code).toBe('unauthenticated');
  }
});

test('where anyone is among those who may, whoever asks and nobody may', () => {
  for (const allow of [anyOf(installation, anyone), anyOf(anyone, bit('view')), anyOf(signedIn, anyOf(owner, anyone))]) {
    expect(decide(allow, undefined, undefined, {}, now)).toBeUndefined();
    expect(decide(allow, asker, undefined, {}, now)).toBeUndefined();
  }
});

test('oneself, administrators of the installation and authors', () => {
  expect(decide(self('member_id'), asker, undefined, { member_id: 'me' }, now)).toBeUndefined();
  expect(decide(self('member_id'), asker, undefined, { member_id: 'you' }, now)?.code).toBe('forbidden');
  expect(decide(installation, asker, undefined, {}, now)?.code).toBe('forbidden');
  expect(decide(installation, { ...asker, is_admin: true }, undefined, {}, now)).toBeUndefined();
  const own = author('post');
  expect(decide(own, { ...asker, isAuthor: true }, standings['a member'], {}, now)).toBeUndefined();
  expect(decide(own, asker, standings['the owner'], {}, now)?.code).toBe('forbidden');
  expect(decide(own, { ...asker, isAuthor: true }, standings['a muted member'], {}, now)?.code).toBe('forbidden');
});

test('one of several ways is enough, and what one may not know of stays hidden', () => {
  const allow = anyOf(author('post'), bit('manage_messages'));
  expect(decide(allow, asker, standings['a moderator'], {}, now)).toBeUndefined();
  expect(decide(allow, { ...asker, isAuthor: true }, standings['a member'], {}, now)).toBeUndefined();
  expect(decide(allow, asker, standings['a member'], {}, now)?.code).toBe('forbidden');
  expect(decide(allow, asker, standings['a stranger of a private one'], {}, now)?.code).toBe('not_found');
  expect(decide(anyOf(bit('view'), installation), asker, standings['a stranger of a private one'], {}, now)?.code).toBe('not_found');
});

const belonging: Record<keyof typeof standings, [asMember: string, asOwner: string, words?: RegExp]> = {
  'a stranger of a public one': ['forbidden', 'forbidden', /Join/],
  'a stranger of a private one': ['not_found', 'not_found'],
  'somebody banned from a public one': ['forbidden', 'forbidden', /banned/],
  'a member': [ok, 'forbidden', /owner/],
  'a muted member': [ok, 'forbidden'],
  'a member whose mute is over': [ok, 'forbidden'],
  'a moderator': [ok, 'forbidden', /owner/],
  'a muted moderator': [ok, 'forbidden'],
  'the owner': [ok, ok],
};

test.each(Object.entries(belonging))('%s, as a member and as the owner', (who, [asMember, asOwner, words]) => {
  const standing = standings[who as keyof typeof standings];
  const outcome = (allow: Allow, by = asker) => decide(allow, by, standing, {}, now);
  expect([outcome(memberOf)?.code ?? ok, outcome(owner)?.code ?? ok]).toEqual([asMember, asOwner]);
  if (words) expect(outcome(owner)?.message).toMatch(words);
  // Whoever administers the installation belongs to no community by that.
  const admin = { ...asker, is_admin: true };
  expect([outcome(memberOf, admin)?.code ?? ok, outcome(owner, admin)?.code ?? ok]).toEqual([asMember, asOwner]);
  expect(outcome(anyOf(owner, installation), admin)).toBeUndefined();
  expect(outcome(anyOf(owner, installation))?.code ?? ok).toBe(asOwner);
  expect(outcome(anyOf(installation, owner))?.code ?? ok).toBe(asOwner);
});

test('somebody banned from a private one is not told that it is there', () => {
  const banned = anAccess({ is_banned: true });
  for (const allow of [memberOf, owner, bit('view')]) expect(decide(allow, asker, banned, {}, now)?.code).toBe('not_found');
});

test('belonging to a community is asked for in a place', () => {
  for (const allow of [memberOf, owner]) expect(() => decide(allow, asker, undefined, {}, now)).toThrow('in no place');
});
