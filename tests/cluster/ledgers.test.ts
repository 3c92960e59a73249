import { afterEach, describe, expect, it } from '@jest/globals';
import { userAddress } from '../../src/actors/domain/user/messages.js';
import { ParleyClient } from '../../src/client/index.js';
import type { LedgerChanged, LedgerItem } from '../../src/protocol/ledgers.js';
import { testRedisUrl } from '../services-env.js';
import { until } from '../until.js';
import { Claims } from './claims.js';
import { startCluster, type TestCluster } from './harness.js';
import { password, record, signUp } from './people.js';

/** Settings alone: sessions stand beside them, and come when they are copied. */
const valuesOf = (items: readonly LedgerItem[]): Record<string, unknown> =>
  Object.fromEntries(items.flatMap((item) => (item.kind === 'setting' ? [[item.key, 'value' in item ? item.value : null]] : [])));

describe('two devices of one member on two nodes', () => {
  let cluster: TestCluster;
  let claims: Claims | undefined;
  const clients: ParleyClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    claims?.close();
    await cluster.stop();
  });

  const device = async (username: string, ...urls: string[]): Promise<ParleyClient> => {
    const client = new ParleyClient({ urls });
    clients.push(client);
    await client.login(username, password);
    await client.connect();
    return client;
  };
  /** Nothing else of theirs is on its way into the ledger. */
  const sessionsKnown = (client: ParleyClient, count: number): Promise<void> =>
    until('all sessions to be in the ledger', async () => {
      const { items } = await client.operations.syncLedger({ ledger: 'me' });
      return items.filter(({ kind }) => kind === 'session').length === count;
    });
  const put = (client: ParleyClient, key: string, value: string | null) => client.operations.putSetting({ key, value });

  it('hear of each change, and the one that was away knows the same after one request, also when the owner was killed', async () => {
    cluster = await startCluster({ nodes: 3 });
    const { urls } = cluster;
    const account = await signUp(urls);
    clients.push(account);
    const { username, id } = await account.operations.getMember({ member_id: account.memberId as string });
    claims = new Claims(cluster, testRedisUrl());
    const owner = (await claims.of(userAddress(id)))!.node;
    // Both on nodes that stay.
    const others = urls.filter((url) => url !== owner.url);
    const laptop = await device(username, others[0]!);
    const phone = await device(username, others[1]!);

    await sessionsKnown(phone, 3);
    await put(laptop, 'theme', 'dark');
    const first = await phone.emit('sync_ledgers', { ledgers: { me: -1 } });
    expect(first.ledgers).toMatchObject([{ ledger: 'me', reset: true }]);
    expect(valuesOf(first.ledgers[0]!.items)).toEqual({ theme: 'dark' });
    const heard = record(phone, 'ledger_changed') as { payload: LedgerChanged }[];
    await put(laptop, 'theme', 'light');
    await put(laptop, 'size', 'small');
    await until('the phone hears of both', () => heard.some(({ payload }) => valuesOf(payload.items).size === 'small'));
    const { rev } = first.ledgers[0]!;
    expect(heard.slice(0, 2).map(({ payload }) => [payload.ledger, payload.after_rev, payload.head_rev, valuesOf(payload.items)])).toEqual([
      ['me', rev, rev + 1, { theme: 'light' }],
      ['me', rev + 1, rev + 2, { size: 'small' }],
    ]);

    phone.close();
    await put(laptop, 'theme', null);
    await put(laptop, 'sound', 'off');
    await owner.end('SIGKILL');
    await put(laptop, 'sound', 'on');
    const back = await device(username, others[1]!);
    await sessionsKnown(back, 4);
    const missed = await back.emit('sync_ledgers', { ledgers: { me: rev + 2 }, history: first.history });
    // Its own sign-in is one more.
    expect(missed.ledgers).toMatchObject([{ reset: false, rev: rev + 6, head_rev: rev + 6, next_cursor: null }]);
    expect(valuesOf(missed.ledgers[0]!.items)).toEqual({ theme: null, sound: 'on' });
    const fresh = await back.operations.syncLedger({ ledger: 'me' });
    expect(valuesOf(fresh.items)).toEqual({ size: 'small', sound: 'on' });
    expect((await back.operations.listSettings({})).items).toEqual([
      { key: 'size', value: 'small' },
      { key: 'sound', value: 'on' },
    ]);
    expect(await back.emit('sync_ledgers', { ledgers: { me: rev + 6 } })).toMatchObject({ ledgers: [], gone: [], later: [] });
    expect(await back.emit('sync_ledgers', { ledgers: { me: rev + 6 }, history: 'f'.repeat(24) })).toMatchObject({
      ledgers: [{ ledger: 'me', reset: true, rev: rev + 6 }],
    });
  });
});
