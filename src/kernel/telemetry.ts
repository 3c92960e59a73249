import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const sizes = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];

/** The one list of what Parley measures. A name here is an interface: dashboards and alerts rest on it (docs/operations.md). */
export class Telemetry {
  readonly registry = new Registry();
  readonly #in = { registers: [this.registry] };

  // Actors
  readonly activations = new Gauge({
    name: 'parley_actor_activations',
    help: 'Living activations',
    labelNames: ['kind'] as const,
    ...this.#in,
  });
  readonly activationSeconds = new Histogram({
    name: 'parley_actor_activation_seconds',
    help: 'From first message to first turn',
    labelNames: ['kind'] as const,
    buckets: seconds,
    ...this.#in,
  });
  readonly mailboxDepth = new Gauge({ name: 'parley_actor_mailbox_messages', help: 'Messages that wait in all mailboxes', ...this.#in });
  readonly turns = new Counter({ name: 'parley_actor_turns_total', help: 'Turns taken', labelNames: ['kind'] as const, ...this.#in });
  readonly asks = new Counter({
    name: 'parley_actor_asks_total',
    help: 'Asks by where they went and how they ended',
    labelNames: ['route', 'outcome'] as const,
    ...this.#in,
  });
  readonly deadLetters = new Counter({
    name: 'parley_actor_dead_letters_total',
    help: 'Messages that reached nobody',
    labelNames: ['reason'] as const,
    ...this.#in,
  });
  readonly restarts = new Counter({
    name: 'parley_actor_restarts_total',
    help: 'Activations ended by a failure',
    labelNames: ['kind', 'directive'] as const,
    ...this.#in,
  });

  readonly quarantined = new Gauge({
    name: 'parley_actor_quarantined',
    help: 'Addresses left alone for a while after failing again and again',
    ...this.#in,
  });

  // Cluster
  readonly slotsOwned = new Gauge({ name: 'parley_cluster_slots_owned', help: 'Slots this node owns', ...this.#in });
  readonly nodesAlive = new Gauge({ name: 'parley_cluster_nodes', help: 'Nodes with a lease, as this node sees it', ...this.#in });
  readonly fenced = new Counter({
    name: 'parley_cluster_fenced_total',
    help: 'Times this node stopped itself for want of a lease',
    ...this.#in,
  });
  readonly envelopesPerEntry = new Histogram({
    name: 'parley_cluster_envelopes_per_entry',
    help: 'Envelopes in one stream entry',
    buckets: sizes,
    ...this.#in,
  });
  readonly asksResent = new Counter({
    name: 'parley_cluster_asks_resent_total',
    help: 'Asks sent again because their target died or moved',
    ...this.#in,
  });

  // Store
  readonly commitBatch = new Histogram({
    name: 'parley_store_commit_batch_messages',
    help: 'Messages in one insertMany',
    buckets: sizes,
    ...this.#in,
  });
  readonly commitSeconds = new Histogram({
    name: 'parley_store_commit_seconds',
    help: 'Duration of one insertMany',
    buckets: seconds,
    ...this.#in,
  });

  // Gateway
  readonly sockets = new Gauge({ name: 'parley_gateway_sockets', help: 'Authenticated sockets', ...this.#in });
  readonly socketEvents = new Counter({
    name: 'parley_gateway_socket_events_total',
    help: 'Client events by outcome',
    labelNames: ['event', 'outcome'] as const,
    ...this.#in,
  });
  readonly httpSeconds = new Histogram({
    name: 'parley_gateway_http_seconds',
    help: 'REST requests',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: seconds,
    ...this.#in,
  });
  readonly fanout = new Counter({
    name: 'parley_gateway_fanout_total',
    help: 'Events published to rooms',
    labelNames: ['event'] as const,
    ...this.#in,
  });
  readonly resyncs = new Counter({
    name: 'parley_gateway_resyncs_total',
    help: 'Rooms or sockets told to catch up',
    labelNames: ['reason'] as const,
    ...this.#in,
  });
  readonly rateLimited = new Counter({
    name: 'parley_gateway_rate_limited_total',
    help: 'Requests refused by a limit',
    labelNames: ['limit'] as const,
    ...this.#in,
  });
  readonly slowReaders = new Counter({
    name: 'parley_gateway_slow_readers_total',
    help: 'Sockets that fell behind: without hints (slow), without changes of threads (behind), disconnected (lost)',
    labelNames: ['stage'] as const,
    ...this.#in,
  });
  readonly entering = new Gauge({ name: 'parley_gateway_entering', help: 'Connections that are not signed in yet', ...this.#in });
  readonly httpConnections = new Gauge({
    name: 'parley_gateway_http_connections',
    help: 'TCP connections that are not WebSockets, without those of trusted proxies',
    ...this.#in,
  });
  readonly boundsMet = new Counter({
    name: 'parley_gateway_bounds_total',
    help: 'Times that a client met a bound on connections or on what they may send (docs/operations.md, Bounds)',
    labelNames: ['bound'] as const,
    ...this.#in,
  });
  readonly shed = new Counter({
    name: 'parley_gateway_shed_total',
    help: 'Work refused or withheld for overload',
    labelNames: ['work'] as const,
    ...this.#in,
  });
  readonly shedLevel = new Gauge({ name: 'parley_gateway_shed_level', help: 'How much is shed: 0 nothing, 5 sends too', ...this.#in });

  // Workers
  readonly queueDepth = new Gauge({
    name: 'parley_worker_queue_jobs',
    help: 'Jobs by queue and state',
    labelNames: ['queue', 'state'] as const,
    ...this.#in,
  });
  readonly jobs = new Counter({
    name: 'parley_worker_jobs_total',
    help: 'Jobs done, by outcome',
    labelNames: ['queue', 'outcome'] as const,
    ...this.#in,
  });

  readonly reindex = new Gauge({
    name: 'parley_worker_reindex_documents',
    help: 'Search index brought over to this release, by the worker that does it: documents looked at, written anew, of how many',
    labelNames: ['state'] as const,
    ...this.#in,
  });

  /** Process figures and the event loop's delay; once a process. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }
}
