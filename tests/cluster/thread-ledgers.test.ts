import { afterEach, describe, expect, it } from '@jest/globals';
import { communityAddress } from '../../src/actors/domain/community/messages.js';
import { ParleyClient } from '../../src/client/index.js';
import type { LedgerItem } from '../../src/protocol/ledgers.js';
import type { Thread } from '../../src/protocol/resources.js';
import { testRedisUrl } from '../services-env.js';
import { until } from '../until.js';
import { Claims } from './claims.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, password, signUpAndConnect } from './people.js';

/** One device with all ledgers that it follows, as a client keeps them. */
class Device {
  readonly known = new Map<string, Map<string, LedgerItem>>();
  readonly #revs = new Map<string, number>();

  constructor(
    readonly client: ParleyClient,
    readonly names: () => readonly string[],
  ) {
    client.on('ledger_changed', ({ ledger, after_rev, head_rev, items }) => {
      if (this.#revs.get(ledger) !== after_rev) return;
      this.#take(ledger, items);
      this.#revs.set(ledger, head_rev);
    });
  }

  /** As after a reconnect. */
  async sync(): Promise<void> {
    const asked = Object.fromEntries(this.names().map((name) => [name, this.#revs.get(name) ?? -1]));
    const { ledgers, gone, later } = await this.client.emit('sync_ledgers', { ledgers: asked });
    for (const { ledger, ...page } of ledgers) await this.#page(ledger, page);
    for (const name of gone) {
      this.known.delete(name);
      this.#revs.delete(name);
    }
    if (later.length > 0) throw new Error(`not now: ${later.join(', ')}`);
  }

  async #page(ledger: string, first: { items: LedgerItem[]; rev: number; head_rev: number; reset: boolean; next_cursor: string | null }) {
    for (let page = first; ; ) {
      if (page.reset) this.known.delete(ledger);
      this.#take(ledger, page.items);
      this.#revs.set(ledger, page.rev);
      if (page.next_cursor === null && page.rev === page.head_rev) return;
      const next = page.next_cursor === null ? { after_rev: page.rev } : { cursor: page.next_cursor };
      page = await this.client.operations.syncLedger({ ledger, ...next });
    }
  }

  #take(ledger: string, items: readonly LedgerItem[]): void {
    const known = this.known.get(ledger) ?? new Map<string, LedgerItem>();
    this.known.set(ledger, known);
    for (const item of items) {
      if ('value' in item) known.set(`${item.kind} ${item.key}`, item);
      else known.delete(`${item.kind} ${item.key}`);
    }
  }

  /** In a form that can be compared. */
  get all(): unknown {
    return [...this.known].sort().map(([name, items]) => [name, [...items].sort(([a], [b]) => (a < b ? -1 : 1))]);
  }

  thread(ledger: string, id: string): Partial<Thread> | undefined {
    const item = this.known.get(ledger)?.get(`thread ${id}`);
    return item && 'value' in item ? (item.value as Partial<Thread>) : undefined;
  }
}

describe('threads in ledgers', () => {
  let cluster: TestCluster;
  let claims: Claims | undefined;
  const clients: ParleyClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    claims?.close();
    await cluster.stop();
  });

  it('two devices of a member, one away while threads are made, renamed, closed and deleted and an owner is killed, equal a fresh fetch', async () => {
    cluster = await startCluster({ nodes: 3 });
    const owner = await signUpAndConnect(cluster.urls, 'ada');
    clients.push(owner);
    const { community } = await found(owner);
    const { id: community_id } = community;
    claims = new Claims(cluster, testRedisUrl());
    const place = (await claims.of(communityAddress(community_id)))!.node;
    const others = cluster.urls.filter((url) => url !== place.url) as [string, string];
    const first = await signUpAndConnect([others[0]], 'ben');
    clients.push(first);
    const { username, id: member_id } = await first.operations.getMember({ member_id: first.memberId as string });
    await first.operations.joinAsMember({ community_id });

    const make = (title: string, more: object = {}): Promise<Thread> => owner.operations.createThread({ community_id, title, ...more });
    const everyone = { subject: `role:${community_id}`, allow: [] };
    const close = (thread: Thread, inside: boolean) =>
      owner.operations
        .setOverride({ thread_id: thread.id, subject: `member:${member_id}`, allow: inside ? ['view'] : [], deny: [] })
        .then(() => owner.operations.setOverride({ thread_id: thread.id, ...everyone, deny: ['view'] }));
    const threads: Thread[] = [];
    for (const title of ['renamed', 'closed with ben', 'closed without ben', 'deleted', 'left out']) threads.push(await make(title));
    const [renamed, within, without, deleted] = threads as [Thread, Thread, Thread, Thread];
    const leftOut = await make('was in', { is_private: true, member_ids: [member_id] });
    threads.push(leftOut);

    const ledger = `community:${community_id}`;
    const names = (): string[] => [ledger, ...threads.map(({ id }) => `thread:${id}`)];
    const signIn = async (url: string): Promise<ParleyClient> => {
      const client = new ParleyClient({ urls: [url] });
      clients.push(client);
      await client.login(username, password);
      await client.connect();
      return client;
    };
    const here = new Device(first, names);
    const away = new Device(await signIn(others[1]), names);
    for (const device of [here, away]) await device.sync();
    expect(here.all).toEqual(away.all);
    expect(here.thread(`thread:${leftOut.id}`, leftOut.id)).toMatchObject({ title: 'was in', is_closed: true });
    away.client.close();

    const made = await make('made');
    threads.push(made);
    await owner.operations.updateThread({ thread_id: renamed.id, title: 'renamed since' });
    await close(within, true);
    await place.end('SIGKILL');
    await until('the next owner closes it', () =>
      close(without, false).then(
        () => true,
        () => false,
      ),
    );
    await owner.operations.deleteThread({ thread_id: deleted.id });
    await owner.operations.removeThreadMember({ thread_id: leftOut.id, member_id });
    await owner.operations.updateThread({ thread_id: within.id, title: 'closed, and renamed' });
    await owner.operations.updateThread({ thread_id: leftOut.id, title: 'nothing of his' });

    const back = new Device(await signIn(others[1]), names);
    for (const [name, items] of away.known) back.known.set(name, new Map(items));
    const fresh = new Device(back.client, names);
    await until('both devices to equal a fresh fetch', async () => {
      for (const device of [here, back, fresh]) await device.sync().catch(() => undefined);
      return JSON.stringify(here.all) === JSON.stringify(fresh.all) && JSON.stringify(back.all) === JSON.stringify(fresh.all);
    });
    expect(here.thread(ledger, renamed.id)).toMatchObject({ title: 'renamed since' });
    expect(here.thread(ledger, made.id)).toMatchObject({ title: 'made' });
    for (const { id } of [within, without, deleted, leftOut]) expect(here.thread(ledger, id)).toBeUndefined();
    expect(here.thread(`thread:${within.id}`, within.id)).toMatchObject({ title: 'closed, and renamed' });
    expect([...here.known.keys()].sort()).toEqual([ledger, `thread:${within.id}`].sort());
    const { items } = await owner.operations.listThreads({ community_id });
    const open = items.filter(({ is_closed }) => !is_closed).map(({ id }) => id);
    const shown = [...here.known.get(ledger)!.keys()].filter((name) => name.startsWith('thread ')).map((name) => name.slice(7));
    expect(shown.sort()).toEqual(open.sort());
  });
});
