import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backends, type OpenStore } from './backends.js';
import { aCommunity, aMembership, anId, aThread } from './records.js';

describe.each(backends)('what scopes are chosen by in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  test('communities that somebody is or was in, the public ones among them, and when something happened there', async () => {
    const { memberships, communities, threads } = opened.store;
    const member_id = anId();
    const [open, closed, left, gone] = [aCommunity(), aCommunity({ is_public: false }), aCommunity(), aCommunity({ deleted_at: 5 })];
    const all = [open, closed, left, gone].map(({ id }) => id);
    for (const community of [open, closed, left, gone]) await communities.insert(community);
    for (const community_id of all) {
      await memberships.put(aMembership({ community_id, member_id, state: community_id === left.id ? 'left' : 'active' }));
    }
    await memberships.put(aMembership({ community_id: anId() }));
    expect((await memberships.placesOf(member_id)).sort()).toEqual([...all].sort());
    expect((await communities.publicAmong([...all, anId()])).sort()).toEqual([open.id, left.id].sort());
    expect(await communities.publicAmong([])).toEqual([]);
    await threads.putMissing([
      aThread({ community_id: open.id, last_activity: 10 }),
      aThread({ community_id: open.id, last_activity: 30 }),
      aThread({ community_id: open.id, last_activity: 90, deleted_at: 95 }),
      aThread({ community_id: closed.id, last_activity: 20 }),
      aThread({ last_activity: 99 }),
    ]);
    expect(await threads.latestActivity(all)).toEqual(
      new Map([
        [open.id, 30],
        [closed.id, 20],
      ]),
    );
    expect(await threads.latestActivity([])).toEqual(new Map());
  });
});
