import { afterEach, describe, expect, it } from '@jest/globals';
import { communityAddress } from '../../src/actors/domain/community/messages.js';
import type { ParleyClient } from '../../src/client/index.js';
import type { LedgerChanged, LedgerItem } from '../../src/protocol/ledgers.js';
import { Fault } from '../../src/protocol/problem.js';
import { testRedisUrl } from '../services-env.js';
import { until } from '../until.js';
import { Claims } from './claims.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, record, signUpAndConnect } from './people.js';

const idOf = (client: ParleyClient): string => client.memberId as string;
const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'ok',
    (thrown: unknown) => Fault.from(thrown).code,
  );
/** What a device knows after it has applied these. */
const applied = (known: Map<string, LedgerItem>, items: readonly LedgerItem[]): Map<string, LedgerItem> => {
  for (const item of items) {
    if ('value' in item) known.set(`${item.kind} ${item.key}`, item);
    else known.delete(`${item.kind} ${item.key}`);
  }
  return known;
};

describe('the ledger of a community on three nodes', () => {
  let cluster: TestCluster;
  let claims: Claims | undefined;
  const people: ParleyClient[] = [];
  afterEach(async () => {
    for (const client of people.splice(0)) client.close();
    claims?.close();
    await cluster.stop();
  });
  const someone = async (...urls: string[]): Promise<ParleyClient> => {
    const client = await signUpAndConnect(urls);
    people.push(client);
    return client;
  };

  it('tells members of each change, brings whoever was away up to date after the owner was killed, and leaves out who was removed', async () => {
    cluster = await startCluster({ nodes: 3 });
    const owner = await someone(...cluster.urls);
    const { community } = await found(owner);
    const { id: community_id } = community;
    claims = new Claims(cluster, testRedisUrl());
    const place = (await claims.of(communityAddress(community_id)))!.node;
    const others = cluster.urls.filter((url) => url !== place.url) as [string, string];
    const [ada, ben, stranger] = [await someone(others[0]), await someone(others[1]), await someone(others[1])];
    for (const member of [ada, ben]) await member.operations.joinAsMember({ community_id });

    const ledger = `community:${community_id}`;
    const sync = async (client: ParleyClient, known: Map<string, LedgerItem>, rev = -1): Promise<number> => {
      const { ledgers } = await client.emit('sync_ledgers', { ledgers: { [ledger]: rev } });
      for (const { items } of ledgers) applied(known, items);
      return ledgers[0]?.rev ?? rev;
    };
    const [ofAda, ofBen] = [new Map<string, LedgerItem>(), new Map<string, LedgerItem>()];
    const begun = await sync(ada, ofAda);
    await sync(ben, ofBen);
    expect([...ofAda.keys()].map((name) => name.split(' ')[0]).sort()).toEqual(['community', 'role', 'role', 'role_order', 'thread']);
    const [byAda, byBen, byStranger] = [ada, ben, stranger].map(
      (client) => record(client, 'ledger_changed') as { payload: LedgerChanged }[],
    ) as [{ payload: LedgerChanged }[], { payload: LedgerChanged }[], { payload: LedgerChanged }[]];
    // Reading is open, rooms are for members.
    expect(await sync(stranger, new Map())).toBe(begun);

    const { id: role_id } = await owner.operations.createRole({ community_id, name: 'Gardener' });
    await owner.operations.updateCommunity({ community_id, name: 'Gardeners' });
    const last = (heard: { payload: LedgerChanged }[]) => heard.at(-1)?.payload.head_rev;
    await until('both have heard of both', () => last(byAda) === begun + 2 && last(byBen) === begun + 2);
    for (const { payload } of byBen) applied(ofBen, payload.items);
    expect(ofBen.get(`role ${role_id}`)).toMatchObject({ rev: begun + 1, value: { id: role_id, name: 'Gardener' } });
    expect(ofBen.get(`community ${community_id}`)).toMatchObject({ value: { name: 'Gardeners', owner_id: idOf(owner) } });
    expect(byStranger).toEqual([]);

    await owner.operations.removeMember({ community_id, member_id: idOf(ben) });
    const count = byBen.length;
    await place.end('SIGKILL');
    await owner.operations.handOverCommunity({ community_id, member_id: idOf(ada) });
    await ada.operations.updateCommunity({ community_id, is_public: false });
    await until('ada owns it, and knows', async () => {
      const { ledgers } = await ada.emit('sync_ledgers', { ledgers: { [ledger]: begun + 2 } });
      for (const { items } of ledgers) applied(ofAda, items);
      return ledgers[0]?.rev === begun + 4;
    });
    for (const { payload } of byAda) applied(ofAda, payload.head_rev <= begun + 2 ? payload.items : []);
    await sync(ada, ofAda, begun + 2);
    const fresh = await ada.operations.syncLedger({ ledger });
    expect([...ofAda].sort()).toEqual([...applied(new Map(), fresh.items)].sort());
    expect(ofAda.get(`community ${community_id}`)).toMatchObject({ value: { owner_id: idOf(ada), is_public: false } });

    expect(byBen.length).toBe(count);
    expect(await ben.emit('sync_ledgers', { ledgers: { [ledger]: begun + 2 } })).toMatchObject({ ledgers: [], gone: [ledger] });
    expect(await codeOf(stranger.operations.syncLedger({ ledger }))).toBe('not_found');
  });
});
