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
  stage.ask({ type: 'edit', by: stage.owner, message_id, content: `edited, for ${mentions.length}`, mentions });

test('the workers look for notifications only where a message mentions somebody or answers one', async () => {
  const somebody = newId(9);
  const [plain, { message }] = await rungBy(() => send({}));
  expect(plain).toBe(false);
  expect((await rungBy(() => send({ mentions: [somebody] })))[0]).toBe(true);
  expect((await rungBy(() => send({ reply_to: message.id })))[0]).toBe(true);
  expect((await rungBy(() => edit(message.id, [])))[0]).toBe(false);
  expect((await rungBy(() => edit(message.id, [somebody])))[0]).toBe(true);
  expect((await rungBy(() => stage.ask({ type: 'delete', by: stage.owner, message_id: message.id })))[0]).toBe(false);
});

test('and where another node wrote, of which nothing is known', async () => {
  await send({});
  const [record] = await stage.stored();
  await stage.base.messages.append([{ ...record!, id: newId(9), seq: 2, rev: 2, nonce: 'late', content: 'two' }]);
  const [rings] = await rungBy(() => stage.clock.advance(30_000));
  expect(rings).toBe(true);
});
