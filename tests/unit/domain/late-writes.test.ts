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
