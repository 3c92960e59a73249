import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { memberLedger } from '../../../src/actors/ledger/names.js';
import { levelBounds } from '../../../src/features/notification-levels/contract.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import type { NotificationLevel } from '../../../src/protocol/notification-levels.js';
import { type Person, RestHouse } from '../gateway/rest-house.js';
import { commitsOf, freshOf, nested } from './own-ledger.js';

let house: RestHouse;
let clock: FakeClock;
let owner: Person;
let ada: Person;
let community: string;
let thread: string;
beforeEach(async () => {
  clock = new FakeClock();
  house = await RestHouse.open({ clock });
  owner = await house.person();
  ada = await house.person();
  community = (await house.ask('POST', '/api/communities', { by: owner, body: { name: 'Readers' } })).body.id;
  await house.ask('POST', `/api/communities/${community}/join`, { by: ada });
  thread = await begin({});
});
afterEach(() => house.close());

const begin = async (body: object): Promise<string> =>
  (await house.ask('POST', `/api/threads/community/${community}`, { by: owner, body: { title: 'Books', ...body } })).body.id;
const set = (place: string, body: unknown, by = ada) => house.ask('PUT', `/api/notification_levels/${place}`, { by, body });
const list = async (by = ada) => (await house.ask('GET', '/api/notification_levels', { by })).body.items;
const inAMinute = () => new Date(clock.now() + 60_000).toISOString();

test('what is said of places is listed, and is what a fresh device is given; the same again commits nothing', async () => {
  const until = inAMinute();
  const answers = [
    await set(`community:${community}`, { level: 'mentions' }),
    await set(`thread:${thread}`, { level: 'none', muted_until: until.replace('Z', '+00:00') }),
    await set(`thread:${thread}`, { level: 'none', muted_until: until }),
  ];
  expect(answers.map(({ status, body }) => [status, body])).toEqual([
    [200, { place: `community:${community}`, level: 'mentions', muted_until: null }],
    [200, { place: `thread:${thread}`, level: 'none', muted_until: until }],
    [200, { place: `thread:${thread}`, level: 'none', muted_until: until }],
  ]);
  expect(await commitsOf(house, ada)).toHaveLength(2);
  expect(await list()).toEqual(answers.slice(0, 2).map(({ body }) => body));
  expect(await freshOf(house, ada, 'notification_level')).toEqual({
    [`community:${community}`]: { level: 'mentions', muted_until: null },
    [`thread:${thread}`]: { level: 'none', muted_until: until },
  });
  expect(await list(owner)).toEqual([]);
});

test('all, and not muted, is the absence of the item, be it that a mute is over', async () => {
  const place = `thread:${thread}`;
  expect((await set(place, { level: 'all' })).status).toBe(200);
  await set(place, { level: 'none' });
  expect((await set(place, { level: 'all', muted_until: null })).body).toEqual({ place, level: 'all', muted_until: null });
  await set(place, { level: 'all', muted_until: inAMinute() });
  expect((await set(place, { level: 'all', muted_until: new Date(clock.now()).toISOString() })).body.muted_until).toBeNull();
  expect(await list()).toEqual([]);
  const changes = (await commitsOf(house, ada)).map((commit) => commit.changes.map((change) => 'deleted' in change));
  expect(changes).toEqual([[false], [true], [false], [true]]);
});

test('of what one may not view nothing is said, in the words for what never was; what was said before can be taken back', async () => {
  const closed = await begin({ is_private: true, member_ids: [ada.id] });
  const shut = await begin({ is_private: true });
  const hidden = (await house.ask('POST', '/api/communities', { by: owner, body: { name: 'Ours', is_public: false } })).body.id;
  await set(`thread:${closed}`, { level: 'none' });
  await house.ask('DELETE', `/api/threads/${closed}/members/${ada.id}`, { by: owner });
  const never = await set(`thread:${'a'.repeat(24)}`, { level: 'none' });
  expect([never.status, never.body.code]).toEqual([404, 'not_found']);
  const places = [`community:${'a'.repeat(24)}`, `community:${hidden}`, `thread:${shut}`, `thread:${closed}`, `community:${thread}`];
  for (const place of places) {
    const { status, body } = await set(place, { level: 'mentions' });
    expect([place, status, body.code, body.detail]).toEqual([place, 404, 'not_found', never.body.detail]);
  }
  expect(await list()).toMatchObject([{ place: `thread:${closed}`, level: 'none' }]);
  expect((await set(`thread:${closed}`, { level: 'all' })).status).toBe(200);
  for (const place of places) expect([place, (await set(place, { level: 'all' })).status]).toEqual([place, 404]);
  expect(await list()).toEqual([]);
});

test('a member says it of so many: one more is a conflict, until one is taken back or a mute is over', async () => {
  await set(`thread:${thread}`, { level: 'none' });
  const name = memberLedger(ada.id);
  const fill = (count: number, value: NotificationLevel) =>
    Array.from({ length: count }, (_, at) => ({
      ...{ ledger: name, kind: 'notification_level', rev: 1, value },
      key: `thread:${`${value.level}${at}`.replace(/\D/g, value.level === 'all' ? 'a' : 'b').padStart(24, '0')}`,
    }));
  const muted = fill(2, { level: 'all', muted_until: inAMinute() });
  await house.store.ledgers.project(name, 1, [...muted, ...fill(levelBounds.levels - 3, { level: 'none', muted_until: null })]);
  expect(await list()).toHaveLength(levelBounds.levels);
  const more = `community:${community}`;
  const refused = await set(more, { level: 'none' });
  expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
    409,
    'conflict',
    'A member says of at most 1000 places what they want to hear: take one back first',
  ]);
  expect((await set(`thread:${thread}`, { level: 'mentions' })).status).toBe(200);
  await clock.advance(60_000);
  expect((await set(more, { level: 'none' })).status).toBe(200);
  expect((await commitsOf(house, ada)).at(-1)!.changes).toEqual([
    { kind: 'notification_level', key: more, value: { level: 'none', muted_until: null } },
    ...muted.map(({ kind, key }) => ({ kind, key, deleted: true })),
  ]);
  expect(await list()).toHaveLength(levelBounds.levels - 1);
});

test('whatever else is sent is refused in words and leaves nothing', async () => {
  for (const place of [
    '__proto__',
    'me',
    `thread:${thread} `,
    `Thread:${thread}`,
    'community:',
    '%20',
    `role:${thread}`,
    'a'.repeat(5_000),
  ]) {
    const { status, body } = await set(encodeURIComponent(place), { level: 'none' });
    expect([place.slice(0, 40), status, body.code, body.errors?.[0]?.path]).toEqual([
      place.slice(0, 40),
      400,
      'validation_failed',
      'place',
    ]);
  }
  const bodies = [
    '{}',
    '{"level": "loud"}',
    '{"level": null}',
    '{"level": "none", "muted_until": 5}',
    '{"level": "none", "muted_until": "soon"}',
  ];
  const more = [
    '{"level": "none", "muted_until": "2026-02-30T00:00:00Z"}',
    '{"level": "none", "__proto__": 1}',
    `{"level": ${nested(17)}}`,
  ];
  for (const body of [...bodies, ...more]) {
    const answer = await set(`thread:${thread}`, body);
    expect([body.slice(0, 60), answer.status, answer.body.code]).toEqual([body.slice(0, 60), 400, 'validation_failed']);
  }
  expect(await commitsOf(house, ada)).toEqual([]);
});
