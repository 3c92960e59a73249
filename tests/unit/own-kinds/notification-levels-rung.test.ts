import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Notifier } from '../../../src/workers/notify.js';
import { Visitor } from '../../../src/workers/visit.js';
import { type Person, RestHouse } from '../gateway/rest-house.js';

/** Levels as people say them, and workers as they run: no time passes between, so nothing is stored that was not waited for. */
let house: RestHouse;
let clock: FakeClock;
let owner: Person;
let ada: Person;
let community: string;
let thread: string;
beforeEach(async () => {
  clock = new FakeClock();
  house = await RestHouse.open({ clock });
  [owner, ada] = [await house.person(), await house.person()];
  community = (await house.ask('POST', '/api/communities', { by: owner, body: { name: 'Readers' } })).body.id;
  await house.ask('POST', `/api/communities/${community}/join`, { by: ada });
  thread = (await house.ask('POST', `/api/threads/community/${community}`, { by: owner, body: { title: 'Books' } })).body.id;
});
afterEach(() => house.close());

const set = (place: string, body: object) => house.ask('PUT', `/api/notification_levels/${place}`, { by: ada, body });
/** Whether a mention is among her notifications once the workers were there. */
const rings = async (): Promise<boolean> => {
  const { body } = await house.ask('POST', `/api/messages/thread/${thread}`, { by: owner, body: { content: `@${ada.username}` } });
  const told: string[] = [];
  const notifier = new Notifier(house.store, { tell: (to) => void told.push(to.key) }, clock);
  await new Visitor(house.store, notifier, clock, () => 0).visit([thread]);
  const { items } = (await house.ask('GET', '/api/notifications', { by: ada })).body;
  const isListed = items.some(({ message_id }: { message_id: string }) => message_id === body.id);
  expect(told).toEqual(isListed ? [ada.id] : []);
  return isListed;
};

test('what was answered counts for the next mention', async () => {
  expect(await rings()).toBe(true);
  await set(`thread:${thread}`, { level: 'none' });
  expect(await rings()).toBe(false);
  await set(`thread:${thread}`, { level: 'all' });
  expect(await rings()).toBe(true);
  await set(`community:${community}`, { level: 'none' });
  expect(await rings()).toBe(false);
  await set(`thread:${thread}`, { level: 'mentions' });
  expect(await rings()).toBe(true);
  await set(`thread:${thread}`, { level: 'mentions', muted_until: new Date(clock.now() + 60_000).toISOString() });
  expect(await rings()).toBe(false);
  await clock.advance(60_000);
  expect(await rings()).toBe(true);
});
