import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import { invites, inviteUses } from '../../../src/features/invites/collection.js';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import { bounds } from '../../../src/protocol/primitives.js';
import type { Collection } from '../../../src/store/collection.js';
import type { Store } from '../../../src/store/contracts.js';
import { aCommunity, aMembership } from '../../conformance/store/records.js';
import { Owners } from './owners.js';

/** A repository with one call replaced. */
const changed = <R extends object>(real: R, patch: Partial<R>): R =>
  new Proxy(real, {
    get: (target, name) => {
      const own: unknown = Reflect.get(name in patch ? patch : target, name);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });

const gone = () => Promise.reject(new Fault('unavailable', 'The store is away'));
/** The node dies after the use is stored, before the membership is. */
const beforeMembership = (store: Store): Partial<Store> => ({ memberships: changed(store.memberships, { put: gone }) });
/** The same, after the membership was made and before that was noted. */
const beforeNote = (store: Store): Partial<Store> => ({
  collection: ((definition: typeof inviteUses) => {
    const real = store.collection(definition) as Collection<typeof inviteUses>;
    return (definition as unknown) === inviteUses ? changed(real, { update: gone }) : real;
  }) as Store['collection'],
});

describe('what a dead owner leaves of an invite', () => {
  let owners: Owners;
  const guest = newId(7);
  beforeEach(async () => {
    owners = await new Owners().open();
  });
  afterEach(() => owners.close());

  test('a use without its membership is made good when the community comes to life again', async () => {
    const invite = await owners.invite(await owners.next(), 1);
    await expect(owners.accept(await owners.next(beforeMembership), guest, invite)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await owners.members()).toEqual([]);
    expect(await owners.uses(invite)).toMatchObject([{ number: 1, member_id: guest, is_owed: true }]);
    await owners.wake(await owners.next());
    expect(await owners.members()).toEqual([guest]);
    expect(await owners.uses(invite)).toMatchObject([{ number: 1, is_owed: false }]);
  });

  test('and at once when the member asks again, without a second use', async () => {
    const invite = await owners.invite(await owners.next(), 1);
    const node = await owners.next(beforeMembership);
    for (let i = 0; i < 3; i++) await expect(owners.accept(node, guest, invite)).rejects.toMatchObject({ code: 'unavailable' });
    const next = await owners.next();
    expect(await owners.accept(next, guest, invite)).toBeNull();
    expect(await owners.members()).toEqual([guest]);
    expect(await owners.uses(invite)).toHaveLength(1);
    await expect(owners.accept(next, newId(8), invite)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a use that lands late is found by the look after a take-over', async () => {
    const invite = await owners.invite(await owners.next(), 2);
    const node = await owners.next();
    await owners.wake(node);
    const { id: invite_id, community_id } = invite;
    const late = { id: newId(9), invite_id, community_id, member_id: guest, number: 1, at: owners.clock.now(), is_owed: true };
    expect(await owners.store.collection(inviteUses).insert(late)).toBe('stored');
    await owners.clock.advance(6_000);
    expect(await owners.members()).toEqual([guest]);
    // And the next one takes the number after it.
    await owners.accept(node, newId(10), invite);
    expect((await owners.uses(invite)).map(({ number }) => number)).toEqual([1, 2]);
  });

  test('who came in and left since is not made a member again', async () => {
    const invite = await owners.invite(await owners.next());
    const node = await owners.next(beforeNote);
    await expect(owners.accept(node, guest, invite)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await owners.stateOf(guest)).toBe('active');
    await node.ask(communityAddress(owners.community), { type: 'leave', by: guest } as never);
    await owners.wake(await owners.next());
    expect(await owners.stateOf(guest)).toBe('left');
    expect(await owners.uses(invite)).toMatchObject([{ is_owed: false }]);
  });

  test('nor who was banned, nor by an invite that was revoked', async () => {
    const first = await owners.next();
    const [invite, other] = [await owners.invite(first), await owners.invite(first)];
    const dying = await owners.next(beforeMembership);
    const banned = newId(11);
    await expect(owners.accept(dying, guest, invite)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(owners.accept(dying, banned, other)).rejects.toMatchObject({ code: 'unavailable' });
    await owners.store.collection(invites).update(invite.id, { revoked_at: 1 });
    const state = { community_id: owners.community, member_id: banned, roles: [], state: 'banned' as const };
    await owners.store.memberships.put({ ...state, joined_at: 1, muted_until: null, version: 1 });
    await owners.wake(await owners.next());
    expect(await owners.members()).toEqual([]);
    for (const one of [invite, other]) expect(await owners.uses(one)).toMatchObject([{ is_owed: false }]);
  });

  test('a store that is away is asked again until nothing is owed', async () => {
    const invite = await owners.invite(await owners.next());
    await expect(owners.accept(await owners.next(beforeMembership), guest, invite)).rejects.toMatchObject({ code: 'unavailable' });
    let isAway = true;
    const node = await owners.next((store) => ({
      memberships: changed(store.memberships, { put: (record) => (isAway ? gone() : store.memberships.put(record)) }),
    }));
    await owners.wake(node, 3_000);
    expect(await owners.members()).toEqual([]);
    isAway = false;
    await owners.clock.advance(3_000);
    expect(await owners.members()).toEqual([guest]);
  });

  test('of two who believe to own the community no more let people in than may come, and who is told so is one', async () => {
    const invite = await owners.invite(owners.node(), 7);
    const nodes = [owners.node(), owners.node(), owners.node()];
    const people = Array.from({ length: 40 }, (_, at) => newId(100 + at));
    const told: string[] = [];
    await Promise.all(
      people.map(async (person, at) => {
        for (const node of [nodes[at % 3]!, nodes[(at + 1) % 3]!]) {
          await owners.accept(node, person, invite).then(
            () => told.push(person),
            (error: unknown) => expect(error).toMatchObject({ code: 'not_found' }),
          );
        }
      }),
    );
    const members = await owners.members();
    expect(members).toHaveLength(7);
    expect([...new Set(told)].sort()).toEqual([...members].sort());
    expect((await owners.uses(invite)).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('who is in as many communities as one may be in takes no use', async () => {
    const node = await owners.next();
    const invite = await owners.invite(node, 1);
    for (let at = 0; at < bounds.communities; at++) {
      const community = aCommunity();
      await owners.store.communities.insert(community);
      await owners.store.memberships.putMissing([aMembership({ community_id: community.id, member_id: guest })]);
    }
    await expect(owners.accept(node, guest, invite)).rejects.toMatchObject({ code: 'conflict' });
    expect(await owners.uses(invite)).toEqual([]);
    await owners.accept(node, newId(21), invite);
  });

  test('who asks two who believe to own it at once uses one place', async () => {
    const invite = await owners.invite(await owners.next(), 2);
    const nodes = [owners.node(), owners.node()];
    const outcomes = await Promise.allSettled(nodes.map((node) => owners.accept(node, guest, invite)));
    // One may hear that the membership has changed meanwhile, and asks again.
    expect(outcomes.map(({ status }) => status)).toContain('fulfilled');
    for (const node of nodes) await owners.accept(node, guest, invite);
    expect(await owners.uses(invite)).toHaveLength(1);
    expect(await owners.members()).toEqual([guest]);
  });

  test('an invite that was used up and is half cleared away lets nobody in', async () => {
    const node = await owners.next();
    const invite = await owners.invite(node, 2);
    for (const at of [1, 2]) await owners.accept(node, newId(50 + at), invite);
    const dying = await owners.next((store) => ({
      collection: ((definition: typeof inviteUses) => {
        const real = store.collection(definition) as Collection<typeof inviteUses>;
        if ((definition as unknown) !== inviteUses) return real;
        return changed(real, { removeWhere: (query, ask) => real.removeWhere(query, ask, 1).then(gone) });
      }) as Store['collection'],
    }));
    await expect(owners.invite(dying)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await owners.uses(invite)).toHaveLength(1);
    await expect(owners.accept(await owners.next(), guest, invite)).rejects.toMatchObject({ code: 'not_found' });
  });
});
