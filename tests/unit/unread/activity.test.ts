import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Thread } from '../../../src/protocol/resources.js';
import { UnreadStage } from './unread-stage.js';

let u: UnreadStage;
beforeEach(async () => {
  u = await UnreadStage.open();
});
afterEach(() => u.stop());

const activity = async (): Promise<string> => (await u.get(u.stage.owner)).last_activity;
/** As the store has it, and as the last event told. */
const everywhere = async (): Promise<string[]> => {
  await u.settle();
  const [listed] = await u.list(u.stage.owner);
  const told = u.stage.published.filter(({ event }) => event === 'thread_updated').at(-1)?.payload.thread as Thread;
  return [await activity(), listed!.last_activity, told.last_activity];
};

describe('when something was last said in a thread', () => {
  it('falls back to the message before when the last one is deleted, and to the beginning when none is left', async () => {
    const begun = await activity();
    const first = await u.say('first');
    const afterFirst = await activity();
    await u.pass(60_000);
    const second = await u.say('second');
    const afterSecond = await activity();
    expect(new Set([begun, afterFirst, afterSecond]).size).toBe(3);
    await u.remove(second);
    expect(await everywhere()).toEqual([afterFirst, afterFirst, afterFirst]);
    await u.remove(first);
    expect(await everywhere()).toEqual([begun, begun, begun]);
  });

  it('stays when another than the last one is deleted, or the last one is edited', async () => {
    const first = await u.say('first');
    const last = await u.say('last');
    const said = await activity();
    await u.remove(first);
    await u.stage.ask({ type: 'edit', by: u.stage.owner, message_id: last, content: 'changed', mentions: [] });
    expect(await everywhere()).toEqual([said, said, said]);
  });

  it('goes on from there with the next message', async () => {
    await u.remove(await u.say('gone'));
    await u.pass(60_000);
    await u.say('next');
    const { last_activity } = await u.get(u.stage.owner);
    expect(await everywhere()).toEqual([last_activity, last_activity, last_activity]);
    expect(Date.parse(last_activity)).toBeGreaterThan(Date.parse((await u.get(u.stage.owner)).created_at) + 60_000);
  });

  it('is found also where all that memory holds was deleted', async () => {
    const first = await u.say('the one that stays');
    const said = await activity();
    const sent: string[] = [];
    for (let n = 0; n < 300; n++) sent.push((await u.stage.send(`${n}`)).message.id);
    await u.pass(60_000);
    for (const id of sent) await u.stage.ask({ type: 'delete', by: u.stage.owner, message_id: id });
    expect(await everywhere()).toEqual([said, said, said]);
    await u.remove(first);
    const { created_at } = await u.get(u.stage.owner);
    expect(await everywhere()).toEqual([created_at, created_at, created_at]);
  });

  it.each(['lost', 'handoff'] as const)('is set right by the next owner after one that ended by %s', async (how) => {
    await u.say('first');
    const said = await activity();
    await u.settle();
    await u.pass(60_000);
    const last = await u.say('last');
    await u.settle();
    await u.remove(last);
    await u.stage.changeOwner(how);
    expect(await activity()).toBe(said);
    expect(await everywhere()).toEqual([said, said, said]);
  });

  it('puts its thread back into its place in the list', async () => {
    const other = { type: 'create_thread', by: u.stage.owner, title: 'other', content: null, tags: [] };
    const thread_id = 'f'.repeat(24);
    await u.stage.askCommunity({ ...other, thread_id });
    await u.pass();
    const last = await u.say('in the first');
    await u.settle();
    expect((await u.list(u.stage.owner)).map(({ id }) => id)).toEqual([u.stage.thread, thread_id]);
    await u.remove(last);
    await u.settle();
    expect((await u.list(u.stage.owner)).map(({ id }) => id)).toEqual([thread_id, u.stage.thread]);
  });
});
