import { expect, test } from '@jest/globals';
import { isClosedThread } from '../../../src/authority/closure.js';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import { communityRoom } from '../../../src/protocol/rooms.js';
import { aMember } from '../../conformance/store/records.js';
import { Stage } from './stage.js';

test('figures that wait to be shown while their thread is closed are shown to those alone who may view it', async () => {
  const stage = await new Stage().open();
  const bob = newId(11);
  await stage.base.members.insert(aMember({ id: bob }));
  await stage.askCommunity({ type: 'join', by: bob });
  const updates = () => stage.published.filter(({ room, event }) => room === communityRoom(stage.community) && event === 'thread_updated');
  const { setHeads } = stage.base.threads;
  let store: () => void = () => undefined;
  const away = new Promise<void>((resolve) => {
    store = resolve;
  });
  let writes = 0;
  stage.base.threads.setHeads = async (...args) => {
    writes++;
    await away;
    return setHeads.apply(stage.base.threads, args);
  };
  await stage.send('open to all');
  for (let step = 0; step < 50 && writes === 0; step++) await stage.clock.advance(100);
  expect({ writes, updates: updates() }).toEqual({ writes: 1, updates: [] });
  // It is answered when it has gone from what all may read, which the community writes after this.
  const closed = stage.ask({ type: 'set_override', by: stage.owner, subject: `member:${bob}`, allow: [], deny: ['view'] });
  for (let step = 0; step < 50 && !isClosedThread((await stage.base.threads.byId(stage.thread))!); step++) await stage.clock.advance(1);
  store();
  await closed;
  for (let step = 0; step < 50 && updates().length === 0; step++) await stage.clock.advance(100);
  expect(updates()).toMatchObject([{ audience: stage.thread }]);
});

test('a thread that is opened again before its figures come by is shown to all again', async () => {
  const stage = await new Stage().open();
  const bob = newId(11);
  await stage.base.members.insert(aMember({ id: bob }));
  await stage.askCommunity({ type: 'join', by: bob });
  const updates = () => stage.published.filter(({ room, event }) => room === communityRoom(stage.community) && event === 'thread_updated');
  const override = { type: 'set_override', by: stage.owner, subject: `member:${bob}`, allow: [] };
  await stage.ask({ ...override, deny: ['view'] });
  await stage.ask({ ...override, deny: [] });
  await stage.send('open to all');
  for (let step = 0; step < 50 && updates().length === 0; step++) await stage.clock.advance(100);
  expect(updates().map(({ audience }) => audience)).toEqual([undefined]);
});

test('so is one whose closing was not stored', async () => {
  const stage = await new Stage().open();
  const bob = newId(11);
  await stage.base.members.insert(aMember({ id: bob }));
  await stage.askCommunity({ type: 'join', by: bob });
  const updates = () => stage.published.filter(({ room, event }) => room === communityRoom(stage.community) && event === 'thread_updated');
  stage.base.threads.setOverrides = async () => {
    throw new Fault('unavailable');
  };
  const closing = stage.ask({ type: 'set_override', by: stage.owner, subject: `member:${bob}`, allow: [], deny: ['view'] });
  await expect(closing).rejects.toMatchObject({ code: 'unavailable' });
  await stage.send('open to all');
  for (let step = 0; step < 50 && updates().length === 0; step++) await stage.clock.advance(100);
  expect(updates().map(({ audience }) => audience)).toEqual([undefined]);
});
