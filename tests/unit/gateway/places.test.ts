import { beforeEach, expect, test } from '@jest/globals';
import type { ActorSystem } from '../../../src/actors/runtime/actor.js';
import type { OverrideRecord } from '../../../src/authority/overrides.js';
import { ActorPlaces } from '../../../src/gateway/places.js';
import { ThreadDirectory } from '../../../src/gateway/thread-directory.js';
import { anAccess } from '../../access.js';

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
  places = new ActorPlaces(actors, directory, () => now);
});

test('a closed thread is refused before its actor is asked, with one read, as one that never was', async () => {
  for (const round of [1, 2]) {
    log = [];
    await expect(places.enter({ thread: 't' }, 'outside')).rejects.toMatchObject({ code: 'not_found' });
    await expect(places.enter({ thread: 'never' }, 'outside')).rejects.toMatchObject({ code: 'not_found' });
    expect([round, log]).toEqual([round, ['read t', 'access', 'read never']]);
  }
});

test('whoever may view it comes in, and is not looked up again for a minute', async () => {
  await places.enter({ thread: 't' }, 'inside');
  log = [];
  expect(places.enter({ thread: 't' }, 'inside')).toBeUndefined();
  expect(log).toEqual([]);
  now = 60_002;
  await places.enter({ thread: 't' }, 'inside');
  expect(log).toEqual(['read t', 'access']);
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
