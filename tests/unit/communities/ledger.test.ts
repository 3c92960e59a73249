import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import type { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { starterRoleOf } from '../../../src/authority/roles.js';
import { newId } from '../../../src/kernel/ids.js';
import { communityRoom } from '../../../src/protocol/rooms.js';
import { firstCommits } from '../../../src/store/community-items.js';
import { aMember } from '../domain/a-member.js';
import { codeOf, Nodes } from './nodes.js';

describe('the ledger of a community', () => {
  let nodes: Nodes;
  let node: LocalActorSystem;
  let founder: string;
  let ada: string;
  const stranger = newId(99);
  beforeEach(async () => {
    nodes = await new Nodes().open();
    node = nodes.node();
    [founder, ada] = nodes.people as [string, string];
    await nodes.base.members.insert(aMember(stranger, 'stranger'));
  });
  afterEach(() => nodes.close());

  const update = (patch: object, by = founder) => nodes.ask(node, { type: 'update', by, patch });
  const last = async () => (await nodes.commits()).at(-1)!;
  const events = () => nodes.told.filter(({ room }) => room === communityRoom(nodes.community)).map(({ event }) => event);

  it('says with each commit who did what, and what came of it, in as few items as may be', async () => {
    await update({ name: 'Gardeners' });
    const { member_count: _, ...value } = await nodes.ask<Record<string, unknown>>(node, { type: 'get', by: stranger });
    const community = (more: object = {}) => ({ kind: 'community', key: nodes.community, value: { ...value, ...more } });
    expect(await last()).toMatchObject({ rev: 2, by: founder, operation: 'update_community', op_id: null, changes: [community()] });

    const [role, origin] = [newId(20), newId(21)];
    const text = { name: 'Gardener', color: null, permissions: ['post'], mentionable: false };
    const create = { type: 'create_role', by: founder, origin, ...text };
    await nodes.ask(node, { ...create, id: role });
    const starter = starterRoleOf(nodes.community);
    const order = (...role_ids: string[]) => ({ kind: 'role_order', key: 'order', value: { role_ids } });
    const ofRole = (more: object = {}) => ({ kind: 'role', key: role, value: { id: role, ...text, ...more } });
    expect(await last()).toMatchObject({ operation: 'create_role', op_id: `${origin}/${role}`, changes: [ofRole(), order(starter, role)] });
    // The same call again makes nothing.
    expect(await nodes.ask(node, { ...create, id: newId(22) })).toMatchObject({ role: { id: role }, again: true });
    await nodes.ask(node, { type: 'update_role', by: founder, role_id: role, patch: { color: '#00ff00' } });
    expect((await last()).changes).toEqual([ofRole({ color: '#00ff00' })]);
    await nodes.ask(node, { type: 'order_roles', by: founder, role_ids: [role, starter] });
    expect(await last()).toMatchObject({ operation: 'order_roles', changes: [order(role, starter)] });
    await nodes.ask(node, { type: 'delete_role', by: founder, role_id: role });
    expect((await last()).changes).toEqual([{ kind: 'role', key: role, deleted: true }, order(starter)]);

    await nodes.ask(node, { type: 'hand_over', by: founder, member_id: ada });
    expect(await last()).toMatchObject({ rev: 7, by: founder, operation: 'hand_over_community', changes: [community({ owner_id: ada })] });
    await nodes.ask(node, { type: 'delete', by: ada });
    const gone = { kind: 'community', key: nodes.community, deleted: true };
    expect(await last()).toMatchObject({ rev: 8, by: ada, operation: 'delete_community', changes: [gone] });
    expect(nodes.told.find(({ payload }) => payload.head_rev === 8)).toMatchObject({
      ...{ room: `l:${nodes.ledger}`, event: 'ledger_changed' },
      payload: { ledger: nodes.ledger, after_rev: 7, items: [{ ...gone, rev: 8 }] },
    });
    const ofRoles = Array.from({ length: 4 }, () => 'roles_changed');
    const ofOwners = ['community_updated', 'member_roles_changed', 'member_roles_changed'];
    expect(events()).toEqual(['community_updated', ...ofRoles, ...ofOwners, 'community_deleted']);
  });

  it('commits nothing where nothing changes', async () => {
    await update({ name: 'Gardeners', tags: ['a'] });
    await update({ name: 'Gardeners', tags: ['a'], description: null });
    await nodes.ask(node, { type: 'order_roles', by: founder, role_ids: [starterRoleOf(nodes.community)] });
    expect((await nodes.commits()).map(({ rev }) => rev)).toEqual([1, 2]);
  });

  it('is in the document before the answer, so that lists have it at once', async () => {
    await update({ name: 'Gardeners', is_public: false });
    expect(await nodes.document()).toMatchObject({ name: 'Gardeners', is_public: false, ledger_rev: 2, updated_at: nodes.clock.now() });
  });

  it('is as good as answered when the document has no answer: that is made up for, also where nobody asks', async () => {
    nodes.documentFates = ['lost', 'lost', 'unseen'];
    expect(await codeOf(update({ name: 'Gardeners' }))).toBe('timeout');
    expect(events()).toEqual(['community_updated']);
    expect((await nodes.document()).ledger_rev).toBe(1);
    // Nothing else is decided before the document has it.
    expect(await codeOf(update({ name: 'Gardeners' }))).toBe('timeout');
    await nodes.clock.advance(5_000);
    expect(await nodes.document()).toMatchObject({ name: 'Gardeners', ledger_rev: 2 });
    expect((await nodes.commits()).length).toBe(2);
    nodes.documentFates = ['lost'];
    await codeOf(update({ name: 'Trees' }));
    expect(await codeOf(update({ name: 'Trees' }))).toBe('ok');
    expect(await nodes.document()).toMatchObject({ name: 'Trees', ledger_rev: 3 });
  });

  it('is brought to the document by the next owner, a deletion with all that belongs to it', async () => {
    const thread_id = newId(30);
    await nodes.ask(node, { type: 'create_thread', by: founder, thread_id, title: 't', content: null, tags: [] });
    for (const message of [
      { type: 'update', patch: { name: 'Gardeners' } },
      { type: 'hand_over', member_id: ada },
    ]) {
      nodes.documentFates = ['lost'];
      expect(await codeOf(nodes.ask(node, { ...message, by: founder }))).toBe('timeout');
      await nodes.kill(node);
      node = nodes.node();
      expect(await nodes.ask(node, { type: 'access', member_id: ada })).toMatchObject({
        role: message.type === 'update' ? 'member' : 'owner',
      });
      expect((await nodes.document()).ledger_rev).toBe((await nodes.commits()).length);
    }
    nodes.documentFates = ['lost'];
    expect(await codeOf(nodes.ask(node, { type: 'delete', by: ada }))).toBe('timeout');
    expect((await nodes.base.threads.byId(thread_id))?.deleted_at).toBeNull();
    await nodes.kill(node);
    node = nodes.node();
    expect(await codeOf(nodes.ask(node, { type: 'access', member_id: ada }))).toBe('not_found');
    expect([(await nodes.document()).deleted_at, (await nodes.base.threads.byId(thread_id))?.deleted_at]).not.toContain(null);
    expect(events().at(-1)).toBe('community_deleted');
  });

  it('begins with what the document says: of an import, of a backup, of a community that is made', async () => {
    await nodes.ask(node, { type: 'get', by: founder });
    const begun = firstCommits(await nodes.document()).map(({ changes }) => changes);
    expect((await nodes.commits()).map(({ changes }) => changes)).toEqual(begun);
    // Later than its ledger, by two commits.
    await nodes.kill(node);
    const { roles: _, ...state } = await nodes.document();
    await nodes.base.communities.apply(nodes.community, 3, { ...state, name: 'from a backup' });
    node = nodes.node();
    await nodes.ask(node, { type: 'get', by: founder });
    expect((await nodes.commits()).map(({ rev }) => rev)).toEqual([1, 2, 3]);
    expect((await last()).changes).toContainEqual(expect.objectContaining({ value: expect.objectContaining({ name: 'from a backup' }) }));
    await update({ name: 'after it' });
    expect(await nodes.document()).toMatchObject({ name: 'after it', ledger_rev: 4 });

    const key = newId(40);
    const form = { name: 'new', description: null, is_public: true, tags: [], avatar_url: null };
    const made = await node.ask(communityAddress(key), { type: 'create', by: founder, ...form } as never);
    expect(made).toMatchObject({ name: 'new', me: { role: 'owner' } });
    expect(await nodes.ledgers.base.commitsAfter(`community:${key}`, 0, 9)).toMatchObject([{ rev: 1, operation: 'create_community' }]);
  });

  it('is read by whoever may see the community; who follows it must belong there', async () => {
    await update({ name: 'Gardeners' });
    for (const by of [founder, ada, stranger]) expect(await nodes.sync(node, by, { after_rev: 1 })).toMatchObject({ rev: 2, reset: false });
    expect(await nodes.sync(node, ada, { as_member: true })).toMatchObject({ rev: 2, reset: true });
    expect(await codeOf(nodes.sync(node, stranger, { as_member: true }))).toBe('forbidden');
    expect(await codeOf(nodes.ask(node, { type: 'sync_ledger', by: ada, ledger: `${nodes.ledger}:create_invite` }))).toBe('not_found');
    expect(await nodes.ask(node, { type: 'ledger_head', ledger: nodes.ledger })).toEqual({ head_rev: 2 });
    await update({ is_public: false });
    expect(await codeOf(nodes.sync(node, stranger, { as_member: true }))).toBe('not_found');
    await nodes.ask(node, { type: 'delete', by: founder });
    expect(await codeOf(nodes.sync(node, founder))).toBe('not_found');
    expect(await codeOf(nodes.ask(node, { type: 'ledger_head', ledger: nodes.ledger }))).toBe('not_found');
  });

  it('costs whoever may not see it what one costs that never was', async () => {
    await update({ is_public: false });
    const hidden = communityAddress(nodes.community);
    const never = communityAddress(newId(50));
    const ask = async (to: typeof never) => {
      const message = { type: 'sync_ledger', by: stranger, ledger: `community:${to.key}` };
      const fault = await node.ask(to, message as never).catch((error: Error & { code: string }) => [error.code, error.message]);
      nodes.calls.length = 0;
      await node.ask(to, message as never).catch(() => undefined);
      return [fault, [...nodes.calls]];
    };
    expect(await ask(hidden)).toEqual(await ask(never));
    expect(await ask(hidden)).toEqual([['not_found', expect.any(String)], []]);
  });

  it('costs an activation its edges and a look behind them, and who only asks how people stand nothing more', async () => {
    await update({ name: 'Gardeners' });
    await nodes.clock.advance(60_000);
    await nodes.kill(node);
    nodes.calls.length = 0;
    node = nodes.node();
    const ask = () => nodes.ask(node, { type: 'access', member_id: ada });
    await ask();
    expect(nodes.calls).toEqual([
      ...['communities.byId', 'ledgers.edges', 'ledgers.commitsAfter', 'memberships.countActive', 'memberships.get'],
    ]);
    nodes.calls.length = 0;
    await ask();
    expect(nodes.calls).toEqual([]);
    // Alone for long enough, it looks no more.
    await nodes.clock.advance(60_000);
    nodes.calls.length = 0;
    await nodes.clock.advance(600_000);
    expect(nodes.calls).toEqual([]);
  });

  it('holds nobody up who stands as before, whatever becomes of a commit', async () => {
    nodes.ledgers.fates = ['slow'];
    const access = (member_id: string) => nodes.ask<{ role: string }>(node, { type: 'access', member_id });
    await access(ada);
    const renaming = update({ name: 'Gardeners' });
    await nodes.clock.advance(100);
    expect(await access(ada)).toMatchObject({ role: 'member' });
    await nodes.during(renaming);
    // One that alters how people stand is waited for, not refused.
    nodes.ledgers.fates = ['slow'];
    const closing = update({ is_public: false });
    await nodes.clock.advance(100);
    const asked = access(ada);
    expect(await Promise.race([asked, new Promise((resolve) => setImmediate(() => resolve('waits')))])).toBe('waits');
    await nodes.during(closing);
    expect(await asked).toMatchObject({ role: 'member', community: { is_public: false } });
  });
});
