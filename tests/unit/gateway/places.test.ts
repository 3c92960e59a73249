import { beforeEach, expect, test } from '@jest/globals';
import type { ActorSystem } from '../../../src/actors/runtime/actor.js';
import type { OverrideRecord } from '../../../src/authority/overrides.js';
import { ActorPlaces } from '../../../src/gateway/places.js';
import { ThreadDirectory } from '../../../src/gateway/thread-directory.js';
import { anAccess } from '../../access.js';
import { aCommunity, aMembership } from '../../conformance/store/records.js';

let log: string[];
let now: number;
let overrides: OverrideRecord[] | undefined;
let directory: ThreadDirectory;
let places: ActorPlaces;

const closed: OverrideRecord[] = [
  { subject: 'role:c', allow: [], deny: ['view'] },
  { subject: 'member:inside', allow: ['view'], deny: [] },
];

beforeEach(() => {
  log = [];
  now = 1;
  overrides = closed;
  directory = new ThreadDirectory({
    byId: async (id) => {
      log.push(`read ${id}`);
      return id === 't' ? ({ community_id: 'c', deleted_at: null, ...(overrides && { overrides }) } as never) : null;
    },
  });
  const actors = {
    ask: async (_to: unknown, { member_id }: { member_id: string }) => {
      log.push('access');
      return anAccess({ member_id, role: 'member', is_public: true });
    },
  } as unknown as ActorSystem;
  const store = {
    memberships: {
      get: async (community_id: string, member_id: string) => {
        log.push(`membership ${community_id}`);
        return community_id === 'c' ? aMembership({ community_id, member_id }) : null;
      },
    },
    communities: {
      byId: async (id: string) => {
        log.push(`community ${id}`);
        return id === 'c' ? aCommunity({ id }) : null;
      },
    },
  };
  places = new ActorPlaces({ actors, threads: directory, store, monotonic: () => now });
});

test('a closed thread is refused before any actor is asked, with as many reads as one that never was', async () => {
  for (const round of [1, 2]) {
    log = [];
    await expect(places.enter({ thread: 't' }, 'outside')).rejects.toMatchObject({ code: 'not_found' });
    await expect(places.enter({ thread: 'never' }, 'outside')).rejects.toMatchObject({ code: 'not_found' });
    const refused = (id: string, place: string) => [`read ${id}`, `membership ${place}`, `community ${place}`];
    expect([round, log]).toEqual([round, [...refused('t', 'c'), ...refused('never', 'never')]]);
  }
});

test('whoever may view it comes in, and is not looked up again for a minute', async () => {
  await places.enter({ thread: 't' }, 'inside');
  log = [];
  expect(places.enter({ thread: 't' }, 'inside')).toBeUndefined();
  expect(log).toEqual([]);
  now = 60_002;
  await places.enter({ thread: 't' }, 'inside');
  expect(log).toEqual(['read t', 'membership c', 'community c']);
});

test('an open one is read once, until it may have been closed', async () => {
  overrides = undefined;
  await places.enter({ thread: 't' }, 'outside');
  log = [];
  expect(places.enter({ thread: 't' }, 'outside')).toBeUndefined();
  expect(places.enter({ community: 'c' }, 'outside')).toBeUndefined();
  expect(log).toEqual([]);
  overrides = closed;
  directory.forget('t');
  await expect(places.enter({ thread: 't' }, 'outside')).rejects.toMatchObject({ code: 'not_found' });
});

test('how somebody stands in a thread is how they stand in its community, with its overrides', async () => {
  expect(await places.standing({ thread: 't' }, 'inside')).toMatchObject({
    member: { id: 'inside' },
    overrides: [{ subject: 'role:c' }, {}],
  });
  expect(await places.standing({ community: 'c' }, 'inside')).not.toHaveProperty('overrides');
});

test('what was being read when it may have been closed is not remembered', async () => {
  overrides = undefined;
  const entering = places.enter({ thread: 't' }, 'outside');
  directory.forget('t');
  await entering;
  overrides = closed;
  await expect(places.enter({ thread: 't' }, 'outside')).rejects.toMatchObject({ code: 'not_found' });
});

test('whoever came in is looked up again once they may not be able to view it any more', async () => {
  const reads = async (member: string, forgotten: Parameters<ActorPlaces['forget']>[0]): Promise<number> => {
    await places.enter({ thread: 't' }, member);
    log = [];
    places.forget(forgotten);
    await places.enter({ thread: 't' }, member);
    return log.length;
  };
  const inside = { community_id: 'c', member_id: 'inside' };
  const about = [{ thread_id: 't' }, { community_id: 'c' }, inside, { ...inside, thread_id: 't' }];
  for (const forgotten of about) expect([forgotten, await reads('inside', forgotten)]).toEqual([forgotten, 3]);
  const aboutOthers = [{ thread_id: 'u' }, { community_id: 'd' }, { ...inside, member_id: 'another' }, { ...inside, thread_id: 'u' }];
  for (const forgotten of aboutOthers) expect([forgotten, await reads('inside', forgotten)]).toEqual([forgotten, 0]);
});

test('who was being looked up meanwhile is not remembered', async () => {
  const entering = places.enter({ thread: 't' }, 'inside');
  places.forget({ community_id: 'c', member_id: 'inside' });
  await entering;
  log = [];
  await places.enter({ thread: 't' }, 'inside');
  expect(log).toHaveLength(3);
});

test('what was being read of an open thread when it was closed is not remembered, for whatever it was read', async () => {
  let answer = (): void => undefined;
  const read = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const slow = new ThreadDirectory({
    byId: async () => {
      await read;
      return { community_id: 'c', deleted_at: null } as never;
    },
  });
  const asked = [slow.fresh('t'), slow.placeOf('t')];
  slow.forget('t');
  answer();
  await Promise.all(asked);
  expect(slow.isOpen('t')).toBe(false);
  await slow.fresh('t');
  expect(slow.isOpen('t')).toBe(true);
});
