import { expect, test } from '@jest/globals';
import { anyOf, anyone, author, bit, installation, self, signedIn } from '../../../src/authority/allow.js';
import { type Asker, decide, type Standing } from '../../../src/authority/decide.js';
import type { Permission } from '../../../src/authority/permissions.js';

const now = 1_000;
const standings = {
  'a stranger of a public one': { is_public: true, role: null, is_banned: false, muted_until: null },
  'a stranger of a private one': { is_public: false, role: null, is_banned: false, muted_until: null },
  'somebody banned from a public one': { is_public: true, role: null, is_banned: true, muted_until: null },
  'a member': { is_public: false, role: 'member', is_banned: false, muted_until: null },
  'a muted member': { is_public: false, role: 'member', is_banned: false, muted_until: now + 1 },
  'a member whose mute is over': { is_public: false, role: 'member', is_banned: false, muted_until: now },
  'a moderator': { is_public: false, role: 'moderator', is_banned: false, muted_until: null },
  'a muted moderator': { is_public: false, role: 'moderator', is_banned: false, muted_until: now + 1 },
  'the owner': { is_public: false, role: 'owner', is_banned: false, muted_until: null },
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
  for (const allow of [signedIn, self('member_id'), installation, bit('view')]) {
    expect(decide(allow, undefined, standings['the owner'], {}, now)?.code).toBe('unauthenticated');
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
