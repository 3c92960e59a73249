import { domainKinds } from '../actors/domain/kinds.js';
import type { ActorSystem, Message } from '../actors/runtime/actor.js';
import { MailboxLoad } from '../actors/runtime/mailbox-load.js';
import { type Assembled, assemble, slicesOf } from '../catalogue/assembled.js';
import type { Feature } from '../catalogue/feature.js';
import { features as allFeatures } from '../features/index.js';
import { unlimitedGuesses } from '../gateway/limits/guesses.js';
import { noLimits } from '../gateway/limits/limiter.js';
import { noShedding } from '../gateway/limits/overload.js';
import { ActorPlaces } from '../gateway/places.js';
import { type HeadCheck, headCheckOf } from '../gateway/socket/head-check.js';
import { Hub } from '../gateway/socket/hub.js';
import { SocketServer } from '../gateway/socket/server.js';
import { ThreadDirectory } from '../gateway/thread-directory.js';
import { Lifecycle } from '../kernel/lifecycle.js';
import { fencedClients } from './fenced-clients.js';
import { type Actors, type Bounds, type Doors, type Ports, silence, unheard } from './ports.js';

/** Clients of a stopping node come back, elsewhere, after about so long, ms. */
const retryAfterMs = 500;
const graceMs = 1_000;
/** A fenced node answers nothing, so there is little to wait for. */
const movedGraceMs = 250;

/** For tests and tools. */
const boundless: Bounds = { shedder: noShedding, limiter: noLimits, guesses: unlimitedGuesses };

export interface Composition {
  /** Starts and stops all of it. */
  parts: Lifecycle;
  actors: ActorSystem;
  cluster: Actors['cluster'];
  hub: Hub | undefined;
  headCheck: HeadCheck | undefined;
  sockets: SocketServer | undefined;
  /** Everything that can be asked for, and the way to it. */
  operations: Assembled;
}

/**
 * Puts one process together, whatever its role: what `ports` leaves out is not there. The list is in the order of
 * start, and stops in reverse: readiness goes first (`parts.isStopping`), clients are sent away, slots are handed over,
 * the doors close, work ends before the actors that it tells, and the foundation goes last. Nothing is started here.
 */
export const compose = (ports: Ports, features: readonly Feature[] = allFeatures): Composition => {
  const { name, clock, logger, telemetry, store } = ports;
  const tools = { clock, logger, telemetry };
  const parts = new Lifecycle({ clock, logger });
  const { foundation } = ports;
  if (foundation) parts.use({ name: 'foundation', stop: () => foundation.close() });

  // Counted by the actors, read by what sheds: it exists before both.
  const mailboxes = new MailboxLoad();
  const bounds = ports.bounds?.(parts, mailboxes) ?? boundless;
  const { shedder, limiter } = bounds;

  const live = ports.live?.(parts);
  const hub = live && parts.use(new Hub({ ...live, ...tools, shedder }));
  const nudge = ports.nudge?.(parts) ?? unheard;

  const { watched = (kind) => kind, publicUrl = null } = ports;
  const kinds = domainKinds({ store, fanout: hub?.fanout ?? silence, nudge, slices: slicesOf(features), publicUrl }).map(watched);
  const { system: actors, cluster } = ports.actors(parts, { kinds, mailboxes });
  const headCheck = hub && parts.use(headCheckOf({ hub, actors, clock, logger }));

  const people = ports.people?.(parts, { store, clock, hub, ...bounds });
  const threads = new ThreadDirectory(store.threads);
  hub?.announcements.on('recheck', ({ thread_id }) => thread_id !== undefined && threads.forget(thread_id));
  const places = new ActorPlaces({ actors, threads, store, monotonic: () => clock.monotonic() });
  for (const kind of ['recheck', 'evict', 'close'] as const) hub?.announcements.on(kind, (what) => places.forget(what));
  const operations = assemble(features, {
    ...{ limiter, shedder, clock, places },
    ports: { store, actors, clock, publicUrl, auth: people?.auth, communityOf: (id) => threads.communityOf(id) },
  });
  const house = { name, ...tools, store, people, actors, cluster, hub, operations, ...bounds };
  ports.work?.(parts, house);

  const doors = ports.doors?.(parts, house);
  if (doors) parts.use({ name: 'http', stop: () => doors.close() });
  if (cluster) parts.use({ name: 'handover', stop: () => cluster.drain() });
  const node = (): string => cluster?.instance ?? name;
  const inside = { ...tools, actors, store, shedder, limiter, node, operations };
  const sockets = hub && doors && parts.use(new SocketServer({ ...inside, hub, http: doors.http, ...doors.sockets }));
  if (doors) listenAt(parts, doors, sockets);

  cluster?.onNodeDown((member) => {
    headCheck?.run();
    sockets?.nodeDown();
    cluster.catalog.tellAll('user', { type: 'node_down', node: member.instance } as Message);
  });
  if (cluster && sockets) {
    const clients = {
      moveAway: (ms: number) => void sockets.moveAway(ms, movedGraceMs),
      takeBack: () => sockets.takeBack(),
      checkAll: () => {
        headCheck?.run();
        sockets.announceDevices();
      },
    };
    fencedClients(cluster, clients, clock);
  }
  return { parts, actors, cluster, hub, headCheck, sockets, operations };
};

const listenAt = (parts: Lifecycle, doors: Doors, sockets: SocketServer | undefined): void => {
  if (doors.front) parts.use({ name: 'entrance', start: doors.front });
  parts.use({
    name: 'listening',
    start: () => doors.listen(),
    stop: async () => {
      await sockets?.drain(retryAfterMs, graceMs);
      doors.left?.();
    },
  });
};
