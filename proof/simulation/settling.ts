import { memberLedger } from '../../src/actors/ledger/names.js';
import type { ThreadView } from '../../src/client/thread-view.js';
import { Fault } from '../../src/kernel/errors.js';
import { communityLedger } from '../../src/store/community-items.js';
import type { MessageRecord } from '../../src/store/contracts.js';
import type { Final, StoredMessage, Violation } from '../history/history.js';
import { ledgersOf } from '../history/stored-ledgers.js';
import type { SimDevice } from './sim-device.js';
import type { Workload } from './workload.js';
import type { World } from './world.js';

/** Once nothing is wrong any more, everything must have come to rest within so long. */
const restMs = 120_000;
/**
 * Presence is written anew every minute, and a device that is not heard of is taken for gone after a minute and a half.
 */
const presenceMs = 200_000;
const lookMs = 500;
/** A removal whose announcement was lost is noticed after so long, and what was under way then still arrives. */
export const removalBoundMs = 10_500;

/** That something did not come about belongs to "everything returns to its base line". */
export const liveness = (lines: readonly string[]): Violation[] => lines.map((what) => ({ invariant: 13, what, entries: [] }));

/** Waits until a run has come to rest, then reads what everybody believes and what is true. */
export class Settling {
  readonly #world: World;
  readonly #workload: Workload;
  #pairs = 0;
  #read: Parameters<World['recorder']['record']>[0][] = [];
  /** Who belongs to a thread and was not let in to read it anew. */
  readonly refused: string[] = [];

  constructor(world: World, workload: Workload) {
    this.#world = world;
    this.#workload = workload;
  }

  /** Answers what has not come to rest in time. */
  async settle(): Promise<string[]> {
    const { time } = this.#world;
    const end = time.now + restMs;
    let open = await this.#unsettled();
    // Twice in a row: what is done between two looks may begin something anew.
    for (let calm = 0; calm < 2 && time.now < end; calm = open.length === 0 ? calm + 1 : 0) {
      await time.sleep(lookMs);
      open = await this.#unsettled();
    }
    await this.#index();
    await this.#copies();
    return open;
  }

