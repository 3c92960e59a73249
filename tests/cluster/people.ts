import { ParleyClient } from '../../src/client/index.js';
import type { EventPayload, ServerEventName } from '../../src/protocol/events.js';
import type { Community, Thread } from '../../src/protocol/resources.js';

/** People for tests: each signs up through the public door and talks by the typed client. */

let count = 0;
export const password = 'correct horse battery';

export const signUp = async (urls: readonly string[], name = 'p'): Promise<ParleyClient> => {
  const client = new ParleyClient({ urls });
  const username = `${name}_${process.pid.toString(36)}${(count++).toString(36)}${Math.random().toString(36).slice(2, 6)}`;
  await client.register({ username, email: `${username}@example.org`, password });
  return client;
};

export const signUpAndConnect = async (urls: readonly string[], name?: string): Promise<ParleyClient> => {
  const client = await signUp(urls, name);
  await client.connect();
  return client;
};

/** A community with one thread in it, and everyone else a member. */
export const found = async (
  owner: ParleyClient,
  others: readonly ParleyClient[] = [],
  options: { is_public?: boolean } = {},
): Promise<{ community: Community; thread: Thread }> => {
  const community = await owner.operations.createCommunity({ name: `c ${Math.random().toString(36).slice(2, 8)}` });
  for (const other of others) await other.operations.joinAsMember({ community_id: community.id });
  if (options.is_public === false) await owner.operations.updateCommunity({ community_id: community.id, is_public: false });
  const thread = await owner.operations.createThread({ community_id: community.id, title: 'A thread' });
  return { community, thread };
};

/** Records every event of some kinds, in the order of their arrival. */
export const record = <E extends ServerEventName>(client: ParleyClient, ...events: E[]): { event: E; payload: EventPayload<E> }[] => {
  const seen: { event: E; payload: EventPayload<E> }[] = [];
  for (const event of events) client.on(event, (payload) => seen.push({ event, payload }));
  return seen;
};

export const token = (client: ParleyClient): Promise<string> => client.session.token() as Promise<string>;
