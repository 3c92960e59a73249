import { describe, expect, it } from '@jest/globals';
import type { Access } from '../../../src/actors/domain/community/messages.js';
import * as policy from '../../../src/actors/domain/community/policy.js';
import type { Role } from '../../../src/protocol/resources.js';

const access = (over: Partial<Access> = {}): Access => ({
  community_id: 'c'.repeat(24),
  member_id: 'a'.repeat(24),
  is_public: true,
  role: 'member',
  is_banned: false,
  muted_until: null,
  ...over,
});
const other = (role: Role | null): Access => access({ member_id: 'b'.repeat(24), role });
const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('who may do what', () => {
  it('hides a private community from strangers and banned members', () => {
    expect(codeOf(() => policy.demandSee(access({ is_public: false, role: null })))).toBe('not_found');
    expect(codeOf(() => policy.demandSee(access({ is_public: false, role: null, is_banned: true })))).toBe('not_found');
    expect(codeOf(() => policy.demandPost(access({ is_public: false, role: null }), 0))).toBe('not_found');
    expect(codeOf(() => policy.demandSee(access({ is_public: false })))).toBe('ok');
  });

  it('lets strangers read but not post in a public one', () => {
    expect(codeOf(() => policy.demandSee(access({ role: null })))).toBe('ok');
    expect(codeOf(() => policy.demandPost(access({ role: null }), 0))).toBe('forbidden');
    expect(codeOf(() => policy.demandMember(access({ role: null })))).toBe('forbidden');
  });

  it('mutes until the time is over', () => {
    expect(codeOf(() => policy.demandPost(access({ muted_until: 10 }), 9))).toBe('forbidden');
    expect(codeOf(() => policy.demandPost(access({ muted_until: 10 }), 10))).toBe('ok');
  });

  it('keeps the banned out', () => {
    expect(codeOf(() => policy.demandJoin(access({ role: null, is_banned: true })))).toBe('forbidden');
    expect(codeOf(() => policy.demandJoin(access({ role: null, is_banned: true, is_public: false })))).toBe('not_found');
    expect(codeOf(() => policy.demandJoin(access({ role: null })))).toBe('ok');
    expect(codeOf(() => policy.demandJoin(access({ role: null, is_public: false })))).toBe('not_found');
  });

  it.each<[Role, Role | null, Role | undefined, string]>([
    ['member', 'member', undefined, 'forbidden'],
    ['moderator', 'member', undefined, 'ok'],
    ['moderator', 'moderator', undefined, 'forbidden'],
    ['moderator', 'owner', undefined, 'forbidden'],
    ['moderator', 'member', 'moderator', 'forbidden'],
    ['moderator', 'member', 'owner', 'forbidden'],
    ['moderator', null, 'member', 'ok'],
    ['owner', 'moderator', 'member', 'ok'],
    ['owner', 'member', 'moderator', 'ok'],
    ['owner', 'member', 'owner', 'ok'],
  ])('%s acts on %s granting %s: %s', (mine, theirs, role, expected) => {
    expect(codeOf(() => policy.demandChange(access({ role: mine }), other(theirs), { role }))).toBe(expected);
  });

  it('lets nobody change their own standing', () => {
    expect(codeOf(() => policy.demandChange(access({ role: 'owner' }), access({ role: 'owner' }), { role: 'member' }))).toBe('forbidden');
  });

  it('lets a muted author neither edit nor delete, a moderator delete', () => {
    expect(codeOf(() => policy.demandAuthor(access({ muted_until: 10 }), 'a'.repeat(24), 1))).toBe('forbidden');
    expect(codeOf(() => policy.demandAuthorOrModerator(access({ role: 'moderator' }), 'x'.repeat(24), 1))).toBe('ok');
    expect(codeOf(() => policy.demandAuthorOrModerator(access(), 'x'.repeat(24), 1))).toBe('forbidden');
    expect(codeOf(() => policy.demandAuthorOrModerator(access({ muted_until: 10 }), 'a'.repeat(24), 1))).toBe('forbidden');
  });
});
