import { beforeEach, expect, test } from '@jest/globals';
import { newId } from '../../../src/kernel/ids.js';
import { Stage } from './stage.js';

let stage: Stage;

beforeEach(async () => {
  stage = await new Stage().open();
});

test('what an owner before wrote late, at a place that was free, is found although the thread is silent', async () => {
  const { message } = await stage.send('one');
  const [record] = await stage.stored();
  await stage.base.messages.append([{ ...record!, id: newId(9), seq: 2, rev: 2, nonce: 'late', content: 'two' }]);
  await stage.clock.advance(30_000);
  expect(await stage.ask({ type: 'head' })).toEqual({ head_rev: 2, last_seq: 2 });
  expect(await stage.ask({ type: 'sync', by: stage.owner, after_rev: message.rev })).toMatchObject({ messages: [{ seq: 2 }], head_rev: 2 });
});

test('an edit that an owner before wrote late, under a rev that was free again, is brought forward', async () => {
  const old = await stage.send('old');
  const other = await stage.send('other');
  // Its second message goes from rev 2 to 3 and on to 4, so that 3 is free again.
  await stage.ask({ type: 'edit', by: stage.owner, message_id: other.message.id, content: 'other 2', mentions: [] });
  await stage.ask({ type: 'edit', by: stage.owner, message_id: other.message.id, content: 'other 3', mentions: [] });
  const [record] = await stage.stored();
  expect(await stage.base.messages.change({ ...record!, rev: 3, content: 'edited late', epoch: record!.epoch - 1 }, 1)).toBe('stored');
  expect(await stage.ask({ type: 'sync', by: stage.owner, after_rev: 4 })).toMatchObject({ messages: [] });
  await stage.clock.advance(30_000);
  expect(await stage.ask({ type: 'sync', by: stage.owner, after_rev: 4 })).toMatchObject({
    messages: [{ id: old.message.id, content: 'edited late', rev: 5 }],
    head_rev: 5,
  });
  // Once.
  expect((await stage.stored()).map(({ rev }) => rev)).toEqual([5, 4]);
});

/** An edit of an owner before lands under rev 3, which is free again, while the thread is at 4. Answers the message's id. */
const editLandsLate = async (): Promise<string> => {
  const old = await stage.send('old');
  const other = await stage.send('other');
  await stage.ask({ type: 'edit', by: stage.owner, message_id: other.message.id, content: 'other 2', mentions: [] });
  await stage.ask({ type: 'edit', by: stage.owner, message_id: other.message.id, content: 'other 3', mentions: [] });
  const [record] = await stage.stored();
  await stage.base.messages.change({ ...record!, rev: 3, content: 'edited late', epoch: record!.epoch - 1 }, 1);
  return old.message.id;
};

test('a look that falls into a write is made up for when the write has ended', async () => {
  const edited = await editLandsLate();
  let isAway = true;
  stage.append = (real, records) => (isAway ? Promise.resolve(records.map(() => 'unknown' as const)) : real(records));
  const sent = stage.send('long under way').catch(() => undefined);
  await stage.clock.advance(30_000);
  isAway = false;
  await stage.during(sent);
  await stage.clock.advance(1_000);
  expect((await stage.stored()).find(({ id }) => id === edited)).toMatchObject({ content: 'edited late', rev: 6 });
  expect(await stage.ask({ type: 'sync', by: stage.owner, after_rev: 5 })).toMatchObject({ messages: [{ id: edited }], head_rev: 6 });
});

test('one that ends before its looks are over looks once more, so that its successor does not take what landed for shown', async () => {
  const edited = await editLandsLate();
  await stage.actors.stop();
  expect((await stage.stored()).find(({ id }) => id === edited)).toMatchObject({ content: 'edited late', rev: 5 });
});

test('so does one that ends in a write, after the write', async () => {
  const edited = await editLandsLate();
  stage.append = async (real, records) => {
    await stage.clock.sleep(500);
    return real(records);
  };
  const sent = stage.send('last');
  await stage.clock.advance(100);
  await stage.during(stage.actors.stop());
  expect(await sent).toMatchObject({ created: true });
  expect((await stage.stored()).find(({ id }) => id === edited)).toMatchObject({ content: 'edited late', rev: 6 });
});

test('and so does one whose last look fell into that write', async () => {
  await stage.clock.advance(20_000);
  const edited = await editLandsLate();
  await stage.clock.advance(4_000);
  stage.append = async (real, records) => {
    await stage.clock.sleep(3_500);
    return real(records);
  };
  const sent = stage.send('last');
  await stage.clock.advance(3_200);
  await stage.during(stage.actors.stop());
  expect(await sent).toMatchObject({ created: true });
  expect((await stage.stored()).find(({ id }) => id === edited)).toMatchObject({ content: 'edited late', rev: 6 });
});

test('a message that an owner before wrote late, at a free seq and under a free rev, is brought forward', async () => {
  const { message } = await stage.send('one');
  await stage.ask({ type: 'edit', by: stage.owner, message_id: message.id, content: 'two', mentions: [] });
  await stage.ask({ type: 'edit', by: stage.owner, message_id: message.id, content: 'three', mentions: [] });
  const [record] = await stage.stored();
  await stage.base.messages.append([
    { ...record!, id: newId(9), seq: 2, rev: 2, nonce: 'late', content: 'late', epoch: record!.epoch - 1 },
  ]);
  await stage.clock.advance(30_000);
  expect(await stage.ask({ type: 'sync', by: stage.owner, after_rev: 3 })).toMatchObject({ messages: [{ content: 'late' }], head_rev: 4 });
});

test('an owner that loses its place in the middle of a look begins no further write', async () => {
  const old = [await stage.send('old 1'), await stage.send('old 2')];
  const { message } = await stage.send('other');
  for (const content of ['other 2', 'other 3', 'other 4']) {
    await stage.ask({ type: 'edit', by: stage.owner, message_id: message.id, content, mentions: [] });
  }
  // Revs 4 and 5 are free again, and an owner before lands its edits there.
  for (const [i, record] of (await stage.stored()).slice(0, 2).entries()) {
    const late = { ...record, rev: 4 + i, content: 'edited late', epoch: record.epoch - 1 };
    expect(await stage.base.messages.change(late, record.rev)).toBe('stored');
  }
  const begun: { id: string; epoch: number }[] = [];
  stage.change = async (real, record, ifRev) => {
    begun.push({ id: record.id, epoch: record.epoch });
    await stage.clock.sleep(500);
    return real(record, ifRev);
  };
  for (let ms = 0; ms < 30_000 && begun.length === 0; ms += 50) await stage.clock.advance(50);
  await stage.changeOwner('lost');
  await stage.clock.advance(5_000);
  // The next owner looks for itself.
  expect(begun.filter(({ epoch }) => epoch === 1).map(({ id }) => id)).toEqual([old[0]!.message.id]);
});
