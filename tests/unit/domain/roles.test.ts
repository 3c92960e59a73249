import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { Access } from '../../../src/actors/domain/community/messages.js';
import { has } from '../../../src/authority/bits.js';
import { held } from '../../../src/authority/held.js';
import type { Permission } from '../../../src/authority/permissions.js';
import { starterRoleOf } from '../../../src/authority/roles.js';
import { newId } from '../../../src/kernel/ids.js';
import type { CommunityRole, Membership } from '../../../src/protocol/resources.js';
import { aMember } from './a-member.js';
import { commitsOfCommunities } from './commits-of.js';
import { elsewhere } from './elsewhere.js';
import { Stage } from './stage.js';

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: { code?: string }) => error.code ?? String(error),
  );
const [ada, bob] = [newId(11), newId(12)];
const crash = (stage: Stage) => stage.during(stage.actors.catalog.evacuate(({ kind }) => kind === 'community', 'lost'));

/** A community with its owner and two members. */
const people = async (): Promise<Stage> => {
  const stage = await new Stage().open();
  await stage.base.members.insert(aMember(stage.owner, 'founder'));
  await stage.base.members.insert(aMember(ada, 'ada'));
  await stage.base.members.insert(aMember(bob, 'bob'));
  for (const by of [ada, bob]) await stage.askCommunity({ type: 'join', by });
  return stage;
};
const text = (name: string, permissions: Permission[] = []) => ({ name, color: null, permissions, mentionable: false });
const create = (stage: Stage, by: string, name: string, permissions: Permission[] = [], rest: object = {}) =>
  stage.askCommunity<{ role: CommunityRole; again: boolean }>({
    type: 'create_role',
    by,
    id: newId(20),
    ...text(name, permissions),
    ...rest,
  });
const give = (stage: Stage, by: string, member_id: string, role_id: string) =>
  stage.askCommunity<Membership>({ type: 'give_role', by, member_id, role_id });
const list = (stage: Stage, by: string) => stage.askCommunity<CommunityRole[]>({ type: 'list_roles', by });
const holds = async (stage: Stage, member_id: string, permission: Permission) =>
  has(held(await stage.askCommunity<Access>({ type: 'access', member_id }), stage.clock.now()), permission);

