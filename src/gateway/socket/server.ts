import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { type GetAudience, threadAddress } from '../../actors/domain/thread/messages.js';
import type { ActorSystem } from '../../actors/runtime/actor.js';
import type { Catalogue } from '../../catalogue/catalogue.js';
import type { Invoke } from '../../catalogue/invoke.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { hash32 } from '../../kernel/ids.js';
import type { Part } from '../../kernel/lifecycle.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { bounds } from '../../protocol/primitives.js';
import { memberRoom } from '../../protocol/rooms.js';
import type { Store } from '../../store/contracts.js';
import { noShedding } from '../limits/overload.js';
import type { Authenticator, Limiter, Shedder } from '../ports.js';
import { type Answering, answerPlainly } from '../websocket/answer.js';
import { type Engine, WebSocketDoor } from '../websocket/door.js';
import { asAddressed, closeBecause, isPlain } from '../websocket/transport.js';
import { type Acknowledging, acknowledgeDirectly } from './acknowledging.js';
import type { ConnectionBounds } from './admission.js';
import { Devices } from './devices.js';
import { Dispatch } from './dispatch.js';
import { forgetHandshake } from './handshake.js';
import { withHeaders } from './headers.js';
import { type Beating, Heartbeat } from './heartbeat.js';
import type { Hub } from './hub.js';
import type { Entering } from './inlet.js';
import { Joining } from './joining.js';
import { LedgerRechecks } from './ledger-rechecks.js';
import { Reception } from './reception.js';
import { Rechecks } from './rechecks.js';
import { Removals } from './removals.js';
import { Roster } from './roster.js';
import type { ReadingSocket } from './slow-readers.js';
import { Standing } from './standing.js';
import { inSteps } from './steps.js';
import { Subscriber } from './subscriber.js';
import { TokenEnds } from './token-ends.js';
import type { ParleySocket } from './wire.js';

export interface SocketServerParts {
  hub: Hub;
  /** Its own request listener must be there already: Socket.IO puts itself before it. */
  http: HttpServer;
  authenticator: Authenticator;
  limiter: Limiter;
  /** Absent: nothing is shed. */
  shedder?: Shedder;
  actors: ActorSystem;
  store: Pick<Store, 'threads' | 'sessions' | 'memberships'>;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  /** This node's present instance name, as actors know it. */
  node: () => string;
  /** Origins of other pages that may connect. */
  origins: readonly string[];
  /** What every answer of the server has; none unless told. */
  headers?: Readonly<Record<string, string>>;
  /** Null: no bounds on what one address, one member or one connection may have. */
  connections: ConnectionBounds | null;
  /** What can be asked for. */
  operations: { catalogue: Catalogue; invoke: Invoke };
  /** Connections that may be made but not in yet; 2,500 unless told. */
  entering?: number | undefined;
  /**
   * A client's network address; the peer's when absent. The same function as REST's, so that both trust the same
   * proxies.
   */
  addressOf?: (request: IncomingMessage) => string;
  /** Whether the other end of a TCP connection is a trusted proxy. Absent: never. */
  isProxy?: (address: string) => boolean;
}

/** Clients that are sent away come back over so long a time. */
const spreadMs = 1_000;
/** Whoever comes to a node that stands apart is to try another, and this one not too often: it may be all of them. */
const apartRetryMs = 1_000;
/** How long a connection stays whose client has left the one namespace. */
const partingMs = 1_000;
/** A client that hears nothing for their sum has lost its node; one that answers no ping for the second is gone. */
const heartbeat = { pingInterval: 5_000, pingTimeout: 10_000 };

/** Lets clients in and carries out what they send. What they hear comes through the hub. */
export class SocketServer implements Part {
  readonly name = 'sockets';
  readonly #parts: SocketServerParts;
  readonly #roster = new Roster();
  readonly #reception: Reception;
  readonly #dispatch: Dispatch;
  readonly #devices: Devices;
  readonly #heartbeat: Heartbeat | undefined;
  readonly #standing: Standing;
  readonly #tokenEnds: TokenEnds<ParleySocket>;
  readonly #logger: Logger;
  readonly #removals: Removals;
  #attached = false;

