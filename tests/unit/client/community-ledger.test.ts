import { beforeEach, describe, expect, it } from '@jest/globals';
import { CommunityStage, communityId, myself } from './community-stage.js';
import { hexId } from './thread-model.js';

const [apples, pears] = [hexId(0xb1), hexId(0xb2)];

describe('a community’s view over ledgers', () => {
  let stage: CommunityStage;
  beforeEach(async () => {
    stage = new CommunityStage();
    stage.put(apples, { title: 'Apples', last_seq: 9, message_count: 9, head_rev: 9 });
    stage.put(pears, { title: 'Pears' });
    await stage.clock.advance(100);
    stage.loads.length = 0;
  });
  const titles = (): unknown[] => stage.view.state.threads.map(({ title, is_pinned }) => (is_pinned ? `* ${title}` : title));

  it('follows what it is called, its owner and its roles without loading anything, also after a gap', async () => {
    stage.call('Orchard');
    stage.make(hexId(0xa1), ['pin_messages']);
    await stage.clock.advance(0);
    expect(stage.view.state.community?.name).toBe('Orchard');
    expect(stage.view.state.roles.map(({ id, position }) => [id, position])).toEqual([
      [hexId(0xa1), 1],
      [communityId, 0],
    ]);
    stage.call('Grove', true);
    stage.own(myself, true);
    await stage.settle();
    expect(stage.view.state.community).toMatchObject({ name: 'Grove', owner_id: myself, me: { role: 'owner' } });
    expect(stage.view.state.community?.me?.permissions).toContain('administrator');
  });

  it('does what a role lets one do once the copy of one’s membership has it', async () => {
    stage.make(hexId(0xa1), ['pin_messages']);
    stage.hold([hexId(0xa1)]);
    expect(stage.view.state.community?.me?.permissions).toEqual(['view', 'pin_messages']);
    stage.hold([]);
    expect(stage.view.state.community?.me).toMatchObject({ roles: [], permissions: ['view'] });
  });

  it('lays what threads are over its list, and leaves what is said in them as it is', async () => {
    stage.put(pears, { title: 'Quinces', is_pinned: true, tags: ['fruit'] });
    expect(titles()).toEqual(['* Quinces', 'Apples']);
    expect(stage.view.state.threads[1]).toMatchObject({ last_seq: 9, message_count: 9, me: { unread_count: 9 } });
    // Lists and events that are older than the item.
    stage.tell('thread_updated', {
      thread: { ...stage.threads.get(pears), title: 'Pears', is_pinned: false, updated_at: '', me: undefined },
    });
    expect(titles()).toEqual(['* Quinces', 'Apples']);
    stage.put(pears, { title: 'Medlars', is_pinned: false }, true);
    stage.tell('thread_updated', { thread: { ...stage.threads.get(pears), me: undefined } });
    expect(titles().sort()).toEqual(['Apples', 'Medlars']);
    expect(stage.loads).toEqual([]);
  });

  it('takes a deleted thread from its list at once, and brings back one that was closed and is there for oneself', async () => {
    stage.drop(apples);
    expect(titles()).toEqual(['Pears']);
    stage.server.commit(stage.ledger, [{ kind: 'thread', key: pears, value: null }]);
    expect(titles()).toEqual([]);
    await stage.clock.advance(30_000);
    expect(titles()).toEqual(['Pears']);
    expect(stage.loads).toEqual(['thread', 'thread']);
  });

  it('asks for no thread of which an event says that it is gone', async () => {
    stage.drop(apples);
    stage.tell('thread_deleted', { community_id: communityId, thread_id: apples });
    await stage.clock.advance(30_000);
    expect([titles(), stage.loads]).toEqual([['Pears'], []]);
  });

  it('counts as read what one reads on another device', async () => {
    const unread = (): number | undefined => stage.view.state.threads.find(({ id }) => id === apples)?.me?.unread_count;
    stage.read(apples, 7);
    expect(unread()).toBe(2);
    // A list that was asked for before knows nothing of it.
    stage.port.connect(false);
    stage.port.connect(true);
    await stage.clock.advance(100);
    expect(unread()).toBe(2);
  });

  it('has all for read that one marks so on another device', async () => {
    expect(stage.view.state.threads.filter(({ me }) => me?.unread_count)).toHaveLength(1);
    stage.readAll('2027-01-01T00:00:00.000Z');
    expect(stage.view.state.threads.filter(({ me }) => me?.unread_count)).toEqual([]);
    await stage.clock.advance(60_000);
    expect(stage.loads).toEqual([]);
  });

  it('is gone once one belongs to it no more, and live again once one does', async () => {
    stage.belong(false);
    await stage.clock.advance(100);
    expect([stage.view.status, stage.view.fault?.code]).toEqual(['gone', 'forbidden']);
    stage.belong(true);
    await stage.clock.advance(100);
    expect(stage.view.status).toBe('live');
    stage.call('Orchard');
    await stage.clock.advance(20);
    expect(stage.view.state.community?.name).toBe('Orchard');
  });

  it('follows its ledgers no longer than it is open', async () => {
    stage.view.close();
    await stage.clock.advance(2_000);
    expect(['me', stage.ledger].map((name) => stage.ledgers.state(name).status)).toEqual(['unknown', 'unknown']);
  });
});
