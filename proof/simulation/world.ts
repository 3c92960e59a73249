import { MemoryCluster } from '../../src/actors/cluster/memory/memory-cluster.js';
import { slotOf } from '../../src/actors/cluster/slot.js';
import { privately } from '../../src/actors/domain/thread/override-policy.js';
import type { Address, Message } from '../../src/actors/runtime/actor.js';
import type { OverrideRecord } from '../../src/authority/overrides.js';
import { defaultRoles, starterRoleOf } from '../../src/authority/roles.js';
import { collectionsOf } from '../../src/catalogue/assembled.js';
import { features } from '../../src/features/index.js';
import { newId } from '../../src/kernel/ids.js';
import type { MessageRecord, Store } from '../../src/store/contracts.js';
import type { MemorySearch } from '../../src/store/memory/search.js';
import { createMemoryStore } from '../../src/store/memory/store.js';
import { AuthorityPlace } from '../history/authority/place.js';
import type { Authority } from '../history/history.js';
import { Activations } from './activations.js';
import { authorityOf } from './authority-of.js';
import { beginning, SimProcess } from './process.js';
import { Random } from './random.js';
import { Recorder } from './recorder.js';
import { SimBus, SimChannels } from './sim-channels.js';
import { SimDevice } from './sim-device.js';
import { simLogger } from './sim-logger.js';
import { SimNode } from './sim-node.js';
import { SimRedis } from './sim-redis.js';
import { noTrouble, type StoreTrouble, storeFor } from './sim-store.js';
import { SimTime } from './sim-time.js';
import { SimWorker } from './sim-worker.js';

/** How the world is told to differ from the real one, so that the simulation can be seen to find it. */
export interface Sabotage {
  /** Between the store that all share and everybody. */
  store?: (store: Store) => Store;
  /** What a node takes its lease to be, ms. */
  believedLeaseMs?: number;
  /** What the node asks of a lease becomes this, ms. */
  grantedLeaseMs?: number;
}

export interface WorldOptions {
  seed: number;
  sabotage?: Sabotage | undefined;
  /** Every log line, for a replay. */
  log?: ((line: string) => void) | undefined;
}

/** What is wrong with one node's surroundings; outlives its incarnations. Counts, since faults overlap. */
export interface Conditions {
  redisCuts: number;
  redisSlowMs: number;
  redisLostReplies: number;
  store: StoreTrouble;
  wallOffset: number;
}

export interface SimCommunity {
  id: string;
  /** Whoever asks may read it. */
  isPublic: boolean;
  members: string[];
  /** Those that anybody was told of; the later ones are closed. */
  threads: string[];
  /** All but everyone, highest first, as they stood at first. */
  roles: string[];
}

