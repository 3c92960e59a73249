import { describe, expect, it } from '@jest/globals';
import type { Access } from '../../../src/actors/domain/community/messages.js';
import { overridden, parted } from '../../../src/actors/domain/thread/override-policy.js';
import { type OverrideRecord, standingIn } from '../../../src/authority/overrides.js';
import { anAccess } from '../../access.js';

describe('a permission that is named twice', () => {
  const by = anAccess({ member_id: 'ada', role: 'owner' });
  const set = (before: OverrideRecord[], deny: OverrideRecord['deny']) =>
    overridden(before, by, { subject: 'role:c', rank: 0 }, { allow: [], deny }, 1);

  it('is kept once', () => {
    expect(set([], ['post', 'post'])).toEqual([{ subject: 'role:c', allow: [], deny: ['post'] }]);
  });

  it('hides no change: what was kept so before is changed like anything else', () => {
    const before: OverrideRecord[] = [{ subject: 'role:c', allow: [], deny: ['post', 'post'] }];
    expect(set(before, ['view', 'post'])).toEqual([{ subject: 'role:c', allow: [], deny: ['view', 'post'] }]);
  });
});

describe('whoever manages threads', () => {
  const closed: OverrideRecord[] = [{ subject: 'role:c', allow: [], deny: ['view'] }];
  const overrides: OverrideRecord[] = [...closed, { subject: 'role:tender', allow: ['view'], deny: [] }];
  const tending = (member_id: string, rank: number) => {
    const access = anAccess({ member_id, role: 'moderator' });
    const roles = (access.member?.roles ?? []).map((role) => ({ ...role, id: 'tender' }));
    return { ...standingIn({ ...access, member: access.member && { ...access.member, roles } }, overrides), rank };
  };
  const takeOut = (person: Access, isAuthor = false) => parted(overrides, tending('ada', 2), person, isAuthor, 1);

  it('takes nobody out of a closed thread who stands as high as they or higher', () => {
    for (const rank of [2, 3]) expect(() => takeOut(tending('bob', rank))).toThrow('below your own rank');
    expect(takeOut(tending('bob', 1))).toContainEqual({ subject: 'member:bob', allow: [], deny: ['view'] });
    expect(takeOut({ ...anAccess({ member_id: 'cem', role: 'member' }), rank: 0 })).toBeNull();
  });

  it('goes by themselves, and who began it says who its people are', () => {
    expect(takeOut(tending('ada', 2))).toContainEqual({ subject: 'member:ada', allow: [], deny: ['view'] });
    expect(takeOut(tending('bob', 3), true)).toContainEqual({ subject: 'member:bob', allow: [], deny: ['view'] });
  });
});
