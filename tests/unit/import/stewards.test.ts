import { beforeEach, describe, expect, test } from '@jest/globals';
import { communityIdOf, memberIdOf } from '../../../scripts/import/identity.js';
import { findStewards } from '../../../scripts/import/stewards.js';
import type { ActorSystem, Address, Message } from '../../../src/actors/runtime/actor.js';
import { starterRoleOf } from '../../../src/authority/roles.js';
import { Fault } from '../../../src/kernel/errors.js';
import type { MemberRecord } from '../../../src/store/contracts.js';
import { ImportWorld, line } from './world.js';

let world: ImportWorld;
beforeEach(() => {
  world = new ImportWorld();
});

describe('who tends what is imported', () => {
  const aMember = (id: string, username: string, patch: Partial<MemberRecord> = {}): MemberRecord => ({
    id: id.repeat(24),
    username,
    email: `${username}@example.org`,
    password_hash: 'x',
    full_name: null,
    avatar_url: null,
    bio: null,
    joined_at: 1,
    is_active: true,
    reopen_until: null,
    signed_out: null,
    presence: { state: 'offline', text: null, last_active_at: null, fresh_until: 0 },
    ...patch,
  });

  test('the owner that was named owns them, administrators are moderators', async () => {
    await world.store.members.insert(aMember('d', 'olga'));
    await world.store.members.insert(aMember('e', 'root'));
    await world.store.members.insert(aMember('b', 'gone', { is_active: false }));
    const stewards = await findStewards(world.store.members, '@Olga', ['e'.repeat(24), 'b'.repeat(24), 'c'.repeat(24)]);
    expect(stewards).toEqual({ owner: 'd'.repeat(24), moderators: ['e'.repeat(24)] });
    expect(await world.importing([line({}), line({ community: 'Other' })], { stewards })).toMatchObject({ owners: { given: 0, kept: 0 } });
    for (const name of ['Lean', 'Other']) {
      expect(await world.store.communities.byId(communityIdOf(name))).toMatchObject({
        owner_id: 'd'.repeat(24),
        created_by: memberIdOf('Ada'),
      });
      for (const id of ['d', 'e'])
        expect(await world.store.memberships.get(communityIdOf(name), id.repeat(24))).toMatchObject({
          roles: [starterRoleOf(communityIdOf(name))],
          state: 'active',
        });
    }
    expect(new Set(world.recounted)).toEqual(new Set([communityIdOf('Lean'), communityIdOf('Other')]));
  });

  test.each<[string, string, RegExp]>([
    ['nobody', 'nobody', /there is no member with the name "nobody"; nothing was stored/],
    ['no name', ' @', /there is no member/],
    ['imported', 'ghost', /ghost cannot sign in; nothing was stored/],
    ['closed', 'gone', /gone cannot sign in/],
  ])('%s as the owner is refused', async (_what, name, says) => {
    await world.store.members.insert(aMember('a', 'ghost', { password_hash: null }));
    await world.store.members.insert(aMember('b', 'gone', { is_active: false }));
    await expect(findStewards(world.store.members, name, [])).rejects.toThrow(says);
  });

  test('communities of an earlier import are handed over, unless their owner can sign in', async () => {
    await world.importing([line({}), line({ community: 'Other' }), line({ community: 'Deleted' })]);
    await world.store.communities.update(communityIdOf('Deleted'), { deleted_at: 1 });
    const asked: unknown[] = [];
    const asking: Pick<ActorSystem, 'ask'> = {
      ask: (async (to: Address, message: Message, options: never) => {
        if (message.type !== 'hand_over') return world.actors.ask(to, message as never, options);
        asked.push([to.key, message]);
        if (to.key === communityIdOf('Other')) throw new Fault('forbidden', 'This is for its owner');
        return null;
      }) as ActorSystem['ask'],
    };
    const owner = 'd'.repeat(24);
    const texts = [line({}), line({ community: 'Other' }), line({ community: 'Deleted' })];
    const again = await world.importing(texts, { actors: asking, stewards: { owner, moderators: [] } });
    expect(again.owners).toEqual({ given: 1, kept: 1 });
    const handOver = { type: 'hand_over', by: owner, is_admin: true, member_id: owner };
    expect(new Map(asked as [string, unknown][])).toEqual(
      new Map([
        [communityIdOf('Lean'), handOver],
        [communityIdOf('Other'), handOver],
      ]),
    );
  });
});
