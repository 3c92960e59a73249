import { afterEach, expect, it } from '@jest/globals';
import { communityAddress } from '../../src/actors/domain/community/messages.js';
import { threadAddress } from '../../src/actors/domain/thread/messages.js';
import { userAddress } from '../../src/actors/domain/user/messages.js';
import type { Address } from '../../src/actors/runtime/actor.js';
import type { Feature } from '../../src/catalogue/feature.js';
import { ParleyClient } from '../../src/client/index.js';
import { features } from '../../src/features/index.js';
import { testRedisUrl } from '../services-env.js';
import { until } from '../until.js';
import { Claims } from './claims.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, password, signUpAndConnect } from './people.js';

const kinds = features.flatMap(({ items = [] }: Feature) => items.map(({ kind }) => kind));

let cluster: TestCluster;
let claims: Claims | undefined;
const clients: ParleyClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  claims?.close();
  await cluster.stop();
});

/** What a device knows of ledgers, in a form that can be compared. */
const knownBy = ({ ledgers }: ParleyClient, names: readonly string[]): unknown[] =>
  names.map((name) => {
    const { status, items } = ledgers.state(name);
    const values = kinds.map((kind) => [kind, [...items(kind)].map(([key, { value }]) => [key, value]).sort()]);
    return [name, status, values];
  });

it('a device that was away, and one that was not, know what a fresh one does after the owner of every ledger was killed', async () => {
  cluster = await startCluster({ nodes: 3 });
  claims = new Claims(cluster, testRedisUrl());
  const nodeOf = async (address: Address) => (await claims!.of(address))?.node;
  const person = async (...urls: string[]): Promise<ParleyClient> => {
    const client = await signUpAndConnect(urls);
    clients.push(client);
    return client;
  };
  const ada = await person(...cluster.urls);
  const { community, thread } = await found(ada);
  const { id: community_id } = community;
  const place = (await nodeOf(communityAddress(community_id)))!;
  const others = cluster.urls.filter((url) => url !== place.url) as [string, string];
  // All ledgers lose their owner at once: those of the member, of both communities and of the closed thread.
  let ben = await person(...cluster.urls);
  while ((await nodeOf(userAddress(ben.memberId as string))) !== place) ben = await person(...cluster.urls);
  let left = (await found(ada)).community.id;
  while ((await nodeOf(communityAddress(left))) !== place) left = (await found(ada)).community.id;
  const member_id = ben.memberId as string;
  for (const id of [community_id, left]) await ben.operations.joinAsMember({ community_id: id });
  await ada.operations.updateCommunity({ community_id: left, is_public: false });
  const host = await ada.operations.createRole({ community_id, name: 'Host', permissions: ['manage_invites', 'create_invite'] });
  const guide = await ada.operations.createRole({ community_id, name: 'Guide', permissions: [] });
  await ada.operations.giveRole({ community_id, member_id, role_id: host.id });
  const kept = await ada.operations.createInvite({ community_id });
  const { username } = await ben.operations.getMember({ member_id });
  ben.close();

  const invites = `community:${community_id}:manage_invites`;
  const names = ['me', `community:${community_id}`, `community:${left}`, invites];
  const device = async (url: string): Promise<ParleyClient> => {
    const client = new ParleyClient({ urls: [url] });
    clients.push(client);
    await client.login(username, password);
    for (const name of names) client.ledgers.follow(name);
    await client.connect();
    return client;
  };
  const [here, away] = [await device(others[0]), await device(others[1])];
  await until('both to know all of it', () =>
    [here, away].every((client) => names.every((name) => client.ledgers.state(name).status === 'current')),
  );
  await until('both to know the invite', () => [here, away].every((client) => client.ledgers.state(invites).items('invite').has(kept.id)));
  away.connection.stop();

  // An invite made and used up, a role granted, a closed thread made, a thread read elsewhere, a membership ended.
  const used = await ada.operations.createInvite({ community_id, max_uses: 1 });
  await (await person(others[0])).operations.acceptInvite({ code: used.code });
  await ada.operations.giveRole({ community_id, member_id, role_id: guide.id });
  const private_thread = { community_id, title: 'Between us', is_private: true, member_ids: [member_id] };
  let closed = (await ada.operations.createThread(private_thread)).id;
  while ((await nodeOf(threadAddress(closed))) !== place) closed = (await ada.operations.createThread(private_thread)).id;
  const { seq } = await ada.send(thread.id, { content: 'news' });
  await here.operations.markRead({ thread_id: thread.id, seq });
  await ada.operations.removeMember({ community_id: left, member_id });
  await place.end('SIGKILL');

  names.push(`thread:${closed}`);
  for (const client of [here, away]) client.ledgers.follow(`thread:${closed}`);
  away.connection.start();
  const fresh = await device(others[1]);
  await until('all three to know the same', () => {
    const [first, ...rest] = [fresh, here, away].map((client) => JSON.stringify(knownBy(client, names)));
    const { ledgers } = fresh;
    const memberships = ledgers.state('me').items('membership');
    const isTold =
      ledgers.state('me').items<{ last_read_seq: number }>('read').get(thread.id)?.value.last_read_seq === seq &&
      !memberships.has(left) &&
      (memberships.get(community_id)?.value as { roles: string[] } | undefined)?.roles.includes(guide.id) === true;
    return isTold && rest.every((known) => known === first);
  });
  for (const { ledgers } of [fresh, here, away]) {
    expect(ledgers.state(`community:${left}`).status).toBe('gone');
    expect([...ledgers.state(invites).items('invite').keys()]).toEqual([kept.id]);
    expect([...ledgers.state(`thread:${closed}`).items('member').keys()]).toContain(member_id);
    expect(ledgers.state(`thread:${closed}`).items<{ title: string }>('thread').get(closed)?.value.title).toBe('Between us');
    expect(ledgers.state(`community:${community_id}`).items('thread').has(closed)).toBe(false);
    expect([...ledgers.state(`community:${community_id}`).items('role').keys()]).toEqual(expect.arrayContaining([host.id, guide.id]));
  }
});
