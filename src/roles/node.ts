import { Redis } from 'ioredis';
import { ProbedFitness } from '../actors/cluster/fitness.js';
import { ClusterNode } from '../actors/cluster/node.js';
import { domainKinds } from '../actors/domain/kinds.js';
import type { Message } from '../actors/runtime/actor.js';
import { assemble, slicesOf } from '../catalogue/assembled.js';
import { features } from '../features/index.js';
import { createAddressReader, createProxyCheck } from '../gateway/address.js';
import { AccessTokens } from '../gateway/auth/access-tokens.js';
import { TokenAuthenticator } from '../gateway/auth/authenticator.js';
import { DeviceTokens } from '../gateway/auth/device-tokens.js';
import { SessionLiveness } from '../gateway/auth/liveness.js';
import { Passwords } from '../gateway/auth/passwords.js';
import { Sessions } from '../gateway/auth/sessions.js';
import { unlimitedGuesses } from '../gateway/limits/guesses.js';
import { noLimits, RedisLimiter } from '../gateway/limits/limiter.js';
import { LoopDelay } from '../gateway/limits/loop-delay.js';
import { Overload } from '../gateway/limits/overload.js';
import type { Load } from '../gateway/limits/shedding.js';
import { MessageOperations } from '../gateway/operations/messages.js';
import { createOperations } from '../gateway/operations/operations.js';
import { ActorPlaces } from '../gateway/places.js';
import type { Limiter } from '../gateway/ports.js';
import { createFanoutClients } from '../gateway/redis/fanout-clients.js';
import { RedisGuesses } from '../gateway/redis/redis-guesses.js';
import { createRestDoor } from '../gateway/rest/door.js';
import { standBefore } from '../gateway/rest/front.js';
import { securityHeaderLines } from '../gateway/rest/security.js';
import { close, createHttpServer, listen } from '../gateway/rest/server.js';
import { connectionBounds } from '../gateway/socket/admission.js';
import { Hub } from '../gateway/socket/hub.js';
import { SocketServer } from '../gateway/socket/server.js';
import { ShardedChannels } from '../gateway/socket/sharded-channels.js';
import { ThreadDirectory } from '../gateway/thread-directory.js';
import type { Config } from '../kernel/config.js';
import { Lifecycle } from '../kernel/lifecycle.js';
import { createNudge } from '../workers/nudge.js';
import { createWorkers } from '../workers/workers.js';
import { fencedClients } from './fenced-clients.js';
import type { Foundation } from './foundation.js';
import { heapRoom } from './heap-room.js';
import { memoryPressure } from './memory-pressure.js';

/** Clients of a stopping node come back, elsewhere, after about so long. */
const retryAfterMs = 500;
const graceMs = 1_000;
/** A fenced node answers nothing, so there is little to wait for. */
const movedGraceMs = 250;

/** Origins whose pages may open sockets. The installation's own is named, since a proxy may have written another Host. */
const pagesOf = ({ corsOrigins, publicUrl }: Config['http']): string[] => [...corsOrigins, ...(publicUrl === null ? [] : [publicUrl])];

/**
 * A node: both doors, its share of the actors and, unless told otherwise, workers. `escalate` ends the process. `load`: how busy
 * the node is, where a test says it; else it is measured.
 */