/** The services, the nodes and the people of one run. */
export class World {
  readonly time = new SimTime();
  readonly random: Random;
  readonly recorder = new Recorder(this.time);
  readonly cluster: MemoryCluster;
  readonly store: Store;
  readonly bus = new SimBus();
  readonly activations: Activations;
  readonly communities: SimCommunity[] = [];
  readonly devices: SimDevice[] = [];
  readonly nodeNames: string[];
  readonly nodes = new Map<string, SimNode>();
  readonly conditions = new Map<string, Conditions>();
  readonly workerTrouble = noTrouble();
  readonly worker: SimWorker;
  readonly members: string[] = [];
  commits = 0;
  readonly #options: WorldOptions;
  readonly #index: MemorySearch;
  /** Everybody that may act in this world, and the claims that were served. */
  readonly #addresses: Address[] = [];
  readonly #claims = new Set<string>();
  #incarnations = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = new Random(`seed ${options.seed}`);
    const services = new SimProcess('services', this.time);
    this.cluster = new MemoryCluster(services.clock);
    const store = createMemoryStore({ clock: services.clock, collections: collectionsOf(features) });
    this.#index = store.search as MemorySearch;
    this.store = options.sabotage?.store?.(store) ?? store;
    this.activations = new Activations(this.recorder, this.cluster);
    this.nodeNames = Array.from({ length: this.random.fork('nodes').int(2, 4) }, (_, i) => `n${i}`);
    for (const name of this.nodeNames) {
      this.conditions.set(name, { redisCuts: 0, redisSlowMs: 0, redisLostReplies: 0, store: noTrouble(), wallOffset: 0 });
    }
    const process = new SimProcess('worker', this.time);
    const random = this.random.fork('worker');
    const own = storeFor(this.store, process, random, this.workerTrouble, () => undefined);
    this.worker = new SimWorker({ process, random, store: own, tell: (to, message) => this.#tell(to, message) });
  }

  /** Which messages can be found. */
  indexed(): { thread: string; message: string }[] {
    const messages = this.#index.all().filter(({ kind }) => kind === 'message');
    return messages.map(({ thread_id, id }) => ({ thread: thread_id, message: id }));
  }

  nodeAt(origin: string): SimNode | undefined {
    return this.nodes.get(origin.replace('http://', ''));
  }

  /** Members, communities and threads, as if they had always been there; then the nodes, then the devices. */
  async begin(): Promise<void> {
    await this.#settlePeople();
    await this.#settleClosed();
    this.#settleAddresses();
    for (const begun of await this.authority()) this.recorder.record({ kind: 'authority', begun });
    await Promise.all(this.nodeNames.map((name) => this.startNode(name)));
    await this.#openDevices();
  }

  startNode(name: string): Promise<void> {
    const conditions = this.conditions.get(name) as Conditions;
    const process = new SimProcess(name, this.time);
    const random = this.random.fork(`${name} incarnation ${this.#incarnations++}`);
    const redis = new SimRedis({
      cluster: this.cluster,
      process,
      random: random.fork('redis'),
    });
    const granted = this.#options.sabotage?.grantedLeaseMs;
    if (granted !== undefined) {
      const { join, renew } = redis;
      redis.join = (member) => join.call(redis, member, granted);
      redis.renew = (instance) => renew.call(redis, instance, granted);
    }
    const log = this.#options.log;
    const node = new SimNode({
      name,
      process,
      redis,
      channels: new SimChannels(this.bus, process, random.fork('channels')),
      store: storeFor(this.store, process, random.fork('store'), conditions.store, (record) => this.#committed(record)),
      nudge: this.worker.nudge,
      logger: simLogger(
        name,
        (at, line) => this.recorder.defect(at, line),
        log && ((line) => log(`${this.time.now.toFixed(1).padStart(9)} ${name} ${line}`)),
      ),
      served: (self) => this.#served(self),
      watched: (kind, self) => this.activations.watch(kind, self),
      leaseMs: this.#options.sabotage?.believedLeaseMs,
    });
    this.nodes.set(name, node);
    this.applyConditions(name);
    return node.start();
  }

  applyConditions(name: string): void {
    const node = this.nodes.get(name);
    const conditions = this.conditions.get(name);
    if (!node || !conditions || node.process.dead) return;
    node.redis.cut = conditions.redisCuts > 0;
    node.channels.cut = conditions.redisCuts > 0;
    node.redis.slowMs = conditions.redisSlowMs;
    node.redis.lostReplies = conditions.redisLostReplies;
    node.process.wallOffset = conditions.wallOffset;
  }

  /** A member of the community by the store's word. */
  async belongs(communityId: string, memberId: string): Promise<boolean> {
    return (await this.store.memberships.get(communityId, memberId))?.state === 'active';
  }

  async ownerOf(communityId: string): Promise<string> {
    return (await this.store.communities.byId(communityId))?.owner_id as string;
  }

  deviceOf(member: string): SimDevice {
    return this.devices.find((device) => device.memberId === member) as SimDevice;
  }

  /** Of every community, by the store's word. */
  authority(): Promise<Authority[]> {
    return Promise.all(this.communities.map((community) => authorityOf(this.store, community, this.members)));
  }

  /** Who views which threads, by the store's word and the slow reference. */
  async views(): Promise<(member: string, thread: string) => boolean> {
    const places = (await this.authority()).map((stored) => new AuthorityPlace(stored));
    return (member, thread) => places.some((place) => place.threads.has(thread) && place.sight(member, thread) === true);
  }

  /** A closed thread is known of from now on; some of its people open it. */
  hasBegun(community: SimCommunity, thread: string, people: readonly string[]): void {
    if (!community.threads.includes(thread)) {
      community.threads.push(thread);
      this.#addresses.push({ kind: 'thread', key: thread });
    }
    for (const device of this.devices) if (people.includes(device.memberId)) device.show(thread);
  }

  communityOf(threadId: string): SimCommunity {
    return this.communities.find((community) => community.threads.includes(threadId)) as SimCommunity;
  }

  /** Another device of a member; its first node differs from device to device. */
  async openDevice(name: string, memberId: string): Promise<SimDevice> {
    const random = this.random.fork(`device ${name}`);
    const sessionId = newId(beginning);
    const session = { id: sessionId, member_id: memberId, created_at: beginning, last_used_at: beginning };
    const end = Date.UTC(2027, 0, 1);
    await this.store.sessions.insert({ ...session, expires_at: end, ends_at: end, user_agent: null, ip: null, ended_at: null });
    const first = random.int(0, this.nodeNames.length - 1);
    const device = new SimDevice({
      name,
      memberId,
      sessionId,
      process: new SimProcess(name, this.time),
      random,
      recorder: this.recorder,
      origins: this.nodeNames.map((_, i) => `http://${this.nodeNames[(first + i) % this.nodeNames.length]}`),
      nodeAt: (origin) => this.nodeAt(origin),
      heardOf: (communityId, thread) => this.hasBegun(this.communities.find(({ id }) => id === communityId)!, thread, [memberId]),
    });
    device.client.connection.start();
    return device;
  }

  async #settlePeople(): Promise<void> {
    const random = this.random.fork('people');
    for (let i = random.int(3, 6); i > 0; i--) {
      const id = newId(beginning);
      const names = { username: `m${this.members.length}`, email: `m${this.members.length}@example.org` };
      const presence = { state: 'offline' as const, text: null, last_active_at: null, fresh_until: 0 };
      const rest = {
        password_hash: null,
        full_name: null,
        avatar_url: null,
        bio: null,
        joined_at: beginning,
        is_active: true,
        reopen_until: null,
        signed_out: null,
      };
      await this.store.members.insert({ id, ...names, ...rest, presence });
      this.members.push(id);
    }
    const threads = random.int(2, 4);
    const communities = random.int(1, 2);
    for (let i = 0; i < communities; i++) {
      const id = newId(beginning);
      const owner = this.members[i] as string;
      const isPublic = random.chance(0.5);
      const about = { description: null, is_public: isPublic, tags: [], avatar_url: null, deleted_at: null };
      const dates = { created_at: beginning, updated_at: beginning };
      const roles = [newId(beginning), newId(beginning)];
      const named = roles.map((role, at) => ({ id: role, name: `role ${at}`, color: null, permissions: [], mentionable: false }));
      const owned = {
        roles: [...named, ...defaultRoles(id)],
        kind: 'community' as const,
        owner_id: owner,
        ledger_rev: 1,
        handed_over_by: null,
      };
      await this.store.communities.insert({ id, name: `c${i}`, created_by: owner, ...owned, member_count: 0, ...about, ...dates });
      const members = this.members.filter((member) => member === owner || random.chance(0.85));
      for (const member_id of members) {
        await this.store.memberships.put({
          community_id: id,
          member_id,
          roles: [],
          state: 'active',
          joined_at: beginning,
          muted_until: null,
          version: 1,
        });
      }
      this.communities.push({ id, isPublic, members, threads: [], roles: [...roles, starterRoleOf(id)] });
    }
    for (let i = 0; i < threads; i++) await this.#settleThread(this.communities[i % communities] as SimCommunity, `t${i}`);
  }

  /** One in each community, with some of its people, and some who hold a role. */
  async #settleClosed(): Promise<void> {
    const random = this.random.fork('closed');
    for (const community of this.communities) {
      const people = community.members.filter(() => random.chance(0.5));
      await this.#settleThread(community, 'closed', privately(community.id, people));
      for (const member of community.members.slice(1)) {
        const membership = await this.store.memberships.get(community.id, member);
        if (!membership || !random.chance(0.3)) continue;
        await this.store.memberships.put({ ...membership, roles: [random.pick(community.roles)], version: membership.version + 1 });
      }
    }
  }

