import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ParleyClient } from '../../src/client/index.js';
import type { LedgerChanged, LedgerItem } from '../../src/protocol/ledgers.js';
import type { LiveMessage, Notification } from '../../src/protocol/resources.js';
import { until } from '../until.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, password, record, signUpAndConnect } from './people.js';

const copiedKinds = ['membership', 'notification', 'session', 'read'];

/** What a device knows after it has applied items to what it knew. */
const applied = (known: Readonly<Record<string, unknown>>, items: readonly LedgerItem[]): Record<string, unknown> => {
  const now = { ...known };
  for (const item of items) {
    // What is copied stands beside.
    if (copiedKinds.includes(item.kind)) continue;
    const name = `${item.kind} ${item.key}`;
    if ('value' in item) now[name] = item.value;
    else delete now[name];
  }
  return now;
};

describe('saved messages, levels and the order of places, on two devices on two nodes', () => {
  let cluster: TestCluster;
  const clients: ParleyClient[] = [];
  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2 });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await cluster?.stop();
  });

  const person = async (node: number): Promise<ParleyClient> => {
    const client = await signUpAndConnect([cluster.urls[node]!]);
    clients.push(client);
    return client;
  };
  const nameOf = async (client: ParleyClient): Promise<string> =>
    (await client.operations.getMember({ member_id: client.memberId as string })).username;
  const device = async (username: string, node: number): Promise<ParleyClient> => {
    const client = new ParleyClient({ urls: [cluster.urls[node]!] });
    clients.push(client);
    await client.login(username, password);
    await client.connect();
    return client;
  };

  it('are the same on both, also on the one that was away, and a muted thread does not ring', async () => {
    const [ann, laptop, cyd] = [await person(0), await person(0), await person(1)];
    const names = [await nameOf(laptop), await nameOf(cyd)] as const;
    const { community, thread } = await found(ann, [laptop, cyd]);
    const say = async (content: string) => (await ann.operations.sendMessage({ thread_id: thread.id, content })) as LiveMessage;
    const [first, second] = [await say('first'), await say('second')];
    const [inThread, inCommunity] = [`thread:${thread.id}`, `community:${community.id}`] as const;
    const phone = await device(names[0], 1);

    const began = await phone.emit('sync_ledgers', { ledgers: { me: -1 } });
    const heard = record(phone, 'ledger_changed') as { payload: LedgerChanged }[];
    await laptop.operations.saveMessage({ message_id: first.id });
    await laptop.operations.setNotificationLevel({ place: inThread, level: 'none' });
    await laptop.operations.setPlaceOrder({ places: [inThread, inCommunity] });
    await until('the phone hears of all', () => heard.some(({ payload }) => payload.items.some(({ kind }) => kind === 'place_order')));
    let known = applied({}, [...began.ledgers[0]!.items, ...heard.flatMap(({ payload }) => payload.items)]);
    expect(known).toMatchObject({
      [`saved ${first.id}`]: { thread_id: thread.id, community_id: community.id },
      [`notification_level ${inThread}`]: { level: 'none', muted_until: null },
      'place_order order': { places: [inThread, inCommunity] },
    });
    expect(Object.keys(known)).toHaveLength(3);
    const rev = heard.at(-1)!.payload.head_rev;

    phone.close();
    await laptop.operations.unsaveMessage({ message_id: first.id });
    await laptop.operations.saveMessage({ message_id: second.id });
    await laptop.operations.setNotificationLevel({ place: inCommunity, level: 'mentions' });
    await laptop.operations.setPlaceOrder({ places: [] });
    // Both are concerned by one message: who is told of it is decided together.
    const rung = record(cyd, 'notification') as { payload: { notification: Notification } }[];
    const message = await say(`@${names[0]} @${names[1]}`);
    await until('it rings elsewhere', () => rung.some(({ payload }) => payload.notification.message_id === message.id));
    expect(await laptop.operations.listNotifications({})).toMatchObject({ items: [], unread_count: 0 });

    const back = await device(names[0], 1);
    const missed = await back.emit('sync_ledgers', { ledgers: { me: rev }, history: began.history });
    expect(missed.ledgers).toMatchObject([{ ledger: 'me', reset: false, next_cursor: null }]);
    known = applied(known, missed.ledgers[0]!.items);
    const fresh = await back.operations.syncLedger({ ledger: 'me' });
    expect(known).toEqual(applied({}, fresh.items));
    expect(Object.keys(known).sort()).toEqual(
      [`notification_level ${inCommunity}`, `notification_level ${inThread}`, `saved ${second.id}`].sort(),
    );
    expect((await back.operations.listSaved({})).items.map((one) => one.message.id)).toEqual([second.id]);
    expect(await back.operations.getPlaceOrder({})).toEqual({ places: [] });

    await back.operations.setNotificationLevel({ place: inThread, level: 'all' });
    const ring = record(back, 'notification') as { payload: { notification: Notification } }[];
    const again = await say(`@${names[0]}`);
    await until('it rings again', () => ring.some(({ payload }) => payload.notification.message_id === again.id));
  });
});