describe('the roles of a community', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await people();
  });
  afterEach(() => {
    jest.restoreAllMocks();
    return stage.actors.stop();
  });

  it('are those that every community begins with, and the record says nothing of them until one changes', async () => {
    expect((await list(stage, bob)).map(({ name, position }) => [name, position])).toEqual([
      ['Moderator', 1],
      ['everyone', 0],
    ]);
    expect(await stage.base.communities.byId(stage.community)).not.toHaveProperty('roles');
    await create(stage, stage.owner, 'Gardener');
    expect(await stage.base.communities.byId(stage.community)).toMatchObject({ ledger_rev: 3, roles: [{}, { name: 'Gardener' }, {}] });
  });

  it('count from the answer on, also for whoever owns the community next', async () => {
    const { role } = await create(stage, stage.owner, 'Gardener', ['pin_messages']);
    expect(await holds(stage, ada, 'pin_messages')).toBe(false);
    expect(await give(stage, stage.owner, ada, role.id)).toMatchObject({ member: { id: ada }, role: 'member', roles: [role.id] });
    expect(await holds(stage, ada, 'pin_messages')).toBe(true);
    await crash(stage);
    expect(await holds(stage, ada, 'pin_messages')).toBe(true);
    await stage.askCommunity({ type: 'take_role', by: stage.owner, member_id: ada, role_id: role.id });
    expect(await holds(stage, ada, 'pin_messages')).toBe(false);
  });

  it('grow the number of how people stand, and have decided anew who may hear', async () => {
    const rev = async () => (await stage.askCommunity<Access>({ type: 'access', member_id: bob })).access_rev;
    const { community: community_id } = stage;
    const acts: [act: () => Promise<unknown>, member: string | undefined][] = [
      [() => create(stage, stage.owner, 'Gardener'), undefined],
      [() => give(stage, stage.owner, ada, starterRoleOf(community_id)), ada],
      [() => stage.askCommunity({ type: 'update', by: stage.owner, patch: { is_public: false } }), undefined],
    ];
    for (const [act, member_id] of acts) {
      const before = await rev();
      await act();
      const after = await rev();
      expect(after).toBeGreaterThan(before);
      const place = { community_id, access_rev: after, ...(member_id !== undefined && { member_id }) };
      expect(stage.rechecked.at(-1)).toEqual(place);
    }
  });

  it('are asked for anew by threads that have asked: a send is refused from the answer on', async () => {
    expect(await codeOf(stage.send('before', 'n1', bob))).toBe('ok');
    const everyone = (await list(stage, bob)).at(-1)!;
    const permissions = everyone.permissions.filter((name) => name !== 'post');
    await stage.askCommunity({ type: 'update_role', by: stage.owner, role_id: everyone.id, patch: { permissions } });
    expect(await codeOf(stage.send('after', 'n2', bob))).toBe('forbidden');
  });

  it('that are deleted count for nothing at once, and the same call makes another one', async () => {
    const call = { origin: newId(30) };
    const { role } = await create(stage, stage.owner, 'Gardener', ['pin_messages'], call);
    expect(await create(stage, stage.owner, 'Gardener', ['pin_messages'], call)).toEqual({ role, again: true });
    await give(stage, stage.owner, ada, role.id);
    await stage.askCommunity({ type: 'delete_role', by: stage.owner, role_id: role.id });
    expect(await holds(stage, ada, 'pin_messages')).toBe(false);
    expect((await stage.base.memberships.get(stage.community, ada))?.roles).toEqual([role.id]);
    expect(await codeOf(stage.askCommunity({ type: 'delete_role', by: stage.owner, role_id: role.id }))).toBe('ok');
    // Whoever held the one that was deleted does not hold it.
    expect((await create(stage, stage.owner, 'Gardener', ['pin_messages'], call)).again).toBe(false);
    expect(await holds(stage, ada, 'pin_messages')).toBe(false);
    // And the next write forgets it.
    expect((await give(stage, stage.owner, ada, starterRoleOf(stage.community))).roles).toEqual([starterRoleOf(stage.community)]);
    expect((await stage.base.memberships.get(stage.community, ada))?.roles).toEqual([starterRoleOf(stage.community)]);
  });

  it('go to members alone', async () => {
    const starter = starterRoleOf(stage.community);
    await stage.askCommunity({ type: 'leave', by: bob });
    for (const nobody of [bob, newId(99)]) {
      expect(await codeOf(give(stage, stage.owner, nobody, starter))).toBe('not_found');
      expect(await codeOf(stage.askCommunity({ type: 'take_role', by: stage.owner, member_id: nobody, role_id: starter }))).toBe(
        'not_found',
      );
    }
  });

  it('are settled when the store gave no answer, before anybody is told how they stand', async () => {
    const { role } = await create(stage, stage.owner, 'Gardener', ['pin_messages']);
    await give(stage, stage.owner, ada, role.id);
    for (const landed of [true, false]) {
      const append = stage.base.ledgers.append.bind(stage.base.ledgers);
      const written = jest.spyOn(stage.base.ledgers, 'append').mockImplementation(async (commits) => {
        if (landed) await append(commits);
        return commits.map(() => 'unknown');
      });
      const permissions: Permission[] = landed ? [] : ['pin_messages'];
      const change = { type: 'update_role', by: stage.owner, role_id: role.id, patch: { permissions } };
      expect(await stage.during(codeOf(stage.askCommunity(change)))).toBe('timeout');
      for (const id of [ada, bob]) expect(await codeOf(holds(stage, id, 'pin_messages'))).toBe('unavailable');
      expect(await codeOf(create(stage, stage.owner, 'Other'))).toBe('timeout');
      written.mockRestore();
      await stage.clock.advance(5_000);
      expect(await holds(stage, ada, 'pin_messages')).toBe(!landed);
    }
  });

  it('of two nodes that both believe that they are at it one wins, and the other decides anew upon what is there', async () => {
    const roles = (await list(stage, stage.owner)).map(({ position: _, ...role }) => role);
    const late = { ...text('Late', ['pin_messages']), id: newId(40) };
    const commit = await elsewhere(stage, 'create_role', stage.owner, () => ({ roles: [late, ...roles] }));
    expect(await stage.base.ledgers.append([commit])).toEqual(['stored']);
    expect(await codeOf(create(stage, stage.owner, 'Late'))).toBe('conflict');
    expect((await list(stage, bob)).map(({ name }) => name)).toEqual(['Late', 'Moderator', 'everyone']);
    await create(stage, stage.owner, 'Gardener');
    expect((await list(stage, bob)).map(({ name }) => name)).toEqual(['Late', 'Moderator', 'Gardener', 'everyone']);
  });

  it('explain what somebody may: of oneself, and with manage_roles of anybody', async () => {
    const ask = (by: string, member_id: string, permission: Permission) =>
      stage.askCommunity<{ allowed: boolean; because: object[] }>({ type: 'explain_permission', by, member_id, permission });
    const everyone = { source: 'role', id: stage.community, effect: 'allow' };
    expect(await ask(bob, bob, 'post')).toEqual({ allowed: true, because: [everyone] });
    expect(await ask(bob, bob, 'ban_members')).toEqual({ allowed: false, because: [] });
    expect(await codeOf(ask(bob, ada, 'post'))).toBe('forbidden');
    expect(await ask(stage.owner, bob, 'post')).toEqual({ allowed: true, because: [everyone] });
    const stranger = newId(50);
    await stage.base.members.insert(aMember(stranger, 'stranger'));
    expect(await ask(stage.owner, stranger, 'post')).toEqual({ allowed: false, because: [] });
    expect(await ask(stranger, stranger, 'view')).toEqual({ allowed: true, because: [everyone] });
    expect(await codeOf(ask(stage.owner, newId(51), 'post'))).toBe('not_found');
    await stage.askCommunity({ type: 'update', by: stage.owner, patch: { is_public: false } });
    expect(await codeOf(ask(stranger, stranger, 'view'))).toBe('not_found');
  });

  it('explain a thread by its overrides to whoever may view it, and to others as one that never was', async () => {
    const subject = `role:${stage.community}`;
    const ask = (by: string, overrides: object[] | null, permission = 'post') =>
      stage.askCommunity({ type: 'explain_permission', by, member_id: by, permission, overrides });
    expect(await ask(bob, [{ subject, allow: [], deny: ['post'] }])).toMatchObject({
      allowed: false,
      because: [{ source: 'role' }, { source: 'override', id: subject, effect: 'deny' }],
    });
    const closed = [{ subject, allow: [], deny: ['view'] }];
    const words = (asked: Promise<unknown>) => asked.catch((error: Error) => error.message);
    expect(await words(ask(bob, closed))).toBe(await words(ask(bob, null)));
    expect(await codeOf(ask(bob, closed))).toBe('not_found');
    expect(await ask(bob, [...closed, { subject: `member:${bob}`, allow: ['view'], deny: [] }])).toMatchObject({ allowed: true });
    expect(await ask(stage.owner, closed)).toMatchObject({ allowed: true });
  });
});

