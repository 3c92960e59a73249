import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import type { OverrideRecord } from '../../../src/authority/overrides.js';
import { starterRoleOf } from '../../../src/authority/roles.js';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import { aMember } from '../../conformance/store/records.js';
import { Stage } from './stage.js';

const [ada, bob, cem, mod] = [newId(10), newId(11), newId(12), newId(13)];
const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'ok',
    (error: Fault) => error.code,
  );

describe('the people of a closed thread', () => {
  let stage: Stage;
  const begin = (by: string, member_ids: string[]) =>
    stage.actors.ask(communityAddress(stage.community), {
      ...{ type: 'create_thread', by, thread_id: stage.closed, title: 'secret', content: null, tags: [], is_private: true, member_ids },
    } as never);
  const ask = <R = unknown>(message: { type: string } & Record<string, unknown>) => stage.inClosed<R>(message);
  const sees = async (...ids: string[]): Promise<string[]> => {
    const answers = await Promise.all(ids.map((by) => codeOf(ask({ type: 'get', by }))));
    expect(answers.filter((code) => code !== 'ok' && code !== 'not_found')).toEqual([]);
    return ids.filter((_, at) => answers[at] === 'ok');
  };

  beforeEach(async () => {
    stage = await new Stage().open();
    for (const id of [ada, bob, cem, mod]) {
      await stage.base.members.insert(aMember({ id }));
      await stage.askCommunity({ type: 'join', by: id });
    }
    await stage.askCommunity({ type: 'change_membership', by: stage.owner, member_id: mod, role: 'moderator' });
    await begin(ada, [bob]);
  });

  it('are those who were named, and the owner; to everybody else it is not there, whatever they ask', async () => {
    expect(await sees(ada, bob, cem, mod, stage.owner, newId(99))).toEqual([ada, bob, stage.owner]);
    for (const message of [
      { type: 'send', message_id: newId(5), content: 'x', reply_to: null, attachments: [], mentions: [], nonce: 'n' },
      { type: 'mark_read', seq: 1 },
      { type: 'typing', on: true },
      { type: 'sync', after_rev: 0 },
      { type: 'open' },
      { type: 'update', patch: { title: 'x' } },
      { type: 'delete_thread' },
      { type: 'pin', act: 'a' },
      { type: 'get_overrides' },
      { type: 'add_person', member_id: mod },
      { type: 'remove_person', member_id: mod },
      { type: 'set_override', subject: `member:${cem}`, allow: ['view'], deny: [] },
    ]) {
      for (const by of [cem, mod, newId(99)])
        expect([message.type, await codeOf(ask({ ...message, by }))]).toEqual([message.type, 'not_found']);
    }
  });

  it('change: who is let in sees it, who is taken out or goes does not; everybody is decided anew before what comes after', async () => {
    await ask({ type: 'add_person', by: ada, member_id: cem });
    expect(await sees(cem)).toEqual([cem]);
    expect(stage.rechecked.at(-1)).toMatchObject({ thread_id: stage.closed, access_rev: 0 });
    const rechecks = stage.rechecked.length;
    // Again it changes nothing.
    await ask({ type: 'add_person', by: ada, member_id: cem });
    expect(stage.rechecked).toHaveLength(rechecks);
    // Only who began it, or who manages threads and sees it.
    expect(await codeOf(ask({ type: 'remove_person', by: bob, member_id: cem }))).toBe('forbidden');
    await ask({ type: 'remove_person', by: ada, member_id: cem });
    await ask({ type: 'remove_person', by: bob, member_id: bob });
    expect(await sees(bob, cem)).toEqual([]);
    expect(await codeOf(ask({ type: 'add_person', by: ada, member_id: newId(99) }))).toBe('not_found');
  });

  it('are decided anew one by one: others are asked about only where they may see it or not by what has changed', async () => {
    const about = async (message: { type: string } & Record<string, unknown>) => {
      const before = stage.rechecked.length;
      await ask(message);
      return stage.rechecked.slice(before).map(({ member_id = 'everybody' }) => member_id);
    };
    const set = (subject: string, allow: string[], deny: string[]) =>
      about({ type: 'set_override', by: stage.owner, subject, allow, deny });
    expect(await about({ type: 'add_person', by: ada, member_id: cem })).toEqual([cem]);
    expect(await about({ type: 'remove_person', by: ada, member_id: cem })).toEqual([cem]);
    expect(await set(`member:${bob}`, ['view'], ['post'])).toEqual([]);
    expect(await set(`member:${bob}`, [], ['post'])).toEqual([bob]);
    expect(await set(`role:${starterRoleOf(stage.community)}`, ['view'], [])).toEqual(['everybody']);
    expect(await set(`role:${starterRoleOf(stage.community)}`, ['view', 'post'], [])).toEqual([]);
    expect(await set(`role:${stage.community}`, [], ['post'])).toEqual(['everybody']);
    expect(await set(`role:${stage.community}`, [], ['view'])).toEqual(['everybody']);
  });

  it('are not decided anew when somebody marks all as read', async () => {
    await ask({ type: 'get', by: bob });
    const rechecks = stage.rechecked.length;
    await stage.askCommunity({ type: 'read_all', by: bob });
    await ask({ type: 'head' });
    expect(stage.rechecked).toHaveLength(rechecks);
    await stage.askCommunity({ type: 'change_membership', by: stage.owner, member_id: bob, muted_until: 9e12 });
    await ask({ type: 'head' });
    expect(stage.rechecked.length).toBeGreaterThan(rechecks);
  });

  it('outlive a crash, and who left the community is let into nothing when they are back', async () => {
    await ask({ type: 'add_person', by: ada, member_id: cem });
    await stage.changeOwner('lost');
    expect(await sees(cem)).toEqual([cem]);
    await stage.askCommunity({ type: 'leave', by: cem });
    expect(await sees(cem)).toEqual([]);
    await stage.askCommunity({ type: 'join', by: cem });
    expect(await sees(ada, cem)).toEqual([ada]);
    // Nor do they keep what a thread that was open allowed them.
    const inOpen = (message: { type: string } & Record<string, unknown>) => stage.ask<OverrideRecord[]>(message);
    await inOpen({ type: 'set_override', by: stage.owner, subject: `member:${cem}`, allow: ['manage_messages'], deny: ['attach'] });
    await stage.askCommunity({ type: 'remove_member', by: stage.owner, member_id: cem });
    await stage.askCommunity({ type: 'join', by: cem });
    expect(await inOpen({ type: 'get_overrides', by: ada })).toEqual([{ subject: `member:${cem}`, allow: [], deny: ['attach'] }]);
  });

  it('see it by a role, or not: roles together, then the member', async () => {
    const role = starterRoleOf(stage.community);
    const set = (subject: string, allow: string[], deny: string[]) => ask({ type: 'set_override', by: stage.owner, subject, allow, deny });
    await set(`role:${role}`, ['view'], []);
    expect(await sees(mod)).toEqual([mod]);
    // Taken out, though a role lets them see it.
    await ask({ type: 'remove_person', by: ada, member_id: mod });
    expect(await sees(mod)).toEqual([]);
    await ask({ type: 'add_person', by: ada, member_id: mod });
    expect(await sees(mod)).toEqual([mod]);
    await set(`role:${stage.community}`, [], []);
    expect(await sees(cem)).toEqual([cem]);
    expect(await codeOf(ask({ type: 'add_person', by: ada, member_id: cem }))).toBe('conflict');
  });

  it('are changed by nobody beyond what they hold and above whom they stand', async () => {
    await ask({ type: 'add_person', by: ada, member_id: mod });
    const set = (by: string, subject: string, allow: string[]) => codeOf(ask({ type: 'set_override', by, subject, allow, deny: [] }));
    expect(await set(bob, `member:${cem}`, ['view'])).toBe('forbidden');
    expect(await set(mod, `member:${mod}`, ['manage_threads'])).toBe('forbidden');
    expect(await set(mod, `member:${stage.owner}`, ['view'])).toBe('forbidden');
    expect(await set(mod, `role:${starterRoleOf(stage.community)}`, ['view'])).toBe('forbidden');
    expect(await set(mod, `role:${newId(77)}`, ['view'])).toBe('not_found');
    expect(await set(mod, `member:${bob}`, ['view', 'manage_messages'])).toBe('ok');
    const there = await ask<OverrideRecord[]>({ type: 'get_overrides', by: bob });
    expect(there.find(({ subject }) => subject === `member:${bob}`)).toEqual({
      ...{ subject: `member:${bob}`, allow: ['view', 'manage_messages'], deny: [] },
    });
  });

  it('add files only where they may', async () => {
    await ask({ type: 'set_override', by: stage.owner, subject: `member:${bob}`, allow: ['view'], deny: ['attach'] });
    const send = (by: string, nonce: string, attachments: object[]) =>
      codeOf(ask({ type: 'send', by, nonce, message_id: newId(5), content: 'x', reply_to: null, attachments, mentions: [] }));
    const file = { url: 'https://files.example/a.png', name: 'a.png' };
    expect([await send(bob, 'a', []), await send(bob, 'b', [file]), await send(ada, 'c', [file])]).toEqual(['ok', 'forbidden', 'ok']);
  });

  it('are not decided on before it is known how a write of them ended', async () => {
    const { threads } = stage.store;
    const real = threads.setOverrides.bind(threads);
    const write = jest.spyOn(threads, 'setOverrides');
    // It lands, and nobody hears so.
    write.mockImplementationOnce(async (thread, change) => {
      await real(thread, change);
      throw new Fault('timeout');
    });
    expect(await codeOf(ask({ type: 'remove_person', by: ada, member_id: bob }))).toBe('timeout');
    write.mockRejectedValueOnce(new Fault('unavailable'));
    expect(await codeOf(ask({ type: 'get', by: bob }))).toBe('unavailable');
    expect(await sees(bob)).toEqual([]);
    expect(stage.rechecked.at(-1)).toMatchObject({ thread_id: stage.closed });
  });

  it('and nobody else are told of it in the room of the community', async () => {
    const told = stage.published.filter(({ payload }) => JSON.stringify(payload).includes(stage.closed));
    expect(told.map(({ event, audience }) => [event, audience])).toEqual([['new_thread', stage.closed]]);
    await ask({ type: 'update', by: ada, patch: { title: 'y' } });
    await ask({ type: 'delete_thread', by: ada });
    const later = stage.published.filter(({ payload }) => JSON.stringify(payload).includes(stage.closed));
    expect(later.map(({ event }) => event)).toEqual([
      ...['new_thread', 'thread_updated', 'ledger_changed'],
      ...['thread_deleted', 'thread_deleted', 'ledger_changed'],
    ]);
    expect(later.every(({ audience }) => audience === stage.closed)).toBe(true);
    // Nodes may still ask who is to hear that it is gone, for a while.
    expect(await ask({ type: 'audience', members: [ada, cem] })).toMatchObject({ members: [ada] });
    await stage.clock.advance(10_000);
    expect(await codeOf(ask({ type: 'audience', members: [ada] }))).toBe('not_found');
  });
});
