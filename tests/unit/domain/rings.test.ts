import { beforeEach, expect, test } from '@jest/globals';
import { newId } from '../../../src/kernel/ids.js';
import { Stage } from './stage.js';

let stage: Stage;

beforeEach(async () => {
  stage = await new Stage().open();
});

/** Whether the workers were told, by what was done, that it may ring. */
const rungBy = async <T>(act: () => Promise<T>): Promise<[boolean | undefined, T]> => {
  stage.nudged.length = 0;
  const done = await act();
  return [stage.nudged.find(({ thread }) => thread === stage.thread)?.rings, done];
};
const send = (more: object): Promise<{ message: { id: string } }> =>
  stage.ask({
    type: 'send',
    by: stage.owner,
    message_id: newId(7),
    content: 'c',
    reply_to: null,
    attachments: [],
    mentions: [],
    nonce: newId(8),
    ...more,
  });
const edit = (message_id: string, mentions: string[]): Promise<unknown> =>
  stage.ask({ type: 'edit', by: stage.owner, message_id, content: `edited, for ${mentions.join(' ')}`, mentions });

test('the workers look for notifications only where a message mentions somebody or answers one', async () => {
  const somebody = newId(9);
  const [plain, { message }] = await rungBy(() => send({}));
  expect(plain).toBe(false);
  expect((await rungBy(() => send({ mentions: [somebody] })))[0]).toBe(true);
  expect((await rungBy(() => send({ reply_to: message.id })))[0]).toBe(true);
  expect((await rungBy(() => edit(message.id, [])))[0]).toBe(false);
  expect((await rungBy(() => edit(message.id, [somebody])))[0]).toBe(true);
});

test('a change of what concerned somebody is told to them, a reaction is not', async () => {
  const [somebody, other] = [newId(9), newId(11)];
  const sent = async (more: object): Promise<string> => (await send(more)).message.id;
  const remove = (message_id: string): Promise<unknown> => stage.ask({ type: 'delete', by: stage.owner, message_id });
  const react = (message_id: string, add: boolean): Promise<unknown> =>
    stage.ask({ type: 'react', by: stage.owner, message_id, emoji: '👍', add });
  const [plain, mention, deleted] = [await sent({}), await sent({ mentions: [somebody] }), await sent({ mentions: [somebody] })];
  const reply = await sent({ reply_to: plain });
  const cases: [what: string, act: () => Promise<unknown>, rings: boolean][] = [
    ['a reaction to a mention', () => react(mention, true), false],
    ['one taken back', () => react(mention, false), false],
    ['a reaction to a reply', () => react(reply, true), false],
    ['a mention that stays', () => edit(mention, [somebody]), true],
    ['another one', () => edit(mention, [other]), true],
    ['edited away', () => edit(mention, []), true],
    ['a reaction after that', () => react(mention, true), false],
    ['a reply edited', () => edit(reply, []), true],
    ['a reply deleted', () => remove(reply), true],
    ['a mention deleted', () => remove(deleted), true],
    ['one that was deleted before', () => remove(deleted), false],
    ['what concerned nobody', () => edit(plain, []), false],
    ['deleted', () => remove(plain), false],
  ];
  for (const [what, act, expected] of cases) {
    const [rings] = await rungBy(act);
    expect([what, rings ?? false]).toEqual([what, expected]);
  }
});

test('and where another node wrote, of which nothing is known', async () => {
  await send({});
  const [record] = await stage.stored();
  await stage.base.messages.append([{ ...record!, id: newId(9), seq: 2, rev: 2, nonce: 'late', content: 'two' }]);
  const [rings] = await rungBy(() => stage.clock.advance(30_000));
  expect(rings).toBe(true);
});
