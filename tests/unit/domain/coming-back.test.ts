import { beforeEach, expect, test } from '@jest/globals';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import type { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import { aMember } from '../../conformance/store/records.js';
import { Stage } from './stage.js';

const [ada, bob] = [newId(10), newId(11)];
let stage: Stage;

beforeEach(async () => {
  stage = await new Stage().open();
  for (const id of [ada, bob]) {
    await stage.base.members.insert(aMember({ id }));
    await stage.askCommunity({ type: 'join', by: id });
  }
  await stage.actors.ask(communityAddress(stage.community), {
    ...{ type: 'create_thread', by: ada, thread_id: stage.closed, title: 'secret', content: null, tags: [] },
    ...{ is_private: true, member_ids: [bob] },
  } as never);
});

const outcome = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'ok',
    (error: Fault) => error.code,
  );

/** Bob comes back, and while the community looks in which closed threads he was, something is asked of one of them. */
const meanwhile = async (message: { type: string } & Record<string, unknown>): Promise<string[]> => {
  await stage.askCommunity({ type: 'leave', by: bob });
  const { threads } = stage.base;
  const { naming } = threads;
  let go = (): void => undefined;
  let begun = (): void => undefined;
  const isLooking = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const goOn = new Promise<void>((resolve) => {
    go = resolve;
  });
  threads.naming = async (...ask) => {
    begun();
    await goOn;
    return naming.apply(threads, ask);
  };
  const back = outcome(stage.actors.ask(communityAddress(stage.community), { type: 'join', by: bob } as never));
  await isLooking;
  const asked = outcome(stage.inClosed(message));
  await new Promise(setImmediate);
  go();
  return stage.during(Promise.all([back, asked]));
};

test('the community and a closed thread do not wait for each other when somebody comes back and one asks of a stranger', async () => {
  expect(await meanwhile({ type: 'add_person', by: ada, member_id: newId(99) })).toEqual(['ok', 'not_found']);
});

test('nor when one asks of a role', async () => {
  const subject = `role:${stage.community}`;
  expect(await meanwhile({ type: 'set_override', by: stage.owner, subject, allow: [], deny: ['view', 'post'] })).toEqual(['ok', 'ok']);
});
