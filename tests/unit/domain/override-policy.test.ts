import { describe, expect, it } from '@jest/globals';
import { overridden } from '../../../src/actors/domain/thread/override-policy.js';
import type { OverrideRecord } from '../../../src/authority/overrides.js';
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
