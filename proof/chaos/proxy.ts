import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Endpoint } from '../../scripts/services/endpoint.js';
import type { Delay } from './one-way.js';
import { type Direction, ProxiedConnection } from './proxied-connection.js';

export type { Direction };

export interface ProxyOptions {
  /** Where connections lead. */
  target: Endpoint;
  /** Connections beyond it are reset. */
  maxConnections?: number;
}

/**
 * A way to a service that can be made bad. What concerns the way (`latency`, `halfOpen`, `refuse`) lasts until `clear`;
 * what concerns connections (`reset`, `cutMidFrame`, `dropReplies`) befalls those that are open when it is called, once each.
 */
export interface FaultProxy {
  readonly port: number;
  /** Connections open now. */
  readonly open: number;
  /** Every chunk takes `ms` plus up to `jitterMs` longer, each way, in order. */
  latency(ms: number, jitterMs?: number): void;
  /** A black hole: connections are accepted and stay open, nothing passes. What was sent meanwhile arrives after `clear`. */
  halfOpen(direction?: Direction): void;
  /** Every open connection is reset (RST), both sides. */
  reset(): void;
  /** No new connections: each is reset at once. Open ones stay. */
  refuse(): void;
  /** Of each open connection, the next chunk passes by half, then it is reset. */
  cutMidFrame(direction?: Direction): void;
  /** Of each open connection, requests go through, the next reply is swallowed, then it is reset. */
  dropReplies(): void;
  clear(): void;
  /** Resets what is open and frees the port. */
  stop(): Promise<void>;
}

const refuseNew = (near: Socket): void => {
  near.on('error', () => undefined);
  near.resetAndDestroy();
};

export const startProxy = async (options: ProxyOptions): Promise<FaultProxy> => {
  const { target } = options;
  const maxConnections = options.maxConnections ?? 4_000;
  const connections = new Set<ProxiedConnection>();
  let delay: Delay = { ms: 0, jitterMs: 0 };
  let blocked: Direction | undefined;
  let refusing = false;

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => {
    if (refusing || connections.size >= maxConnections) return refuseNew(near);
    const connection = new ProxiedConnection(near, target);
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
    connection.delay(delay);
    connection.block(blocked);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const each = (act: (connection: ProxiedConnection) => void): void => {
    for (const connection of [...connections]) act(connection);
  };

  return {
    port: (server.address() as AddressInfo).port,
    get open() {
      return connections.size;
    },
    latency(ms, jitterMs = 0) {
      delay = { ms, jitterMs };
      each((c) => c.delay(delay));
    },
    halfOpen(direction = 'both') {
      blocked = direction;
      each((c) => c.block(direction));
    },
    reset: () => each((c) => c.reset()),
    refuse() {
      refusing = true;
    },
    cutMidFrame: (direction = 'replies') => each((c) => c.cutMidFrame(direction)),
    dropReplies: () => each((c) => c.dropReply()),
    clear() {
      delay = { ms: 0, jitterMs: 0 };
      blocked = undefined;
      refusing = false;
      each((c) => {
        c.forgive();
        c.delay(delay);
        c.block(undefined);
      });
    },
    async stop() {
      refusing = true;
      const closed = new Promise((resolve) => server.close(resolve));
      each((c) => c.reset());
      await closed;
    },
  };
};
