import { expect, test } from '@jest/globals';
import type { ActorSystem } from '../../../src/actors/runtime/actor.js';
import type { OverrideRecord } from '../../../src/authority/overrides.js';
import { History } from '../../../src/features/messages/history.js';
import { Messages } from '../../../src/features/messages/messages.js';
import { ActorPlaces } from '../../../src/gateway/places.js';
import { ThreadDirectory } from '../../../src/gateway/thread-directory.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import type { Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { aCommunity, aMembership, aMessage, anId, aThread } from '../../conformance/store/records.js';

test('by a message of a closed thread one learns as little as by an id that never was, also when others have just used it', async () => {
  const [ben, eve, community_id] = [anId(), anId(), anId()];
  const clock = new FakeClock();
  const kept = createMemoryStore({ clock });
  const calls: string[] = [];
  const counted = <R extends 'threads' | 'memberships' | 'communities' | 'messages'>(repository: R): Store[R] =>
    new Proxy(kept[repository], {
      get: (target, name) => {
        const own: unknown = Reflect.get(target, name);
        if (typeof own !== 'function') return own;
        return (...args: unknown[]) => {
          calls.push(`${repository}.${String(name)}`);
          return own.apply(target, args);
        };
      },
    });
  const [threads, memberships] = [counted('threads'), counted('memberships')];
  const store: Store = { ...kept, threads, memberships, communities: counted('communities'), messages: counted('messages') };
  await kept.communities.insert(aCommunity({ id: community_id }));
  for (const member_id of [ben, eve]) await kept.memberships.put(aMembership({ community_id, member_id }));
  const overrides: OverrideRecord[] = [
    { subject: `role:${community_id}`, allow: [], deny: ['view'] },
    { subject: `member:${ben}`, allow: ['view'], deny: [] },
  ];
  const thread = aThread({ community_id, overrides });
  await kept.threads.insert(thread);
  const message = aMessage({ thread_id: thread.id, community_id });
  await kept.messages.append([message]);
  const actors: ActorSystem = { tell: () => undefined, ask: (async () => ({ message: 'done' })) as never };
  const places = new ActorPlaces({ actors, threads: new ThreadDirectory(threads), store, monotonic: () => clock.monotonic() });
  const [messages, history] = [new Messages({ store, actors, places, clock }), new History({ store, actors, clock })];
  const as = (member_id: string) => ({ member_id }) as never;
  const ways: Record<string, (message_id: string, by: string) => Promise<unknown>> = {
    edit: (message_id, by) => messages.edit(as(by), { message_id, content: 'changed' }),
    'edit with a mention': (message_id, by) => messages.edit(as(by), { message_id, content: '@eve' }),
    delete: (message_id, by) => messages.delete(as(by), { message_id }),
    react: (message_id, by) => messages.react(as(by), { message_id, emoji: '👍', add: true }),
    get: (message_id, by) => history.get(as(by), message_id, places),
  };
  const asked = async (ask: () => Promise<unknown>): Promise<{ answer: unknown; cost: string[] }> => {
    calls.length = 0;
    const answer = await ask().catch((error: Error) => error.message);
    return { answer, cost: [...calls].sort() };
  };
  for (const [name, way] of Object.entries(ways)) {
    const never = await asked(() => way(anId(), eve));
    expect([name, never.answer]).toEqual([name, expect.stringMatching('no such')]);
    expect([name, await asked(() => way(message.id, eve))]).toEqual([name, never]);
    if (name !== 'get') expect((await asked(() => way(message.id, ben))).answer).toEqual({ message: 'done' });
    expect([name, await asked(() => way(message.id, eve))]).toEqual([name, never]);
  }
});
