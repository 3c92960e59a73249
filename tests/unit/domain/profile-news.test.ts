import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { communityRoom, memberRoom } from '../../../src/protocol/rooms.js';
import { toMember } from '../../../src/store/resources.js';
import { aCommunity, aMembership } from '../../conformance/store/records.js';
import { MemberStage } from '../ledgers/member-stage.js';

let stage: MemberStage;
beforeEach(async () => {
  stage = await new MemberStage().open();
});
afterEach(() => stage.stop());

const join = async (state: 'active' | 'left' = 'active'): Promise<string> => {
  const community = aCommunity();
  await stage.base.communities.insert(community);
  await stage.base.memberships.put(aMembership({ community_id: community.id, member_id: stage.member, state }));
  return community.id;
};
const told = () => stage.told.filter(({ event }) => event === 'member_updated');

test('what a member is called now is told to their devices and their communities, and to nobody else', async () => {
  const communities = await Promise.all(Array.from({ length: 120 }, () => join()));
  await join('left');
  const member = await stage.base.members.update(stage.member, { full_name: 'Ada Lovelace' });
  stage.tell({ type: 'profile_changed' });
  await stage.clock.advance(1_000);
  expect(new Set(told().map(({ room }) => room))).toEqual(new Set([memberRoom(stage.member), ...communities.map(communityRoom)]));
  expect(told()).toHaveLength(121);
  expect(new Set(told().map(({ payload }) => JSON.stringify(payload)))).toEqual(
    new Set([JSON.stringify({ member: toMember(member!, stage.clock.now()) })]),
  );
  expect(JSON.stringify(told())).not.toContain('email');
});

test('of a change while communities are still told each hears the newest', async () => {
  const communities = await Promise.all(Array.from({ length: 120 }, () => join()));
  for (const full_name of ['Ada', 'Ada Lovelace']) {
    await stage.base.members.update(stage.member, { full_name });
    stage.tell({ type: 'profile_changed' });
    await stage.clock.advance(0);
  }
  await stage.clock.advance(1_000);
  for (const id of communities) {
    const last = told()
      .filter(({ room }) => room === communityRoom(id))
      .at(-1);
    expect(last?.payload).toMatchObject({ member: { full_name: 'Ada Lovelace' } });
  }
});
