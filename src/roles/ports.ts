import type { Server as HttpServer } from 'node:http';
import type { ClusterNode } from '../actors/cluster/node.js';
import type { Fanout, Nudge } from '../actors/domain/ports.js';
import type { ActorKind, ActorSystem } from '../actors/runtime/actor.js';
import type { MailboxLoad } from '../actors/runtime/mailbox-load.js';
import type { Assembled } from '../catalogue/assembled.js';
import type { Auth } from '../catalogue/auth.js';
import type { Authenticator, Guesses, Limiter, Shedder } from '../gateway/ports.js';
import type { Channels } from '../gateway/socket/channels.js';
import type { Hub, HubParts } from '../gateway/socket/hub.js';
import type { SocketServerParts } from '../gateway/socket/server.js';
import type { Clock } from '../kernel/clock.js';
import type { Lifecycle } from '../kernel/lifecycle.js';
import type { Logger } from '../kernel/logger.js';
import type { Telemetry } from '../kernel/telemetry.js';
import type { Store } from '../store/contracts.js';

/** What every part may use. */
export interface Tools {
  /** Stable name of this process, in logs and in the cluster. */
  name: string;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  store: Store;
}

/** What makes the actors gets. */
export interface ActorsPlace {
  kinds: ActorKind[];
  /** What waits in the mailboxes is to be counted here: load shedding reads it. */
  mailboxes: MailboxLoad;
}

/** Where messages to actors go; with `cluster`, some of them live in this process. */
export interface Actors {
  system: ActorSystem;
  cluster?: ClusterNode | undefined;
}

/** What is refused when there is too much. */
export interface Bounds {
  shedder: Shedder;
  limiter: Limiter;
  guesses: Guesses;
}

/** Live events. */
export interface Live extends Pick<HubParts, 'prefix' | 'marks' | 'directWrites'> {
  channels: Channels;
}

/** The way in over HTTP, and what sockets need to know of it. */
export interface Doors {
  http: HttpServer;
  /** How sockets let clients in. Not used where there are no live events. */
  sockets: Pick<SocketServerParts, 'authenticator' | 'origins' | 'connections'> &
    Partial<Pick<SocketServerParts, 'actors' | 'store' | 'headers' | 'entering' | 'addressOf' | 'isProxy'>>;
  /** Puts what stands before both doors in its place, after the sockets have taken theirs. */
  front?: (() => void) | undefined;
  listen(): Promise<void> | void;
  /** Everybody was told to go elsewhere. */
  left?: (() => void) | undefined;
  close(): Promise<void> | void;
}

/** What stands when it is to be known who people are. */
export interface Arrivals extends Pick<Tools, 'store' | 'clock'>, Bounds {
  hub: Hub | undefined;
}

/** Who people are. */
export interface People {
  auth: Auth;
  authenticator: Authenticator;
}

/** What stands when doors and work are made. */
export interface House extends Tools, Bounds {
  /** Undefined where nobody comes in. */
  people: People | undefined;
  actors: ActorSystem;
  cluster: ClusterNode | undefined;
  hub: Hub | undefined;
  /** Everything that can be asked for through the catalogue, and the way to it. */
  operations: Assembled;
}

/**
 * The outside of one process. What has to be started or stopped is made by a function that lists it among the parts, at its place
 * in the order of start.
 */
export interface Ports extends Tools {
  /** What everything else stands on, and stands already: the last to stop. */
  foundation?: { close(): Promise<void> } | undefined;
  /** Where people reach the installation, without a slash at its end. */
  publicUrl?: string | null | undefined;
  /** Sees every kind of actor before it is used. */
  watched?: ((kind: ActorKind) => ActorKind) | undefined;
  /** Absent: nothing is ever too much. */
  bounds?: ((parts: Lifecycle, mailboxes: MailboxLoad) => Bounds) | undefined;
  /** Absent: there is nobody to tell, and no sockets. */
  live?: ((parts: Lifecycle) => Live) | undefined;
  /** Absent: no worker hears of changes before it looks. */
  nudge?: ((parts: Lifecycle) => Nudge) | undefined;
  actors: (parts: Lifecycle, place: ActorsPlace) => Actors;
  /** Absent: nobody comes in. */
  people?: ((parts: Lifecycle, place: Arrivals) => People) | undefined;
  /** What goes on beside the doors: workers, and the care for memory. It ends before the actors do. */
  work?: ((parts: Lifecycle, house: House) => void) | undefined;
  doors?: ((parts: Lifecycle, house: House) => Doors) | undefined;
}

/** Without sockets there is nobody to tell. */
export const silence: Fanout = {
  publish: () => undefined,
  reached: () => undefined,
  evict: () => undefined,
  recheck: () => undefined,
  close: () => undefined,
};
/** Without workers nobody waits for a word. */
export const unheard: Nudge = { changed: () => undefined, deleted: () => undefined };