  /**
   * A sweep passes over what was written a moment ago; what it tells is copied a moment later, marks of one device
   * after half a minute.
   */
  async #copies(): Promise<void> {
    const { worker, time } = this.#world;
    for (let round = 0; round < 3; round++) {
      await time.sleep(6_000);
      await worker.sweepUntold();
    }
    await time.sleep(33_000);
  }

  async #index(): Promise<void> {
    const { worker, time } = this.#world;
    worker.reliable = true;
    for (let round = 0; round < 20; round++) {
      const found = await worker.sweep();
      await worker.sweepUntold();
      do await time.sleep(1_000);
      while (!worker.idle);
      if (found === 0 && (await this.#ledgersBehind()).length === 0) return;
    }
  }

  async #unsettled(): Promise<string[]> {
    const { nodes, cluster, nodeNames } = this.#world;
    const open: string[] = [];
    if (!this.#workload.idle) open.push('operations are still under way');
    for (const name of nodeNames) {
      const node = nodes.get(name);
      const ready = node?.cluster.ready();
      if (!node?.listening || !ready?.ok) open.push(`${name} is not ready: ${ready && !ready.ok ? ready.reason : 'it does not listen'}`);
      for (const { name: gauge, now } of this.#gaugesOf(name)) if (now > 0) open.push(`${name} holds ${now} ${gauge}`);
    }
    for (const [instance, inbox] of cluster.inboxes) {
      if (cluster.alive(instance) && inbox.entries.length > 0) open.push(`${inbox.entries.length} entries wait for ${instance}`);
    }
    const may = await this.#world.views();
    for (const device of this.#world.devices) {
      for (const [thread, view] of device.views) {
        if (!(await this.#world.belongs(this.#world.communityOf(thread).id, device.memberId))) continue;
        if (!may(device.memberId, thread)) continue;
        const why = await this.#behind(device, thread, view);
        if (why !== undefined) open.push(why);
      }
    }
    open.push(...(await this.#ledgersBehind()));
    return open;
  }

  /** A view that has come to its end because its member was out for a while is opened again, as people do. */
  async #behind(device: SimDevice, thread: string, view: ThreadView): Promise<string | undefined> {
    if (view.status === 'gone') {
      const { fault } = view;
      device.show(thread);
      return `${device.name} had lost thread ${thread}: ${fault?.code} ${fault?.message}`;
    }
    const { rev } = await this.#world.store.messages.head(thread);
    if (view.status === 'live' && view.state.rev === rev) return undefined;
    return `${device.name} shows thread ${thread} at rev ${view.state.rev} of ${rev} (${view.status})`;
  }

  /** Devices that do not know what their member's ledgers have, and say nothing of it. */
  async #ledgersBehind(): Promise<string[]> {
    const { store, devices, communities } = this.#world;
    const behind: string[] = [];
    const look = async ({ client, name }: SimDevice, ledger: string, stored: string): Promise<void> => {
      const { head } = await store.ledgers.edges(stored);
      const { status, rev } = client.ledgers.state(ledger);
      if (status !== 'current' || rev !== head) behind.push(`${name} knows rev ${rev} of ${head} of the ledger ${stored} (${status})`);
    };
    for (const device of devices) {
      const { client, memberId } = device;
      await look(device, 'me', memberLedger(memberId));
      const memberships = client.ledgers.state('me').items('membership');
      for (const { id } of communities)
        if (memberships.has(id) && (await this.#world.belongs(id, memberId))) await look(device, communityLedger(id), communityLedger(id));
    }
    return behind;
  }

  #gaugesOf(name: string): { name: string; now: number }[] {
    const node = this.#world.nodes.get(name);
    if (!node) return [];
    const { held, remoteAsks, pendingAsks } = node.cluster.figures();
    return [
      { name: 'envelopes without an owner', now: held },
      { name: 'asks of other nodes', now: remoteAsks },
      { name: 'pending asks', now: pendingAsks },
      { name: 'messages in mailboxes', now: node.cluster.catalog.waiting().messages },
    ];
  }

  /** Read a few times: what only passes by is not left over. */
  async #gauges(): Promise<Final['gauges'][number][]> {
    const { cluster, nodeNames, time } = this.#world;
    for (let look = 1; ; look++) {
      const gauges = nodeNames.flatMap((process) => this.#gaugesOf(process).map((gauge) => ({ ...gauge, process, base: 0, slack: 0 })));
      const waiting = [...cluster.inboxes].filter(([instance]) => cluster.alive(instance)).map(([, inbox]) => inbox.entries.length);
      gauges.push({ name: 'inbox entries', process: 'redis', base: 0, now: waiting.reduce((sum, n) => sum + n, 0), slack: 0 });
      if (look === 20 || gauges.every(({ now }) => now === 0)) return gauges;
      await time.sleep(70);
    }
  }

  async final(): Promise<Final> {
    const { recorder, store, members, communities } = this.#world;
    // What members may is believed for so long.
    await this.#world.time.sleep(removalBoundMs);
    const gauges = await this.#gauges();
    const presence = await this.#presence();
    const cursors = await this.#still();
    const sights = await this.#sights();
    const messages: StoredMessage[] = [];
    for (const community of this.#world.communities) {
      for (const thread of community.threads) messages.push(...(await this.#stored(thread)).map(toStored));
    }
    const notifications: Final['notifications'][number][] = [];
    for (const member of members) {
      const found = await store.notifications.list(member, {}, { limit: 10_000 });
      for (const { message_id, kind } of found) if (message_id !== null) notifications.push({ member, message: message_id, kind });
    }
    return {
      ...(await ledgersOf(store, members, communities)),
      messages,
      cursors,
      indexed: this.#world.indexed(),
      notifications,
      presence,
      gauges,
      defects: recorder.defects,
      removalBoundMs,
      announcementsLost: recorder.timesOf('fanout_loss'),
      sights,
      authority: await this.#world.authority(),
      publicCommunities: this.#world.communities.filter(({ isPublic }) => isPublic).map(({ id }) => id),
    };
  }

  async #stored(thread: string): Promise<MessageRecord[]> {
    const { seq } = await this.#world.store.messages.head(thread);
    return this.#world.store.messages.range(thread, 1, seq + 1);
  }

  /** What late writes change while it is read is read anew: a view and the store must be of one moment. */
  async #still(): Promise<Final['cursors'][number][]> {
    for (let look = 1; ; look++) {
      const { commits } = this.#world;
      this.#read = [];
      this.refused.length = 0;
      const cursors = await this.#views();
      if (commits === this.#world.commits || look === 10) {
        for (const view of this.#read) this.#world.recorder.record(view);
        return cursors;
      }
    }
  }

  /** Everybody's view of everything beside one that is read anew. */
  async #views(): Promise<Final['cursors'][number][]> {
    const cursors: Final['cursors'][number][] = [];
    const may = await this.#world.views();
    for (const member of this.#world.members) {
      const fresh = await this.#world.openDevice(`fresh ${member}`, member);
      await fresh.client.connection.online(60_000);
      for (const community of this.#world.communities) {
        if (!(await this.#world.belongs(community.id, member))) continue;
        for (const thread of community.threads) {
          if (may(member, thread)) await this.#compare(fresh, thread, cursors);
          else await this.#refused(fresh, thread);
        }
      }
      fresh.client.close();
    }
    return cursors;
  }

  /** What it is told nevertheless is in the record. */
  async #refused({ client }: SimDevice, thread_id: string): Promise<void> {
    await client.operations.getThread({ thread_id }).catch(() => undefined);
    await client.emit('join_thread', { thread_id }).catch(() => undefined);
    await client.operations.listMessages({ thread_id }).catch(() => undefined);
  }

  /** What lists and searches show to everybody. */
  async #sights(): Promise<NonNullable<Final['sights']>[number][]> {
    const found: NonNullable<Final['sights']>[number][] = [];
    for (const member of this.#world.members) {
      const { operations } = this.#world.deviceOf(member).client;
      for (const { id: community } of this.#world.communities) {
        const list = (cursor: string | null) => operations.listThreads({ community_id: community, limit: 100, ...(cursor && { cursor }) });
        const search = (cursor: string | null) =>
          operations.searchMessages({ community_id: community, q: 'message', limit: 100, ...(cursor && { cursor }) });
        found.push({ member, community, by: 'list_threads', threads: (await all(list)).map(({ id }) => id) });
        const hits = await all(search);
        found.push({ member, community, by: 'search_messages', threads: [...new Set(hits.map(({ message }) => message.thread_id))] });
      }
    }
    return found;
  }

  async #compare(fresh: SimDevice, thread: string, cursors: Final['cursors'][number][]): Promise<void> {
    const anew = fresh.show(thread);
    await ready(anew);
    if (!anew.state.thread) {
      this.refused.push(`${fresh.name} belongs to thread ${thread} and was refused: ${anew.fault?.code} ${anew.fault?.message}`);
      return;
    }
    const others = this.#world.devices.flatMap((device) => (device.memberId === fresh.memberId ? (device.views.get(thread) ?? []) : []));
    await this.#level([anew, ...others.filter((view) => view.status === 'live')]);
    await loadAll(anew);
    const pair = ++this.#pairs;
    this.#record(fresh, thread, anew, 'fresh', pair);
    this.#record(fresh, thread, anew, 'caught_up');
    const { me } = anew.state.thread;
    if (me) cursors.push({ thread, member: fresh.memberId, read_seq: me.read_seq, unread: me.unread_count });
    let first = true;
    for (const device of this.#world.devices) {
      const view = device.memberId === fresh.memberId ? device.views.get(thread) : undefined;
      if (view?.status !== 'live') continue;
      await loadAll(view);
      this.#record(device, thread, view, 'caught_up');
      // One pair, two views: further devices are compared with the store alone.
      if (first) this.#record(device, thread, view, 'applied', pair);
      first = false;
    }
  }

  /** What has just been committed is on its way: it may take a moment to be everywhere. */
  async #level(views: readonly ThreadView[]): Promise<void> {
    for (let look = 0; look < 40 && new Set(views.map((view) => view.state.rev)).size > 1; look++) await this.#world.time.sleep(250);
  }

  #record(device: SimDevice, thread: string, view: ThreadView, what: 'caught_up' | 'applied' | 'fresh', pair?: number): void {
    const { rev, messages } = view.state;
    const who = { client: device.name, member: device.memberId, thread };
    this.#read.push({ kind: 'view', ...who, head_rev: rev, what, messages, ...(pair !== undefined && { pair }) });
  }

  /** Presence may take a while longer than everything else. */
  async #presence(): Promise<Final['presence'][number][]> {
    const { time } = this.#world;
    const end = time.now + presenceMs;
    for (;;) {
      const found = await this.#believed();
      if (time.now >= end || found.every((one) => one.believed === one.true)) return found;
      await time.sleep(5_000);
    }
  }

  async #believed(): Promise<Final['presence'][number][]> {
    const { devices, communities, members } = this.#world;
    const found: Final['presence'][number][] = [];
    for (const community of communities) {
      const observer = this.#world.deviceOf(await this.#world.ownerOf(community.id));
      const page = await observer.client.operations
        .listCommunityMembers({ community_id: community.id })
        .catch((thrown: unknown) => Fault.from(thrown));
      if (page instanceof Fault) {
        found.push({ observer: observer.memberId, member: members[0] as string, believed: page.code, true: 'an answer' });
        continue;
      }
      for (const { member } of page.items) {
        const online = devices.some((d) => d.memberId === member.id && d.client.connection.state.phase === 'online');
        const chosen = this.#workload.chosen.get(member.id) ?? new Set(['online']);
        const believed = member.presence.state;
        const truth = !online ? 'offline' : chosen.has(believed) ? believed : 'online';
        found.push({ observer: observer.memberId, member: member.id, believed, true: truth });
      }
    }
    return found;
  }
}

/** All pages; of what is refused, none. */
const all = async <T>(page: (cursor: string | null) => Promise<{ items: T[]; next_cursor: string | null }>): Promise<T[]> => {
  const items: T[] = [];
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const found: { items: T[]; next_cursor: string | null } = await page(cursor).catch(() => ({ items: [], next_cursor: null }));
    items.push(...found.items);
    cursor = found.next_cursor;
  }
  return items;
};

const ready = (view: ThreadView): Promise<void> => view.ready().catch(() => undefined);

const loadAll = async (view: ThreadView): Promise<void> => {
  for (let tries = 0; view.state.hasOlder && tries < 100; tries++) await view.loadOlder().catch(() => undefined);
};

const toStored = (m: MessageRecord): StoredMessage => ({
  id: m.id,
  thread: m.thread_id,
  community: m.community_id,
  seq: m.seq,
  rev: m.rev,
  epoch: m.epoch,
  author: m.author,
  nonce: m.nonce,
  content: m.content,
  deleted: m.deleted_at !== null,
  reactions: m.reactions,
});
