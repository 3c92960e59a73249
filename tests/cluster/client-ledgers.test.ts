import { afterEach, describe, expect, it } from '@jest/globals';
import { userAddress } from '../../src/actors/domain/user/messages.js';
import { type LedgerStore, MemoryLedgerStore, ParleyClient } from '../../src/client/index.js';
import { testRedisUrl } from '../services-env.js';
import { until } from '../until.js';
import { Claims } from './claims.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, password, signUp } from './people.js';

/** What a device knows of its own ledger, by kind and key; of each item its value. */
const knows = (client: ParleyClient): Record<string, unknown> => {
  const reading = client.ledgers.state('me');
  const kinds = ['setting', 'saved', 'place_order', 'membership', 'notification_level'];
  return Object.fromEntries(kinds.flatMap((kind) => [...reading.items(kind)].map(([key, { value }]) => [`${kind} ${key}`, value])));
};

describe('the typed client', () => {
  let cluster: TestCluster;
  let claims: Claims | undefined;
  const clients: ParleyClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    claims?.close();
    await cluster.stop();
  });

  /** `kept`: what the device has stored, which outlives its client. */
  const device = async (username: string, url: string, kept: LedgerStore): Promise<ParleyClient> => {
    const client = new ParleyClient({ urls: [url], ledgers: () => kept });
    clients.push(client);
    await client.login(username, password);
    await client.connect();
    client.ledgers.follow('me');
    await until('it is up to date', () => client.ledgers.state('me').status === 'current');
    return client;
  };

  it('has on every device what changed elsewhere while it was away, also when the owner of the ledger was killed', async () => {
    cluster = await startCluster({ nodes: 3 });
    const { urls } = cluster;
    const account = await signUp(urls);
    clients.push(account);
    const { username, id } = await account.operations.getMember({ member_id: account.memberId as string });
    claims = new Claims(cluster, testRedisUrl());
    const owner = (await claims.of(userAddress(id)))!.node;
    const [first, second] = urls.filter((url) => url !== owner.url) as [string, string];
    const keptByPhone = new MemoryLedgerStore();
    const laptop = await device(username, first, new MemoryLedgerStore());
    const phone = await device(username, second, keptByPhone);

    await laptop.operations.putSetting({ key: 'theme', value: 'dark' });
    await until('the phone has it', () => knows(phone)['setting theme'] === 'dark');
    phone.close();

    const { community } = await found(laptop);
    await laptop.operations.putSetting({ key: 'theme', value: 'light' });
    await laptop.operations.setPlaceOrder({ places: [`community:${community.id}`] });
    await owner.end('SIGKILL');
    await laptop.operations.putSetting({ key: 'size', value: 'small' });

    const back = await device(username, second, keptByPhone);
    const wanted = { 'setting theme': 'light', 'setting size': 'small', [`membership ${community.id}`]: expect.anything() };
    await until('both have all', () => [back, laptop].every((one) => Object.keys(wanted).every((name) => knows(one)[name] !== undefined)));
    expect(knows(back)).toMatchObject(wanted);
    expect(knows(laptop)).toEqual(knows(back));
    const fresh = await device(username, first, new MemoryLedgerStore());
    expect(knows(fresh)).toEqual(knows(back));
  });
});
