import { afterEach, describe, expect, it } from '@jest/globals';
import { userAddress } from '../../src/actors/domain/user/messages.js';
import { ParleyClient } from '../../src/client/index.js';
import type { LedgerItem } from '../../src/protocol/ledgers.js';
import type { OwnMembership, OwnSession } from '../../src/protocol/resources.js';
import { testRedisUrl } from '../services-env.js';
import { until } from '../until.js';
import { Claims } from './claims.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, password, signUpAndConnect } from './people.js';

/** What a device knows, by kind and key. */
type Known = Map<string, unknown>;

const take = (known: Known, items: readonly LedgerItem[]): void => {
  for (const item of items) {
    const name = `${item.kind} ${item.key}`;
    if ('value' in item) known.set(name, item.value);
    else known.delete(name);
  }
};

describe('what ledgers copy', () => {
  let cluster: TestCluster;
  let claims: Claims | undefined;
  const clients: ParleyClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    claims?.close();
    await cluster.stop();
  });

  it('a role, a mention, a sign-in elsewhere and a removal reach the device that was away, also when the owner of the ledger is killed', async () => {
    cluster = await startCluster({ nodes: 3 });
    const { urls } = cluster;
    const [ada, phone] = [await signUpAndConnect(urls, 'ada'), await signUpAndConnect(urls, 'ben')];
    clients.push(ada, phone);
    const { username, id } = await phone.operations.getMember({ member_id: phone.memberId as string });
    const [stays, ends] = [await found(ada, [phone]), await found(ada, [phone])];
    const signIn = async (...at: string[]): Promise<ParleyClient> => {
      const client = new ParleyClient({ urls: at });
      clients.push(client);
      await client.login(username, password);
      return client;
    };

    const known: Known = new Map();
    let rev = -1;
    /** As a device does after a reconnect, until there is nothing new. */
    const sync = async (client: ParleyClient): Promise<Known> => {
      const { ledgers } = await client.emit('sync_ledgers', { ledgers: { me: rev } });
      let [page] = ledgers as [(typeof ledgers)[number] | undefined];
      while (page) {
        if (page.reset) known.clear();
        take(known, page.items);
        rev = page.rev;
        const next = page.next_cursor === null ? { after_rev: rev } : { cursor: page.next_cursor };
        if (page.next_cursor === null && page.rev === page.head_rev) break;
        page = { ledger: 'me', ...(await client.operations.syncLedger({ ledger: 'me', ...next })) };
      }
      return known;
    };
    const membership = (place: { community: { id: string } }) => known.get(`membership ${place.community.id}`) as OwnMembership | undefined;
    const ofKind = (kind: string) => [...known].filter(([name]) => name.startsWith(`${kind} `)).map(([, value]) => value);
    await until('both memberships to be there', async () => {
      await sync(phone);
      return membership(stays)?.role === 'member' && membership(ends)?.role === 'member';
    });
    expect(ofKind('session')).toHaveLength(1);
    expect(ofKind('notification')).toEqual([]);
    phone.close();

    const community_id = stays.community.id;
    const role = await ada.operations.createRole({ community_id, name: 'Gardener', permissions: ['pin_messages'] });
    await ada.operations.giveRole({ community_id, member_id: id, role_id: role.id });
    claims = new Claims(cluster, testRedisUrl());
    const owner = (await claims.of(userAddress(id)))!.node;
    await owner.end('SIGKILL');
    await ada.send(stays.thread.id, { content: `@${username} look` });
    await ada.operations.removeMember({ community_id: ends.community.id, member_id: id });
    const elsewhere = await signIn(...urls.filter((url) => url !== owner.url));
    await elsewhere.connect();

    await until('all of it to be known', async () => {
      await sync(elsewhere);
      const isRung = ofKind('notification').length === 1 && ofKind('session').length === 2;
      return isRung && membership(stays)?.roles.includes(role.id) === true && membership(ends) === undefined;
    });
    const listed = await elsewhere.operations.listNotifications({});
    expect(ofKind('notification')).toEqual(listed.items);
    const sessions = (await elsewhere.operations.listSessions({})).items;
    const shown = sessions.map(({ last_used_at: _, is_current: __, ...session }): OwnSession => session);
    expect(ofKind('session')).toEqual(expect.arrayContaining(shown));

    await elsewhere.operations.readNotifications({});
    await elsewhere.operations.endOtherSessions({});
    await until('what was read and ended to be known', async () => {
      await sync(elsewhere);
      const [one] = ofKind('notification') as { read_at: string | null }[];
      return one?.read_at !== null && ofKind('session').length === 1;
    });
    const fresh = new Map<string, unknown>();
    let page = await elsewhere.operations.syncLedger({ ledger: 'me' });
    take(fresh, page.items);
    while (page.next_cursor !== null) {
      page = await elsewhere.operations.syncLedger({ ledger: 'me', cursor: page.next_cursor });
      take(fresh, page.items);
    }
    expect(fresh).toEqual(known);
  });
});