export const composeNode = (foundation: Foundation, escalate: (reason: string) => void, load?: () => Load): Lifecycle => {
  const { config, name, backbone, clock, logger, telemetry, store } = foundation;
  const prefix = config.redis.keyPrefix;
  const queues = { redisUrl: config.redis.url, prefix, clock, logger, telemetry };

  const lifecycle = new Lifecycle((part, err) => logger.error({ part, err }, 'could not stop')).add({
    name: 'foundation',
    stop: () => foundation.close(),
  });

  // What is refused when there is too much
  const loopDelay = lifecycle.use(new LoopDelay(clock));
  const measured = (): Load => {
    const { messages, owed } = cluster.catalog.waiting();
    return { loopDelayMs: loopDelay.read(), waiting: messages + owed, commitMs: foundation.commitMs() };
  };
  const overload = lifecycle.use(new Overload({ load: load ?? measured, clock, telemetry, logger }));

  // Live events, and who is told of ended sessions
  const fanoutClients = createFanoutClients(config.redis.url, { clock, logger }, { name });
  const channels = new ShardedChannels({ pub: fanoutClients.pub, sub: fanoutClients.sub, clock, logger });
  const { directWrites } = config.sockets;
  const hub = new Hub({ channels, prefix: `${prefix}:rooms`, clock, logger, telemetry, shedder: overload, directWrites });

  // Actors
  const nudge = createNudge(queues);
  const fitness = new ProbedFitness({ probe: () => store.ping(), clock, logger });
  const cluster = new ClusterNode({
    nodeId: name,
    url: config.http.publicUrl ?? `http://${config.http.host}:${config.http.port}`,
    kinds: domainKinds({ store, fanout: hub.fanout, nudge, slices: slicesOf(features) }),
    backbone,
    witness: store.epochs,
    fitness,
    clock,
    logger,
    telemetry,
    limits: { leaseMs: config.cluster.leaseMs, handOverMs: config.cluster.drainMs / 3 },
    onRefused: (error) => escalate(error.message),
    onEscalate: (address, err) => {
      logger.fatal({ address, err }, 'an actor cannot go on on this node');
      escalate('escalated');
    },
  });
  const actors = cluster.system;
  hub.useActors(actors);
  cluster.onNodeDown((member) => {
    hub.nodeDown();
    sockets?.nodeDown();
    cluster.catalog.tellAll('user', { type: 'node_down', node: member.instance } as Message);
  });

  // Who asks, how often, and what for
  const { secret, previousSecret, accessSeconds, refreshDays, sessionDays, admins } = config.auth;
  const access = new AccessTokens({ secret, previousSecret, seconds: accessSeconds, clock });
  const liveness = new SessionLiveness({ store, broadcast: hub.sessions, clock, tokenSeconds: accessSeconds });
  const authenticator = new TokenAuthenticator(access, liveness, admins);
  const sessions = new Sessions({ store, access, broadcast: hub.sessions, clock, secret, refreshDays, sessionDays });
  const passwords = new Passwords();
  const limiterRedis = new Redis(config.redis.url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 500,
    lazyConnect: true,
  });
  limiterRedis.on('error', (err) => logger.warn({ error: err.message }, 'the limits have no Redis'));
  const limiter: Limiter = config.limits.enabled ? new RedisLimiter({ redis: limiterRedis, keyPrefix: prefix, telemetry }) : noLimits;
  const messages = new MessageOperations({ actors, store, clock });
  const guesses = config.limits.enabled ? new RedisGuesses({ redis: limiterRedis, keyPrefix: prefix, clock, telemetry }) : unlimitedGuesses;
  const devices = new DeviceTokens(secret, clock);
  const operations = createOperations({
    store,
    actors,
    clock,
    passwords,
    guesses,
    limiter,
    devices,
    sessions,
    messages,
    accountRules: config.auth,
  });

  const { catalogue, invoke } = assemble(features, {
    limiter,
    shedder: overload,
    places: new ActorPlaces(actors, new ThreadDirectory(store.threads)),
    clock,
    ports: { store, actors, clock, publicUrl: config.http.publicUrl },
  });

  // The doors
  let draining = false;
  const readiness = async (): Promise<{ ok: true } | { ok: false; reason: string }> => {
    if (draining) return { ok: false, reason: 'draining' };
    const slots = cluster.ready();
    if (!slots.ok) return { ok: false, reason: `slots: ${slots.reason}` };
    if (!hub.connected) return { ok: false, reason: 'redis: live events are not connected' };
    return store.ping().then(
      () => ({ ok: true }) as const,
      () => ({ ok: false, reason: 'store: no answer' }) as const,
    );
  };
  const { app, entrance } = createRestDoor({
    operations,
    catalogue,
    invoke,
    authenticator,
    limiter,
    shedder: overload,
    clock,
    logger,
    telemetry,
    readiness,
    http: config.http,
  });
  const headers = securityHeaderLines(config.http.publicUrl);
  const http = createHttpServer(app, headers);
  let sockets: SocketServer | undefined;
  const openSockets = (): void => {
    sockets = new SocketServer({
      hub,
      http,
      authenticator,
      limiter,
      shedder: overload,
      actors,
      store,
      messages,
      reads: operations.reads,
      operations: { catalogue, invoke },
      clock,
      logger,
      telemetry,
      node: () => cluster.instance ?? name,
      origins: pagesOf(config.http),
      headers,
      connections: config.limits.enabled ? connectionBounds : null,
      addressOf: createAddressReader(config.http.trustProxy, config.http.forwardedHeader),
      isProxy: createProxyCheck(config.http.trustProxy),
    });
    sockets.start();
    standBefore(http, { entrance, rest: app, headers, telemetry });
  };
  fencedClients(
    cluster,
    {
      moveAway: (ms) => void sockets?.moveAway(ms, movedGraceMs),
      takeBack: () => sockets?.takeBack(),
      checkAll: () => {
        hub.nodeDown();
        sockets?.announceDevices();
      },
    },
    clock,
  );

  lifecycle
    .add({
      name: 'limits',
      start: () => (config.limits.enabled ? limiterRedis.connect().catch(() => undefined) : undefined),
      stop: () => limiterRedis.disconnect(),
    })
    .add({ name: 'live events', stop: () => fanoutClients.stop() })
    .add({ name: 'hub', start: () => hub.start(), stop: () => hub.stop() })
    .add(nudge)
    .add({ name: 'passwords', start: () => passwords.prepare() })
    .add(fitness)
    .add({ name: 'actors', start: () => cluster.start(), stop: () => cluster.stop() })
    .add(memoryPressure(cluster.catalog, clock, logger))
    .add(heapRoom({ population: () => cluster.catalog.size + hub.io.sockets.sockets.size, clock }));
  // Their jobs tell actors, so they end before those do; and a node that may not join takes no jobs.
  if (config.node.role === 'all') lifecycle.add(createWorkers({ ...queues, store, actors, yields: true }));
  return lifecycle
    .add({ name: 'http', stop: () => close(http) })
    .add({ name: 'handover', stop: () => cluster.drain() })
    .add({ name: 'sockets', start: openSockets, stop: () => sockets?.stop() })
    .add({ name: 'listening', start: () => listen(http, config.http), stop: () => sockets?.drain(retryAfterMs, graceMs) })
    .add({
      name: 'readiness',
      stop: () => {
        draining = true;
      },
    });
};
