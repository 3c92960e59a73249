import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import { starterRoleOf } from '../../../src/authority/roles.js';
import type { Counted } from '../../../src/features/invites/shown.js';
import { shown } from '../../../src/features/invites/shown.js';
import { newId } from '../../../src/kernel/ids.js';
import { aMembership } from '../../conformance/store/records.js';
import { Owners } from './owners.js';

describe('the ledger of invites', () => {
  let owners: Owners;
  const moderator = newId(8);
  beforeEach(async () => {
    owners = await new Owners().open();
    const { community, store } = owners;
    await store.memberships.putMissing([aMembership({ community_id: community, member_id: moderator, roles: [starterRoleOf(community)] })]);
  });
  afterEach(() => owners.close());

  const name = () => `community:${owners.community}:manage_invites`;
  const commits = () => owners.store.ledgers.commitsAfter(name(), 0, 1_000);
  const itemsOf = async (node: ReturnType<Owners['node']>, by?: string) => {
    const { items } = await owners.sync(node, by);
    return items.flatMap((item) => ('value' in item ? [item.value] : []));
  };
  const listed = async (node: ReturnType<Owners['node']>) =>
    (await owners.ask<Counted[]>(node, owners.owner, 'list')).map((one) => shown(null, one));
  const guests = (count: number) => Array.from({ length: count }, () => newId(9));

  test('what is made and revoked is there when it is answered', async () => {
    const node = owners.node();
    const [one, other] = [await owners.invite(node), await owners.invite(node, 5)];
    expect(await commits()).toHaveLength(2);
    expect(await itemsOf(node, moderator)).toEqual(expect.arrayContaining(await listed(node)));
    await owners.ask(node, owners.owner, 'revoke', { invite_id: one.id });
    expect((await commits()).at(-1)).toMatchObject({
      by: null,
      operation: 'copy',
      changes: [{ kind: 'invite', key: one.id, deleted: true }],
    });
    expect(await itemsOf(node)).toMatchObject([{ id: other.id, uses: 0, max_uses: 5, url: `/invites/${other.code}` }]);
    await owners.ask(node, owners.owner, 'revoke', { invite_id: one.id });
    expect(await commits()).toHaveLength(3);
  });

  test('uses of two seconds are one commit, and nobody who asks waits for them', async () => {
    const node = owners.node();
    const invite = await owners.invite(node, 30);
    for (const guest of guests(20)) {
      await owners.accept(node, guest, invite);
      await owners.clock.advance(50);
    }
    expect(await commits()).toHaveLength(1);
    await owners.clock.advance(1_100);
    expect((await commits()).map(({ changes }) => changes)).toMatchObject([[{ value: { uses: 0 } }], [{ value: { uses: 20 } }]]);
    for (const guest of guests(10)) await owners.accept(node, guest, invite);
    expect(await itemsOf(node)).toEqual([]);
    expect((await commits()).at(-1)!.changes).toEqual([{ kind: 'invite', key: invite.id, deleted: true }]);
    await owners.clock.advance(10_000);
    expect(await commits()).toHaveLength(3);
  });

  test('whoever does not hold the permission gets what is not there, and no ledger is looked at for it', async () => {
    const node = owners.node();
    await owners.invite(node);
    const [stranger, member] = [newId(5), newId(6)];
    await owners.store.memberships.putMissing([aMembership({ community_id: owners.community, member_id: member })]);
    const { ledgers } = owners.store;
    const next = await owners.next((store) => ({
      ledgers: new Proxy(ledgers, {
        get:
          (target, method) =>
          (...given: unknown[]) => {
            if (String(given[0]).includes('manage_invites')) looked.push(String(method));
            return Reflect.apply(Reflect.get(target, method) as never, target, given);
          },
      }),
      memberships: store.memberships,
    }));
    const looked: string[] = [];
    for (const by of [stranger, member]) await expect(owners.sync(next, by)).rejects.toMatchObject({ code: 'not_found' });
    const ofNothing = { type: 'sync_ledger', by: owners.owner, ledger: `community:${owners.community}:view_audit` };
    await expect(next.ask(communityAddress(owners.community), ofNothing as never)).rejects.toMatchObject({ code: 'not_found' });
    expect(looked).toEqual([]);
    expect(await itemsOf(next, moderator)).toHaveLength(1);
    const take = { type: 'take_role', by: owners.owner, member_id: moderator, role_id: starterRoleOf(owners.community) };
    await next.ask(communityAddress(owners.community), take as never);
    expect(owners.rechecked.at(-1)).toMatchObject({ community_id: owners.community, member_id: moderator, ledgers: [name()] });
    await expect(owners.sync(next, moderator)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('what an owner left when it was lost is there before the next one answers, and one that expired is gone', async () => {
    const node = owners.node();
    const brief = await owners.invite(node, null, 60);
    const invite = await owners.invite(node, 3);
    await owners.accept(node, newId(9), invite);
    // It was lost before the two seconds were over, and does not know.
    const next = owners.node();
    expect(await itemsOf(next)).toEqual(expect.arrayContaining(await listed(next)));
    expect(await itemsOf(next)).toMatchObject([{ id: brief.id }, { uses: 1 }]);
    await owners.clock.advance(30_000);
    const before = (await commits()).length;
    await owners.clock.advance(40_000);
    expect(await itemsOf(next)).toMatchObject([{ id: invite.id }]);
    expect(await itemsOf(next)).toHaveLength(1);
    expect((await commits()).length).toBe(before + 1);
  });

  test('what an owner before wrote behind the first question is there without another, by the next look', async () => {
    const node = owners.node();
    const invite = await owners.invite(node, 3);
    const next = owners.node();
    expect(await itemsOf(next)).toMatchObject([{ uses: 0 }]);
    await owners.accept(node, newId(9), invite);
    await node.catalog.evacuate(() => true, 'lost');
    const before = (await commits()).length;
    await owners.clock.advance(30_000);
    expect((await commits()).slice(before)).toMatchObject([{ changes: [{ key: invite.id, value: { uses: 1 } }] }]);
  });

  test('what waits is committed when the actor ends in order', async () => {
    const node = owners.node();
    await owners.accept(node, newId(9), await owners.invite(node, 3));
    await node.catalog.evacuate(() => true, 'handoff');
    expect((await commits()).at(-1)).toMatchObject({ changes: [{ value: { uses: 1 } }] });
  });

  test('invites of before there were ledgers are there when somebody first asks', async () => {
    const node = owners.node();
    const made = [await owners.invite(node), await owners.invite(node, 2)];
    const fresh = await new Owners().open();
    try {
      const { invites } = await import('../../../src/features/invites/collection.js');
      for (const record of made) await fresh.store.collection(invites).insert({ ...record, community_id: fresh.community });
      const { items } = await fresh.sync(fresh.node());
      expect(items.map(({ key }) => key).sort()).toEqual(made.map(({ id }) => id).sort());
    } finally {
      await fresh.close();
    }
  });
});