  constructor(parts: SocketServerParts) {
    this.#parts = parts;
    const { hub, actors, clock, telemetry } = parts;
    const logger = parts.logger.child({ part: 'socket' });
    this.#logger = logger;
    this.#removals = new Removals({
      hub,
      roster: this.#roster,
      clock,
      logger,
      isMember: (memberId, communityId) => this.#standing.isMember(memberId, communityId),
    });
    this.#reception = new Reception({
      ...parts,
      shedder: parts.shedder ?? noShedding,
      addressOf: (request) => parts.addressOf?.(request) ?? request.socket.remoteAddress ?? 'unknown',
      isProxy: parts.isProxy ?? (() => false),
    });
    this.#heartbeat = hub.directWrites ? new Heartbeat(clock, heartbeat.pingInterval) : undefined;
    hub.audiences.answeredBy((threadId, members, timeoutMs) =>
      actors.ask<GetAudience>(threadAddress(threadId), { type: 'audience', members }, { timeoutMs }),
    );
    const rechecks = new Rechecks({ hub, roster: this.#roster, clock });
    const ledgerRechecks = new LedgerRechecks({ hub, roster: this.#roster, actors, clock });
    const joining = new Joining({
      clock,
      effective: (room, ms) => hub.effective(room, ms),
      opened: (threadId, headRev, closedIn) => {
        if (headRev !== null) hub.watch.opened(threadId, headRev);
        if (closedIn !== undefined) rechecks.opened(threadId, closedIn);
      },
    });
    this.#dispatch = new Dispatch({
      ...parts.operations,
      connectionOf: (subscriber) => joining.connectionOf(subscriber),
      clock,
      logger,
      telemetry,
      refused: ({ passage }) => this.#reception.refused(passage),
    });
    this.#devices = new Devices({ actors, node: parts.node, clock });
    this.#standing = new Standing({
      roster: this.#roster,
      sessions: parts.store.sessions,
      memberships: parts.store.memberships,
      actors,
      ended: (sessionId, reason) => this.#removals.endSession(sessionId, reason),
      removed: (memberId, communityId) => this.#removals.evict(memberId, communityId),
      rechecks,
      ledgerRechecks,
      clock,
      logger,
    });
    // The transport, so that the client comes back with a new token.
    this.#tokenEnds = new TokenEnds(clock, (socket) => closeBecause(socket.conn as never, 'token_expired'));
    this.#listen();
  }

  /** Sockets that have come in. */
  get sockets(): number {
    return this.#roster.size;
  }

  /** Begins to accept connections, as soon as the HTTP server listens. */
  start(): void {
    if (this.#attached) return;
    this.#attached = true;
    const { hub, http, origins } = this.#parts;
    hub.io.attach(http, {
      transports: ['websocket', 'polling'],
      maxHttpBufferSize: bounds.frameBytes,
      ...heartbeat,
      perMessageDeflate: false,
      httpCompression: false,
      ...this.#reception.options,
      ...(origins.length > 0 && { cors: { origin: [...origins] } }),
    });
    withHeaders(hub.io.engine, this.#parts.headers ?? {});
    this.#reception.start(http, hub.io.engine);
    new WebSocketDoor({ ...this.#parts, refused: (passage) => this.#reception.refused(passage) }).open(
      http,
      hub.io.engine as unknown as Engine,
    );
    hub.io.engine.on('connection', (conn: Beating) => this.#heartbeat?.take(conn));
    this.#heartbeat?.start();
    this.#devices.start();
    this.#standing.start();
    this.#tokenEnds.start();
  }

  /**
   * Tells every client here to come back later, lets nobody in any more, and closes what is open after `graceMs`. Each
   * client gets a time of its own, between `retryAfterMs` and a second more, so that they do not all come back at once.
   */
  async drain(retryAfterMs: number, graceMs = 1_000): Promise<void> {
    this.#reception.close(retryAfterMs);
    this.#devices.leaving();
    await this.#sendAway(retryAfterMs, graceMs);
    // Whoever was on the way in when the doors were closed.
    await inSteps(this.#parts.hub.io.of('/').sockets.values(), (socket) => socket.conn.close());
  }

  /**
   * Sends every client to another node, since this one does not know how things stand, and lets nobody in until
   * `takeBack`. Never rejects.
   */
  async moveAway(retryAfterMs: number, graceMs = 1_000): Promise<void> {
    this.#reception.close(apartRetryMs);
    this.#devices.leaving();
    this.#logger.warn({ sockets: this.#roster.size }, 'clients are sent to other nodes');
    try {
      await this.#sendAway(retryAfterMs, graceMs);
    } catch (error) {
      this.#logger.error({ err: error }, 'clients could not be sent away');
    }
  }

  /** Lets clients in again after `moveAway`. */
  takeBack(): void {
    this.#devices.stayed();
    this.#reception.open();
  }

  /** Tells members' actors anew which devices are here, after this node has taken another name. */
  announceDevices(): void {
    void this.#devices.announce();
  }

  /**
   * A node has died or left, perhaps before everybody had heard its announcements: looks whether those here may still
   * be.
   */
  nodeDown(): void {
    void this.#standing.check({ memberships: true });
  }

  async #sendAway(retryAfterMs: number, graceMs: number): Promise<void> {
    const leaving = [...this.#parts.hub.io.of('/').sockets.values()];
    await inSteps(leaving, (socket) => {
      const jitter = (hash32(socket.id) / 2 ** 32) * spreadMs;
      socket.emit('draining', { retry_after_ms: Math.round(retryAfterMs + jitter) });
    });
    if (leaving.length > 0) await this.#parts.clock.sleep(graceMs);
    // The transport, not the namespace: a client that hears "disconnect" does not come back by itself.
    await inSteps(leaving, (socket) => socket.conn.close());
  }

  /** Ends whatever is still connected. The HTTP server and the hub are stopped by whoever made them. */
  stop(): void {
    this.#reception.close(1_000);
    this.#heartbeat?.stop();
    this.#reception.stop();
    this.#devices.stop();
    this.#standing.stop();
    this.#tokenEnds.stop();
    for (const socket of [...this.#parts.hub.io.of('/').sockets.values()]) socket.conn.close(true);
    if (this.#attached) this.#parts.hub.io.engine.close();
  }

  #listen(): void {
    const { hub } = this.#parts;
    hub.io.use((socket, next) => {
      this.#reception
        .authenticate(entering(socket), socket.handshake.auth, socket.request)
        .then((caller) => asAddressed(socket.conn as never, caller))
        .then(
          (caller) => {
            socket.data.caller = caller;
            socket.data.packs = (socket.handshake.auth as { pack?: unknown }).pack === 1;
            socket.data.isPlain = isPlain(socket.conn as never);
            next();
          },
          (thrown: unknown) => {
            next(connectError(thrown, this.#logger));
            // It had its one try. Not at once: the answer is written first.
            setImmediate(() => socket.conn.close());
          },
        )
        .catch((error: unknown) => this.#logger.error({ err: error }, 'a connection could not be let in'));
    });
    hub.io.on('connection', (socket) => this.#connected(socket));
    hub.onRestored(() => void this.#standing.check({ memberships: true }));
  }

  #connected(socket: ParleySocket): void {
    const { caller } = socket.data;
    const { hub } = this.#parts;
    const { slowReaders } = hub;
    if (!caller) {
      socket.disconnect(true);
      return;
    }
    forgetHandshake(socket);
    const subscriber = new Subscriber(
      {
        id: socket.id,
        join: (room) => void socket.join(room),
        leave: (room) => void socket.leave(room),
        give: (room, events) => hub.give(socket.id, room, events),
      },
      caller,
    );
    socket.data.subscriber = subscriber;
    subscriber.passage = this.#reception.admit(entering(socket));
    if (socket.data.isPlain) {
      subscriber.door = 'websocket';
      answerPlainly(socket as unknown as Answering, { direct: hub.directWrites });
    } else if (hub.directWrites) acknowledgeDirectly(socket as unknown as Acknowledging);
    // Every packet ends here: nothing is emitted on the socket itself, whatever a client calls its event.
    const reading = socket as unknown as ReadingSocket;
    socket.use((packet) => void this.#dispatch.receive(subscriber, packet).then(() => slowReaders.wrote(reading)));
    this.#tokenEnds.add(socket, caller.token_expires_at);
    socket.on('disconnect', () => {
      this.#tokenEnds.remove(socket, caller.token_expires_at);
      slowReaders.gone(socket);
      this.#roster.remove(subscriber);
      this.#devices.gone(subscriber);
      this.#parts.telemetry.sockets.set(this.#roster.size);
      // It cannot come in again on this connection. A client that says goodbye closes it by itself.
      if (socket.conn.readyState === 'open') this.#parts.clock.after(partingMs, () => socket.conn.close());
    });
    this.#roster.add(subscriber);
    this.#parts.telemetry.sockets.set(this.#roster.size);
    void socket.join(memberRoom(caller.member_id));
    this.#devices.connected(subscriber);
    this.#removals.arrived(subscriber);
  }
}

const entering = (socket: ParleySocket): Entering => socket.conn as unknown as Entering;

/** Becomes `connect_error` with `data: {code, message, …}` at the client. */
const connectError = (thrown: unknown, logger: Logger): Error => {
  const fault = Fault.from(thrown);
  if (fault.cause !== undefined) logger.error({ err: fault.cause }, 'a connection could not be looked at');
  return Object.assign(new Error(fault.message), { data: fault.toJSON() });
};
