import { afterEach, describe, expect, it } from '@jest/globals';
import { communityAddress } from '../../src/actors/domain/community/messages.js';
import { userAddress } from '../../src/actors/domain/user/messages.js';
import { ParleyClient } from '../../src/client/index.js';
import type { Invite } from '../../src/features/invites/contract.js';
import type { LedgerChanged, LedgerItem } from '../../src/protocol/ledgers.js';
import { Fault } from '../../src/protocol/problem.js';
import { testRedisUrl } from '../services-env.js';
import { until } from '../until.js';
import { Claims } from './claims.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, password, record, signUpAndConnect } from './people.js';

const idOf = (client: ParleyClient): string => client.memberId as string;

/** What a device knows of some ledgers. */
class Known {
  readonly #items = new Map<string, Map<string, LedgerItem>>();
  readonly #revs = new Map<string, number>();

  constructor(readonly names: readonly string[]) {}

  /** As a device does after a reconnect, until there is nothing new. Answers what is gone. */
  async sync(client: ParleyClient): Promise<string[]> {
    for (;;) {
      const ledgers = Object.fromEntries(this.names.map((name) => [name, this.#revs.get(name) ?? -1]));
      const answer = await client.emit('sync_ledgers', { ledgers });
      for (const { ledger, items, reset, rev, next_cursor } of answer.ledgers) {
        expect(next_cursor).toBeNull();
        const known = (reset ? undefined : this.#items.get(ledger)) ?? new Map<string, LedgerItem>();
        for (const item of items) {
          if ('value' in item) known.set(`${item.kind} ${item.key}`, item);
          else known.delete(`${item.kind} ${item.key}`);
        }
        this.#items.set(ledger, known);
        this.#revs.set(ledger, rev);
      }
      if (answer.ledgers.length === 0 && answer.later.length === 0) return answer.gone;
    }
  }

  values<T>(name: string, kind: string): T[] {
    return [...(this.#items.get(name)?.values() ?? [])].flatMap((item) => (item.kind === kind && 'value' in item ? [item.value as T] : []));
  }

  all(name: string): LedgerItem[] {
    return [...(this.#items.get(name)?.values() ?? [])].sort((a, b) => (`${a.kind} ${a.key}` < `${b.kind} ${b.key}` ? -1 : 1));
  }
}

describe('invites and marks of reading, on two devices on two nodes', () => {
  let cluster: TestCluster;
  let claims: Claims | undefined;
  const clients: ParleyClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    claims?.close();
    await cluster.stop();
  });

  it('reach the one that was away, also when the owners of both ledgers are killed, and nobody who has lost the permission', async () => {
    cluster = await startCluster({ nodes: 3 });
    claims = new Claims(cluster, testRedisUrl());
    const someone = async (...urls: string[]): Promise<ParleyClient> => {
      const client = await signUpAndConnect(urls);
      clients.push(client);
      return client;
    };
    const ada = await someone(...cluster.urls);
    const { community, thread } = await found(ada);
    const { id: community_id } = community;
    const place = (await claims.of(communityAddress(community_id)))!.node;
    let ben = await someone(...cluster.urls);
    // Both ledgers are to lose their owner.
    while ((await claims.of(userAddress(idOf(ben))))?.node !== place) ben = await someone(...cluster.urls);
    const { username } = await ben.operations.getMember({ member_id: idOf(ben) });
    await ben.operations.joinAsMember({ community_id });
    const role = await ada.operations.createRole({ community_id, name: 'Host', permissions: ['manage_invites', 'create_invite'] });
    await ada.operations.giveRole({ community_id, member_id: idOf(ben), role_id: role.id });
    const others = cluster.urls.filter((url) => url !== place.url) as [string, string];
    ben.close();
    const device = async (url: string): Promise<ParleyClient> => {
      const client = new ParleyClient({ urls: [url] });
      clients.push(client);
      await client.login(username, password);
      await client.connect();
      return client;
    };
    const [laptop, phone] = [await device(others[0]), await device(others[1])];

    const invites = `community:${community_id}:manage_invites`;
    const [onLaptop, onPhone] = [new Known(['me', invites]), new Known(['me', invites])];
    const first = await ada.operations.createInvite({ community_id, max_uses: 1 });
    const second = await ada.operations.createInvite({ community_id });
    expect([await onLaptop.sync(laptop), await onPhone.sync(phone)]).toEqual([[], []]);
    expect(
      onPhone
        .values<Invite>(invites, 'invite')
        .map(({ id }) => id)
        .sort(),
    ).toEqual([first.id, second.id].sort());
    const heard = record(laptop, 'ledger_changed') as { payload: LedgerChanged }[];
    phone.close();

    // Used up, made, and used, while one of them is away and the owner dies.
    await (await someone(others[0])).operations.acceptInvite({ code: first.code });
    const third = await ada.operations.createInvite({ community_id, max_uses: 5 });
    await until('the other hears of both', () => {
      const items = heard.flatMap(({ payload }) => (payload.ledger === invites ? payload.items : []));
      return items.some((item) => item.key === first.id && 'deleted' in item) && items.some(({ key }) => key === third.id);
    });
    await ada.send(thread.id, { content: 'news' });
    const { seq } = await ada.send(thread.id, { content: 'more news' });
    await place.end('SIGKILL');
    await (await someone(others[0])).operations.acceptInvite({ code: third.code });
    await laptop.operations.markRead({ thread_id: thread.id, seq });
    const back = await device(others[1]);
    await until('it knows of all of it', async () => {
      await Promise.all([onPhone.sync(back), onLaptop.sync(laptop)]);
      const [used] = onPhone.values<Invite>(invites, 'invite').filter(({ id }) => id === third.id);
      return used?.uses === 1 && onPhone.values<{ last_read_seq: number }>('me', 'read').some(({ last_read_seq }) => last_read_seq === seq);
    });
    expect(onPhone.values('me', 'read')).toEqual([{ community_id, last_read_seq: seq }]);
    expect(
      onPhone
        .values<Invite>(invites, 'invite')
        .map(({ id }) => id)
        .sort(),
    ).toEqual([second.id, third.id].sort());
    expect(onPhone.values<Invite>(invites, 'invite')).toEqual(
      expect.arrayContaining((await ada.operations.listInvites({ community_id })).items as never),
    );
    for (const [known, client] of [
      [onPhone, back],
      [onLaptop, laptop],
    ] as const) {
      // Copies may be committed once more while an owner before could have something under way.
      await until('both to be the same', async () => {
        const fresh = new Known(known.names);
        await Promise.all([known.sync(client), fresh.sync(client)]);
        return known.names.every((name) => JSON.stringify(known.all(name)) === JSON.stringify(fresh.all(name)));
      });
    }

    const count = heard.length;
    await ada.operations.takeRole({ community_id, member_id: idOf(ben), role_id: role.id });
    expect(await onLaptop.sync(laptop)).toEqual([invites]);
    await ada.operations.revokeInvite({ invite_id: second.id });
    const asked = laptop.operations.syncLedger({ ledger: invites }).catch((thrown: unknown) => Fault.from(thrown).code);
    expect(await asked).toBe('not_found');
    expect(heard.slice(count).filter(({ payload }) => payload.ledger === invites)).toEqual([]);
  });
});
