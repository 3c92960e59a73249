import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  demandAccept,
  demandCreate,
  demandMember,
  isLiving,
  isTheirs,
  mayManage,
  stillStands,
} from '../../../src/features/invites/policy.js';
import type { Fault } from '../../../src/kernel/errors.js';
import { anAccess } from '../../access.js';

const now = 1_000;
const time = fc.option(fc.integer({ min: 0, max: 2 * now }));
const terms = fc.record({
  created_by: fc.constantFrom('me', 'other'),
  max_uses: fc.option(fc.integer({ min: 1, max: 5 })),
  expires_at: time,
  revoked_at: time,
});
const standing = fc
  .record({
    member_id: fc.constant('me'),
    is_public: fc.boolean(),
    role: fc.option(fc.constantFrom('member' as const, 'moderator' as const, 'owner' as const)),
    is_banned: fc.boolean(),
    muted_until: time,
  })
  // As communities' actors tell it: who is banned is no member, and an owner is not muted.
  .map((by) => ({ ...by, is_banned: by.is_banned && by.role === null, muted_until: by.role === 'owner' ? null : by.muted_until }))
  .map((stands) => ({ stands, by: anAccess(stands) }));

const refused = (run: () => void): Fault | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    return error as Fault;
  }
};

test('an invite lives while each of its terms is kept, and never lives again by being used more', () => {
  fc.assert(
    fc.property(terms, fc.integer({ min: 0, max: 6 }), (of, uses) => {
      const lives = isLiving(of, uses, now);
      expect(lives).toBe(
        of.revoked_at === null && (of.expires_at === null || of.expires_at > now) && (of.max_uses === null || uses < of.max_uses),
      );
      if (!lives) for (const more of [1, 2, 9]) expect(isLiving(of, uses + more, now)).toBe(false);
      if (!lives) expect(isLiving(of, uses, now + 1)).toBe(false);
      // Who has used it keeps their place, whoever came after.
      expect(stillStands(of, now)).toBe(isLiving({ ...of, max_uses: null }, uses, now));
      if (lives) expect(stillStands(of, now)).toBe(true);
    }),
  );
});

test('members who may speak make invites; their own are theirs; who manages has all; a stranger hears no more than of the place', () => {
  fc.assert(
    fc.property(standing, terms, ({ stands: { is_public, muted_until }, by }, of) => {
      const isMuted = muted_until !== null && muted_until > now;
      const create = refused(() => demandCreate(by, now));
      expect(create === undefined).toBe(by.role !== null && !isMuted);
      const see = refused(() => demandMember(by, now));
      expect(see === undefined).toBe(by.role !== null);
      if (by.role === null && !is_public) for (const fault of [create, see]) expect(fault?.code).toBe('not_found');
      if (by.role === null && is_public) for (const fault of [create, see]) expect(fault?.code).toBe('forbidden');
      expect(mayManage(by, now)).toBe(by.role === 'moderator' || by.role === 'owner');
      expect(isTheirs(by, of, now)).toBe(by.role !== null && (by.role !== 'member' || of.created_by === 'me'));
      expect(refused(() => demandAccept(by))?.code).toBe(by.is_banned ? 'forbidden' : undefined);
    }),
  );
});