const fates = ['dies before', 'dies after', 'unknown, stored', 'unknown, not stored', 'unknown, stored late'] as const;

it('are as they were or as they were to be, whatever becomes of a write, and what was answered stands', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...fates), { minLength: 1, maxLength: 5 }), async (story) => {
      const stage = await people();
      const { ledgers } = stage.base;
      const append = ledgers.append.bind(ledgers);
      const landing: (() => Promise<unknown>)[] = [];
      let fate: (typeof fates)[number] | undefined;
      ledgers.append = commitsOfCommunities(append, async (commits) => {
        const now = fate;
        if (now === undefined) return append(commits);
        if (now === 'dies after' || now === 'unknown, stored') await append(commits);
        if (now.startsWith('dies')) return new Promise<never>(() => undefined);
        if (now === 'unknown, stored late') landing.push(() => append(commits));
        return commits.map(() => 'unknown');
      });
      const names = async () => (await list(stage, bob)).map(({ name }) => name);
      for (const [at, next] of story.entries()) {
        const before = await names();
        fate = next;
        const asked = codeOf(create(stage, stage.owner, `role ${at}`));
        await stage.clock.advance(100);
        if (next.startsWith('dies')) {
          await crash(stage);
          fate = undefined;
        }
        const code = await stage.during(asked);
        fate = undefined;
        await stage.clock.advance(5_000);
        for (const late of landing.splice(0)) await late();
        await stage.clock.advance(5_000);
        const after = await names();
        const made = [...before.slice(0, -1), `role ${at}`, 'everyone'];
        expect([before, made]).toContainEqual(after);
        if (code === 'ok') expect(after).toEqual(made);
        await crash(stage);
        expect(await names()).toEqual(after);
      }
      await stage.actors.stop();
    }),
    { numRuns: 60 },
  );
});
