import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Fault, type ParleyClient } from '../../src/client/index.js';
import { bounds } from '../../src/protocol/primitives.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { signUp, signUpAndConnect } from '../cluster/people.js';
import { until } from '../until.js';

let cluster: TestCluster;
let ada: ParleyClient;
let others: ParleyClient[];

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2 });
  ada = await signUpAndConnect(cluster.urls, 'ada');
  others = await Promise.all([signUp(cluster.urls, 'host'), signUpAndConnect(cluster.urls, 'watch')]);
});
afterAll(async () => {
  for (const person of [ada, ...(others ?? [])]) person?.close();
  await cluster?.stop();
});

const found = async (client: ParleyClient): Promise<string> => (await client.operations.createCommunity({ name: 'c' })).id;
const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'ok',
    (error: unknown) => Fault.from(error).code,
  );
/** Asked at a node of its own. */
const askAt = async (node: number, path: string, body?: object): Promise<string> => {
  const answer = await fetch(`${cluster.urls[node % 2]}/api${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await ada.session.token()}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return answer.ok ? 'ok' : ((await answer.json()) as { code: string }).code;
};

test('71 the fan-out of a change of one member is bounded: joins at once on all nodes do not pass the bound on communities', async () => {
  const [host, watcher] = others as [ParleyClient, ParleyClient];
  const open = await Promise.all(Array.from({ length: 12 }, () => found(host)));
  const own: string[] = [];
  while (own.length < bounds.communities - 3) {
    const few = Math.min(20, bounds.communities - 3 - own.length);
    own.push(...(await Promise.all(Array.from({ length: few }, () => found(ada)))));
  }
  const codes = await Promise.all([
    ...open.map((id, i) => askAt(i, `/communities/${id}/join`)),
    ...Array.from({ length: 4 }, (_x, i) => askAt(i, '/communities', { name: 'one more' })),
  ]);
  expect(codes.filter((code) => code === 'ok')).toHaveLength(3);
  expect(codes.filter((code) => code === 'conflict')).toHaveLength(13);
  const mine = await ada.operations.getMember({ member_id: ada.memberId as string });
  expect(mine).toMatchObject({ communities: { length: bounds.communities } });
  // Nor is one put into more by others.
  const outside = open[codes.indexOf('conflict')]!;
  const member = { community_id: outside, member_id: ada.memberId as string };
  expect(await codeOf(host.operations.changeMembership({ ...member, role: 'moderator' }))).toBe('forbidden');

  // Ten changes at once: everybody ends with the last of them.
  const seen = new Map<string, string | null>();
  let events = 0;
  watcher.on('presence', ({ member_id, presence }) => {
    if (member_id !== ada.memberId) return;
    events++;
    seen.set('newest', presence.text);
  });
  const watched = [own[0]!, own.at(-1)!];
  for (const id of watched) {
    await watcher.operations.joinAsMember({ community_id: id });
    await watcher.emit('join_community', { community_id: id });
  }
  const set = (text: string) => codeOf(ada.emit('set_presence', { state: 'online', text }));
  await Promise.all(Array.from({ length: 9 }, (_x, i) => set(`text ${i}`)));
  // A node that has too much to do at this moment may refuse it.
  await until('the last change', async () => (await set('text 9')) === 'ok');
  await until('the last of them', () => seen.get('newest') === 'text 9');
  expect(events).toBeLessThan(10 * watched.length);

  // Memberships of what was deleted count for nothing.
  await ada.operations.deleteCommunity({ community_id: own[0]! });
  expect(await askAt(0, `/communities/${outside}/join`)).toBe('ok');
});