  async #settleThread(community: SimCommunity, title: string, overrides?: OverrideRecord[]): Promise<void> {
    const id = newId(beginning);
    const owner = community.members[0] as string;
    const about = { title, content: null, tags: [], is_pinned: false, deleted_at: null, created_by: owner };
    const dates = { created_at: beginning, updated_at: beginning, last_activity: beginning };
    const figures = { message_count: 0, last_seq: 0, head_rev: 0, floor_seq: 0, floor_rev: 0 };
    const closed = overrides && { overrides, overrides_version: 1 };
    await this.store.threads.insert({ id, community_id: community.id, ...about, ...dates, ...figures, ...closed });
    community.threads.push(id);
  }

  #settleAddresses(): void {
    for (const key of this.members) this.#addresses.push({ kind: 'user', key });
    for (const community of this.communities) {
      this.#addresses.push({ kind: 'community', key: community.id });
      for (const key of community.threads) this.#addresses.push({ kind: 'thread', key });
    }
  }

  async #openDevices(): Promise<void> {
    const random = this.random.fork('devices');
    for (const [i, member] of this.members.entries()) {
      for (let d = random.chance(0.4) ? 2 : 1; d > 0; d--) {
        const device = await this.openDevice(`m${i}d${d}`, member);
        this.devices.push(device);
        device.followLedgers();
        for (const community of this.communities) {
          if (!community.members.includes(member)) continue;
          device.follow(community.id);
          for (const thread of community.threads) if (random.chance(0.85)) device.show(thread);
        }
      }
    }
  }

  /** A claim counts once it is served: before, its epoch may turn out to be an old one, and is given up. */
  #served(node: SimNode): void {
    const { instance, catalog } = node.cluster;
    if (instance === undefined) return;
    for (const address of this.#addresses) {
      const slot = slotOf(address);
      const { epoch } = catalog.tenureOf(address);
      const claim = `${slot}/${instance}/${epoch}`;
      if (epoch === 0 || this.#claims.has(claim)) continue;
      this.#claims.add(claim);
      this.recorder.record({ kind: 'claimed', slot, instance, epoch });
    }
  }

  #committed({ thread_id, id, seq, rev, epoch }: MessageRecord): void {
    this.commits++;
    this.recorder.record({ kind: 'commit', thread: thread_id, message: id, seq, rev, epoch });
  }

  #tell(to: Address, message: Message): void {
    for (const node of this.nodes.values()) {
      if (!node.listening || node.process.dead || node.process.paused) continue;
      node.cluster.system.tell(to, message);
      return;
    }
  }
}
