import type { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import type { ClusterNode } from '../../src/actors/cluster/node.js';
import type { Nudge } from '../../src/actors/domain/ports.js';
import type { ActorKind } from '../../src/actors/runtime/actor.js';
import type { Assembled } from '../../src/catalogue/assembled.js';
import type { Caller } from '../../src/catalogue/caller.js';
import type { Authenticator } from '../../src/gateway/ports.js';
import type { Hub } from '../../src/gateway/socket/hub.js';
import { Fault } from '../../src/kernel/errors.js';
import type { Lifecycle } from '../../src/kernel/lifecycle.js';
import type { Logger } from '../../src/kernel/logger.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import { compose } from '../../src/roles/compose.js';
import { ownActors } from '../../src/roles/own-actors.js';
import type { Doors } from '../../src/roles/ports.js';
import type { Store } from '../../src/store/contracts.js';
import type { SimProcess } from './process.js';
import type { SimChannels } from './sim-channels.js';
import type { SimRedis } from './sim-redis.js';
import type { Door } from './sim-socket.js';

/** Nobody reads the metrics of a simulation; one list serves all. */
const shared = new Telemetry();

/** Hears whenever the set of served slots has changed. */
const telemetryOf = (served: () => void): Telemetry => Object.create(shared, { slotsOwned: { value: { set: served } } }) as Telemetry;

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

/** One node, put together as a real one, over simulated services. */
export class SimNode implements Door {
  readonly name: string;
  readonly process: SimProcess;
  readonly redis: SimRedis;
  readonly channels: SimChannels;
  readonly cluster: ClusterNode;
  readonly operations: Assembled;
  readonly #hub: Hub;
  readonly #parts: Lifecycle;
  listening = false;
  #draining = false;

  constructor(parts: SimNodeParts) {
    const { name, process, redis, channels, store, nudge, logger } = parts;
    const { clock } = process;
    this.name = name;
    this.process = process;
    this.redis = redis;
    this.channels = channels;
    const tools = { name, clock, logger, store, telemetry: telemetryOf(() => parts.served(this)) };
    const house = compose({
      ...tools,
      live: () => ({ channels, prefix: 'sim:io' }),
      nudge: () => nudge,
      actors: ownActors({
        ...tools,
        url: `http://${name}`,
        backbone: redis,
        limits: { leaseMs: parts.leaseMs ?? leaseMs },
        onEscalate: (_address, error) => logger.error({ err: error }, 'defect: an actor escalated'),
      }),
      watched: (kind) => parts.watched(kind, this),
      doors: () => this.#doors(),
    });
    this.#parts = house.parts;
    this.#hub = house.hub!;
    this.cluster = house.cluster!;
    this.operations = house.operations;
  }

  #doors(): Doors {
    const listens = (listening: boolean) => () => {
      this.listening = listening;
    };
    return {
      http: createServer(),
      sockets: {
        authenticator: believer,
        origins: [],
        connections: null,
      },
      listen: listens(true),
      left: listens(false),
      close: () => undefined,
    };
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
        return await this.#parts.start();
      } catch (error) {
        if (!(error instanceof Error && error.cause instanceof Fault)) throw error;
        // A node whose start fails is started again by whoever runs it.
        await this.process.clock.sleep(1_000);
      }
    }
  }

  /** As SIGTERM. Then the process is gone. */
  async drain(): Promise<void> {
    this.#draining = true;
    await this.#parts.stop();
    this.process.kill();
  }

  accept(end: EventEmitter): void {
    this.#hub.io.engine.emit('connection', end);
  }
}
