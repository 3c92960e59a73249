import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import { memberLedger } from '../../../src/actors/ledger/names.js';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import { aMember } from './a-member.js';
import { Stage } from './stage.js';

describe('who owns a community, as the ledgers of its people show it', () => {
  let stage: Stage;
  let [ada, bob] = ['', ''];
  beforeEach(async () => {
    stage = await new Stage().open();
    [ada, bob] = [newId(11), newId(12)];
    for (const id of [stage.owner, ada, bob]) await stage.base.members.insert(aMember(id, `m${id}`));
    for (const by of [ada, bob]) await stage.askCommunity({ type: 'join', by });
    await stage.clock.advance(30_000);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    return stage.actors.stop();
  });

  const roles = async (): Promise<(string | undefined)[]> => {
    await stage.clock.advance(2_000);
    const item = (id: string) => stage.base.ledgers.item(memberLedger(id), 'membership', stage.community);
    const found = await Promise.all([stage.owner, ada, bob].map(item));
    return found.map((one) => (one?.value as { role: string } | undefined)?.role);
  };
  const handOver = (by: string, member_id: string) => stage.askCommunity({ type: 'hand_over', by, member_id });
  const mark = async () => (await stage.base.communities.byId(stage.community))!.untold;
  const crash = () => stage.during(stage.actors.catalog.evacuate(({ kind }) => kind === 'community', 'lost'));

  it('follows each hand-over, for both', async () => {
    expect(await roles()).toEqual(['owner', 'member', 'member']);
    await handOver(stage.owner, ada);
    await handOver(ada, bob);
    expect(await roles()).toEqual(['moderator', 'moderator', 'owner']);
    expect(await mark()).toBeUndefined();
  });

  it.each(['who asks next', 'a sweep'])('is told by %s after a crash behind the write of the owner', async (who) => {
    const away = jest.spyOn(stage.base.memberships, 'markUntold').mockRejectedValue(new Fault('unavailable'));
    await handOver(stage.owner, ada);
    await crash();
    away.mockRestore();
    expect(await mark()).toBeDefined();
    if (who === 'a sweep') stage.actors.tell(communityAddress(stage.community), { type: 'tell_owners' });
    else await stage.askCommunity({ type: 'get', by: bob });
    expect(await roles()).toEqual(['moderator', 'owner', 'member']);
    expect(await mark()).toBeUndefined();
  });

  it('has no next owner before the one before is told', async () => {
    const away = jest.spyOn(stage.base.memberships, 'markUntold').mockRejectedValue(new Fault('unavailable'));
    await handOver(stage.owner, ada);
    await expect(handOver(ada, bob)).rejects.toMatchObject({ code: 'unavailable' });
    away.mockRestore();
    await handOver(ada, bob);
    expect(await roles()).toEqual(['moderator', 'moderator', 'owner']);
  });

  it('and what is marked as read in one step, how one stands, and that one left', async () => {
    await stage.askCommunity({ type: 'read_all', by: ada });
    await stage.askCommunity({ type: 'change_membership', by: stage.owner, member_id: bob, role: 'moderator' });
    await stage.clock.advance(2_000);
    const { joined_at, read_at } = (await stage.base.memberships.get(stage.community, ada))!;
    expect(read_at).toBeGreaterThan(joined_at);
    expect((await stage.base.ledgers.item(memberLedger(ada), 'membership', stage.community))?.value).toMatchObject({
      unread_since: new Date(read_at!).toISOString(),
    });
    expect(await roles()).toEqual(['owner', 'member', 'moderator']);
    await stage.askCommunity({ type: 'leave', by: bob });
    expect(await roles()).toEqual(['owner', 'member', undefined]);
  });
});
