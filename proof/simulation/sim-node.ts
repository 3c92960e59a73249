import type { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { ProbedFitness } from '../../src/actors/cluster/fitness.js';
import { ClusterNode } from '../../src/actors/cluster/node.js';
import { domainKinds } from '../../src/actors/domain/kinds.js';
import type { Nudge } from '../../src/actors/domain/ports.js';
import type { ActorKind, Message } from '../../src/actors/runtime/actor.js';
import { assemble, slicesOf } from '../../src/catalogue/assembled.js';
import type { Caller } from '../../src/catalogue/caller.js';
import { features } from '../../src/features/index.js';
import { noLimits } from '../../src/gateway/limits/limiter.js';
import { noShedding } from '../../src/gateway/limits/overload.js';
import { HistoryOperations } from '../../src/gateway/operations/history.js';
import { MembershipOperations } from '../../src/gateway/operations/memberships.js';
import { MessageOperations } from '../../src/gateway/operations/messages.js';
import { ReadOperations } from '../../src/gateway/operations/reads.js';
import { ThreadOperations } from '../../src/gateway/operations/threads.js';
import { ActorPlaces } from '../../src/gateway/places.js';
import type { Authenticator } from '../../src/gateway/ports.js';
import { Hub } from '../../src/gateway/socket/hub.js';
import { SocketServer } from '../../src/gateway/socket/server.js';
import { ThreadDirectory } from '../../src/gateway/thread-directory.js';
import { Fault } from '../../src/kernel/errors.js';
import type { Logger } from '../../src/kernel/logger.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import { fencedClients } from '../../src/roles/fenced-clients.js';
import type { Store } from '../../src/store/contracts.js';
import type { SimProcess } from './process.js';
import type { SimChannels } from './sim-channels.js';
import type { SimRedis } from './sim-redis.js';
import type { Door } from './sim-socket.js';

/** Nobody reads the metrics of a simulation; one list serves all. */
const shared = new Telemetry();

/** Hears whenever the set of served slots has changed. */
const telemetryOf = (served: () => void): Telemetry => Object.create(shared, { slotsOwned: { value: { set: served } } }) as Telemetry;

const retryAfterMs = 500;
const graceMs = 1_000;
const movedGraceMs = 250;
export const leaseMs = 5_000;

export interface SimNodeParts {
  name: string;
  process: SimProcess;
  redis: SimRedis;
  channels: SimChannels;
  store: Store;
  nudge: Nudge;
  logger: Logger;
  /** Sees every kind before the node uses it. */
  watched: (kind: ActorKind, node: SimNode) => ActorKind;
  /** The set of served slots has changed. */
  served: (node: SimNode) => void;
  leaseMs?: number | undefined;
}

/** Tokens of a simulation say who it is, and are believed. */
export const tokenOf = (memberId: string, sessionId: string): string => `${memberId}.${sessionId}`;

const believer: Authenticator = {
  authenticate: async (token, { address, request_id }) => callerOf(token, address, request_id),
};

export const callerOf = (token: string, address: string, request_id: string): Caller => {
  const [member_id, session_id] = token.split('.');
  if (!member_id || !session_id) throw new Fault('unauthenticated');
  return { member_id, session_id, is_admin: false, address, request_id, token_expires_at: Date.UTC(2027, 0, 1) };
};

/** One node, wired as `src/roles/node.ts` does it, over simulated services. */
export class SimNode implements Door {
  readonly name: string;
  readonly process: SimProcess;
  readonly redis: SimRedis;
  readonly channels: SimChannels;
  readonly cluster: ClusterNode;
  readonly history: HistoryOperations;
  readonly memberships: MembershipOperations;
  readonly threads: ThreadOperations;
  readonly #hub: Hub;
  readonly #fitness: ProbedFitness;
  readonly #sockets: () => SocketServer;
  #server: SocketServer | undefined;
  listening = false;
  #draining = false;

  constructor(parts: SimNodeParts) {
    const { name, process, redis, channels, store, nudge, logger } = parts;
    const { clock } = process;
    this.name = name;
    this.process = process;
    this.redis = redis;
    this.channels = channels;
    const telemetry = telemetryOf(() => parts.served(this));
    const hub = new Hub({ channels, prefix: 'sim:io', clock, logger, telemetry });
    this.#hub = hub;
    this.#fitness = new ProbedFitness({ probe: () => store.ping(), clock, logger });
    this.cluster = new ClusterNode({
      fitness: this.#fitness,
      nodeId: name,
      url: `http://${name}`,
      kinds: domainKinds({ store, fanout: hub.fanout, nudge, slices: slicesOf(features) }).map((kind) => parts.watched(kind, this)),
      backbone: redis,
      witness: store.epochs,
      clock,
      logger,
      telemetry,
      limits: { leaseMs: parts.leaseMs ?? leaseMs },
      onEscalate: (_address, error) => logger.error({ err: error }, 'defect: an actor escalated'),
    });
    const actors = this.cluster.system;
    hub.useActors(actors);
    this.cluster.onNodeDown((member) => {
      hub.nodeDown();
      this.#server?.nodeDown();
      this.cluster.catalog.tellAll('user', { type: 'node_down', node: member.instance } as Message);
    });
    const port = {
      moveAway: (ms: number) => void this.#server?.moveAway(ms, movedGraceMs),
      takeBack: () => this.#server?.takeBack(),
      checkAll: () => {
        hub.nodeDown();
        this.#server?.announceDevices();
      },
    };
    fencedClients(this.cluster, port, clock);
    const messages = new MessageOperations({ actors, store, clock });
    const deps = { store, actors, clock };
    const reads = new ReadOperations(deps);
    this.history = new HistoryOperations(deps);
    this.memberships = new MembershipOperations(deps);
    this.threads = new ThreadOperations(deps);
    const operations = assemble(features, {
      limiter: noLimits,
      shedder: noShedding,
      places: new ActorPlaces(actors, new ThreadDirectory(store.threads)),
      clock,
      ports: { ...deps, publicUrl: null },
    });
    this.#sockets = () =>
      new SocketServer({
        hub,
        http: createServer(),
        authenticator: believer,
        limiter: noLimits,
        actors,
        store,
        messages,
        reads,
        operations,
        clock,
        logger,
        telemetry,
        node: () => this.cluster.instance ?? name,
        origins: [],
        connections: null,
      });
  }

  get origin(): string {
    return `http://${this.name}`;
  }

  get draining(): boolean {
    return this.#draining;
  }

  async start(): Promise<void> {
    for (;;) {
      try {
        await this.#hub.start();
        break;
      } catch {
        // A node whose start fails is started again by whoever runs it.
        await this.process.clock.sleep(1_000);
      }
    }
    this.#fitness.start();
    await this.cluster.start();
    this.#server = this.#sockets();
    this.#server.start();
    this.listening = true;
  }

  /** As SIGTERM: in the order in which the node's parts stop. Then the process is gone. */
  async drain(): Promise<void> {
    this.#draining = true;
    await this.#server?.drain(retryAfterMs, graceMs);
    this.listening = false;
    await this.cluster.drain();
    this.#server?.stop();
    await this.cluster.stop();
    this.#fitness.stop();
    await this.#hub.stop();
    this.process.kill();
  }

  accept(end: EventEmitter): void {
    this.#hub.io.engine.emit('connection', end);
  }
}
