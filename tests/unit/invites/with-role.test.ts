import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import type { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { starterRoleOf } from '../../../src/authority/roles.js';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import type { Store } from '../../../src/store/contracts.js';
import { aMembership } from '../../conformance/store/records.js';
import { Owners } from './owners.js';

describe('an invite with a role', () => {
  let owners: Owners;
  let node: LocalActorSystem;
  let role: string;
  const guest = newId(7);
  const moderator = newId(8);

  const ask = <R>(message: Record<string, unknown> & { type: string }): Promise<R> =>
    node.ask(communityAddress(owners.community), message as never, { timeoutMs: 60_000 }) as Promise<R>;
  const rolesOf = async (id: string) => (await owners.store.memberships.get(owners.community, id))?.roles;
  /** As whoever owns it next dies: the use is stored, the membership is not. */
  const withoutMemberships = (store: Store): Partial<Store> => ({
    memberships: new Proxy(store.memberships, {
      get: (target, name) => {
        if (name === 'put') return () => Promise.reject(new Fault('unavailable', 'The store is away'));
        const own: unknown = Reflect.get(target, name);
        return typeof own === 'function' ? own.bind(target) : own;
      },
    }),
  });

  beforeEach(async () => {
    owners = await new Owners().open();
    const { community: community_id } = owners;
    await owners.store.memberships.putMissing([
      aMembership({ community_id, member_id: moderator, roles: [starterRoleOf(community_id)], state: 'active' }),
    ]);
    node = await owners.next();
    const text = { name: 'Guest', color: null, permissions: ['pin_messages'], mentionable: false };
    role = (await ask<{ role: { id: string } }>({ type: 'create_role', by: owners.owner, id: newId(9), ...text })).role.id;
  });
  afterEach(() => owners.close());

  test('gives it with the membership, in one write', async () => {
    const invite = await owners.invite(node, null, null, role, moderator);
    const writes: unknown[] = [];
    node = await owners.next((store) => ({
      memberships: new Proxy(store.memberships, {
        get: (target, name) => {
          if (name === 'put') {
            return (record: { roles: string[] }) => {
              writes.push(record.roles);
              return store.memberships.put(record as never);
            };
          }
          const own: unknown = Reflect.get(target, name);
          return typeof own === 'function' ? own.bind(target) : own;
        },
      }),
    }));
    await owners.accept(node, guest, invite);
    expect(await rolesOf(guest)).toEqual([role]);
    expect(writes).toEqual([[role]]);
  });

  test('is made only by who may give it', async () => {
    const [member, starter] = [newId(10), starterRoleOf(owners.community)];
    await owners.accept(node, member, await owners.invite(node));
    await expect(owners.invite(node, null, null, role, member)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(owners.invite(node, null, null, starter, moderator)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(owners.invite(node, null, null, newId(11), moderator)).rejects.toMatchObject({ code: 'not_found' });
    await expect(owners.invite(node, null, null, owners.community, moderator)).rejects.toMatchObject({ code: 'validation_failed' });
    expect(await owners.invite(node, null, null, starter)).toMatchObject({ role_id: starter });
  });

  test.each<[string, () => Promise<unknown>]>([
    ['the role is deleted', () => ask({ type: 'delete_role', by: owners.owner, role_id: role })],
    [
      'its maker may not give roles any more',
      () => ask({ type: 'take_role', by: owners.owner, member_id: moderator, role_id: starterRoleOf(owners.community) }),
    ],
    ['its maker has left', () => ask({ type: 'leave', by: moderator })],
    [
      'the role stands above its maker',
      () => ask({ type: 'order_roles', by: owners.owner, role_ids: [role, starterRoleOf(owners.community)] }),
    ],
    [
      'the role grants what its maker lacks',
      () => ask({ type: 'update_role', by: owners.owner, role_id: role, patch: { permissions: ['manage_bots'] } }),
    ],
  ])('lets people in without it when %s', async (_, act) => {
    const invite = await owners.invite(node, null, null, role, moderator);
    await act();
    await owners.accept(node, guest, invite);
    expect(await owners.stateOf(guest)).toBe('active');
    expect(await rolesOf(guest)).toEqual([]);
  });

  test('gives it also when the membership is owed since a crash', async () => {
    const invite = await owners.invite(node, 1, null, role, moderator);
    await expect(owners.accept(await owners.next(withoutMemberships), guest, invite)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await rolesOf(guest)).toBeUndefined();
    await owners.wake(await owners.next());
    expect(await rolesOf(guest)).toEqual([role]);
  });

  test('is another one than one without', async () => {
    const id = newId(12);
    const terms = { id, code: id, max_uses: null, expires_in_s: null };
    const first = await owners.ask(node, moderator, 'create', { ...terms, role_id: role });
    expect(await owners.ask(node, moderator, 'create', { ...terms, role_id: role })).toMatchObject({ ...(first as object), again: true });
    await expect(owners.ask(node, moderator, 'create', { ...terms, role_id: null })).rejects.toMatchObject({ code: 'conflict' });
  });
});
