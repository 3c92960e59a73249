import { beforeEach, expect, jest, test } from '@jest/globals';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import { aMember } from './a-member.js';
import { Stage } from './stage.js';

let stage: Stage;
const ann = newId(7);

beforeEach(async () => {
  stage = await new Stage().open();
  await stage.base.members.insert(aMember(ann, 'ann'));
  await stage.askCommunity({ type: 'join', by: ann });
});

const change = (more: object): Promise<unknown> =>
  stage.askCommunity({ type: 'change_membership', by: stage.owner, member_id: ann, ...more });
const close = async (): Promise<unknown> => {
  await stage.base.members.deactivate(ann, { at: stage.clock.now(), reopen_until: null });
  return stage.askCommunity({ type: 'account_changed', member_id: ann, at: stage.clock.now() });
};
const ways: [string, () => Promise<unknown>][] = [
  ['leaves', () => stage.askCommunity({ type: 'leave', by: ann })],
  ['is removed', () => stage.askCommunity({ type: 'remove_member', by: stage.owner, member_id: ann })],
  ['is banned', () => change({ is_banned: true })],
  ['closes the account', close],
];

test.each(ways)('what rang for a member who %s is to be cleared away', async (_, part) => {
  expect(stage.gone).toEqual([]);
  await part();
  expect(stage.gone).toEqual([{ community_id: stage.community, member_id: ann }]);
});

test('also when it shows only later that they were banned', async () => {
  const put = jest.spyOn(stage.base.memberships, 'put').mockRejectedValueOnce(new Fault('timeout'));
  await expect(change({ is_banned: true })).rejects.toThrow();
  expect(stage.gone).toEqual([]);
  await stage.clock.advance(5_000);
  put.mockRestore();
  expect(stage.gone).toEqual([{ community_id: stage.community, member_id: ann }]);
});

test('a mute or a role takes nothing away', async () => {
  await change({ muted_until: stage.clock.now() + 1_000 });
  await change({ role: 'moderator' });
  expect(stage.gone).toEqual([]);
});
