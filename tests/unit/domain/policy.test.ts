import { describe, expect, it } from '@jest/globals';
import type { Access, UpdateCommunity } from '../../../src/actors/domain/community/messages.js';
import * as policy from '../../../src/actors/domain/community/policy.js';
import type { Allow } from '../../../src/authority/allow.js';
import { authorise } from '../../../src/authority/authorise.js';
import { roleTable } from '../../../src/authority/role-table.js';
import { starterRoleOf } from '../../../src/authority/roles.js';
import { rules } from '../../../src/authority/rules.js';
import { updateCommunity } from '../../../src/features/communities/contract.js';
import type { Role } from '../../../src/protocol/resources.js';
import { anAccess, type Stands } from '../../access.js';

const access = (stands: Stands = {}): Access => anAccess({ member_id: 'a'.repeat(24), is_public: true, role: 'member', ...stands });
const other = (role: Role | null): Access => access({ member_id: 'b'.repeat(24), role });
const [starter] = roleTable({ id: 'c' }).held([starterRoleOf('c')]);
const facts = { starter: starter!, now: 1 };
const may = (rule: Allow, by: Access, now: number, isAuthor = false): string =>
  codeOf(() => authorise(rule, by, { member_id: by.member_id, isAuthor }, now));
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
    expect(may(rules.send_message, access({ is_public: false, role: null }), 0)).toBe('not_found');
    expect(codeOf(() => policy.demandSee(access({ is_public: false })))).toBe('ok');
  });

  it('lets strangers read but not post in a public one', () => {
    expect(codeOf(() => policy.demandSee(access({ role: null })))).toBe('ok');
    expect(may(rules.send_message, access({ role: null }), 0)).toBe('forbidden');
    expect(may(rules.mark_read, access({ role: null }), 0)).toBe('forbidden');
  });

  it('mutes until the time is over', () => {
    expect(may(rules.send_message, access({ muted_until: 10 }), 9)).toBe('forbidden');
    expect(may(rules.send_message, access({ muted_until: 10 }), 10)).toBe('ok');
  });

  it('keeps the banned out', () => {
    expect(codeOf(() => policy.demandJoin(access({ role: null, is_banned: true }), 1))).toBe('forbidden');
    expect(codeOf(() => policy.demandJoin(access({ role: null, is_banned: true, is_public: false }), 1))).toBe('not_found');
    expect(codeOf(() => policy.demandJoin(access({ role: null }), 1))).toBe('ok');
    expect(codeOf(() => policy.demandJoin(access({ role: null, is_public: false }), 1))).toBe('not_found');
  });

  it.each<[Role, Role | null, Role | undefined, string]>([
    ['member', 'member', undefined, 'forbidden'],
    ['moderator', 'member', undefined, 'ok'],
    ['moderator', 'moderator', undefined, 'forbidden'],
    ['moderator', 'owner', undefined, 'forbidden'],
    ['moderator', 'member', 'moderator', 'forbidden'],
    ['moderator', 'member', 'owner', 'forbidden'],
    ['owner', 'moderator', 'member', 'ok'],
    ['owner', 'member', 'moderator', 'ok'],
    ['owner', 'member', 'owner', 'ok'],
  ])('%s acts on %s granting %s: %s', (mine, theirs, role, expected) => {
    expect(codeOf(() => policy.demandChange(access({ role: mine }), other(theirs), { role }, facts))).toBe(expected);
  });

  const everyRole: (Role | null)[] = ['owner', 'moderator', 'member', null];

  it.each(everyRole)('nobody becomes a member unasked: %s adds nobody, in whatever words', (mine) => {
    for (const is_public of [true, false]) {
      for (const is_banned of [true, false]) {
        for (const role of ['owner', 'moderator', 'member'] as const) {
          for (const change of [
            { role },
            { role, is_banned: false },
            { role, muted_until: null },
            { role, muted_until: 5, is_banned: false },
          ]) {
            const target = access({ member_id: 'b'.repeat(24), role: null, is_banned });
            const by = access({ role: mine, is_public });
            expect(codeOf(() => policy.demandChange(by, target, change, facts))).toBe(
              mine === null && !is_public ? 'not_found' : 'forbidden',
            );
            const alone = Object.keys(change).length === 1;
            const expected = role === 'member' && alone ? 'ok' : 'forbidden';
            expect(codeOf(() => policy.demandChange(by, target, change, { ...facts, isAdmin: true }))).toBe(expected);
          }
        }
      }
    }
  });

  it.each(everyRole)('an administrator who is %s here may do no more to those who belong to it', (mine) => {
    for (const theirs of ['owner', 'moderator', 'member'] as const) {
      for (const change of [{}, { role: 'member' as const }, { role: 'owner' as const }, { is_banned: true }, { muted_until: 5 }]) {
        const [by, target] = [access({ role: mine }), other(theirs)];
        expect(codeOf(() => policy.demandChange(by, target, change, { ...facts, isAdmin: true }))).toBe(
          codeOf(() => policy.demandChange(by, target, change, facts)),
        );
      }
    }
  });

  /** Who may change a field, a letter a role in the order above. o: may; f: forbidden; n: not_found. */
  const updates: [what: string, patch: UpdateCommunity['patch'], ofPublic: string, ofPrivate: string][] = [
    ['name', { name: 'x' }, 'ooff', 'oofn'],
    ['description', { description: 'x' }, 'ooff', 'oofn'],
    ['no description', { description: null }, 'ooff', 'oofn'],
    ['tags', { tags: ['x'] }, 'ooff', 'oofn'],
    ['avatar', { avatar_url: 'https://x.example/a.png' }, 'ooff', 'oofn'],
    ['private', { is_public: false }, 'ooff', 'oofn'],
    ['public', { is_public: true }, 'ooff', 'offn'],
    ['public among others', { name: 'x', is_public: true }, 'ooff', 'offn'],
    ['nothing', {}, 'ooff', 'oofn'],
  ];

  it('knows every field of a community that can be changed', () => {
    const named = new Set(updates.flatMap(([, patch]) => Object.keys(patch)));
    const { community_id: _, if_rev: __, ...changed } = updateCommunity.input.shape;
    expect([...named].sort()).toEqual(Object.keys(changed).sort());
  });

  it.each(updates)('what opens everything is the owner’s: %s', (_what, patch, ofPublic, ofPrivate) => {
    const letters: Record<string, string> = { ok: 'o', forbidden: 'f', not_found: 'n' };
    const outcomes = (is_public: boolean): string =>
      everyRole.map((role) => letters[codeOf(() => policy.demandUpdate(access({ role, is_public }), patch, 1))]).join('');
    expect([outcomes(true), outcomes(false)]).toEqual([ofPublic, ofPrivate]);
  });

  it('lets nobody change their own standing', () => {
    expect(codeOf(() => policy.demandChange(access({ role: 'owner' }), access({ role: 'owner' }), { role: 'member' }, facts))).toBe(
      'forbidden',
    );
  });

  it('lets a muted author neither edit nor delete, a moderator delete', () => {
    expect(may(rules.edit_message, access({ muted_until: 10 }), 1, true)).toBe('forbidden');
    expect(may(rules.delete_message, access({ role: 'moderator' }), 1)).toBe('ok');
    expect(may(rules.delete_message, access(), 1)).toBe('forbidden');
    expect(may(rules.delete_message, access({ muted_until: 10 }), 1, true)).toBe('forbidden');
    expect(may(rules.delete_message, access({ muted_until: 10, role: 'moderator' }), 1)).toBe('ok');
  });
});
