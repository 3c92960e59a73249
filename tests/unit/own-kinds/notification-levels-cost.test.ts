import { afterEach, expect, test } from '@jest/globals';
import { collectionsOf } from '../../../src/catalogue/assembled.js';
import { features } from '../../../src/features/index.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { type Person, RestHouse } from '../gateway/rest-house.js';
import { counted } from '../no-trace/counted.js';

let house: RestHouse;
afterEach(() => house.close());

test('a closed thread costs whoever may not view it what one costs that never was', async () => {
  const calls: string[] = [];
  const clock = new FakeClock();
  const store = counted(createMemoryStore({ clock, collections: collectionsOf(features) }), (name) => calls.push(name));
  house = await RestHouse.open({ clock, store });
  const owner = await house.person();
  const community = (await house.ask('POST', '/api/communities', { by: owner, body: { name: 'Readers' } })).body.id;
  const made = await house.ask('POST', `/api/threads/community/${community}`, { by: owner, body: { title: 'Books', is_private: true } });
  /** What is read for the first that somebody asks for. */
  const costOf = async (thread: string, level: string): Promise<string[]> => {
    const stranger: Person = await house.person();
    calls.length = 0;
    const { status } = await house.ask('PUT', `/api/notification_levels/thread:${thread}`, { by: stranger, body: { level } });
    expect(status).toBe(404);
    return [...calls];
  };
  for (const level of ['none', 'all']) {
    const cost = await costOf('a'.repeat(24), level);
    expect(cost.length).toBeGreaterThan(0);
    expect(await costOf(made.body.id, level)).toEqual(cost);
  }
});
