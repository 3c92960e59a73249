import { Server } from 'socket.io';
import type { Fanout } from '../../actors/domain/ports.js';
import { wireName } from '../../actors/ledger/names.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Part } from '../../kernel/lifecycle.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { EventPayload } from '../../protocol/events.js';
import { isLedgerRoom, ledgerIn, roomsOfThread, threadOfRoom, threadRoom } from '../../protocol/rooms.js';
import { noShedding } from '../limits/overload.js';
import type { SessionBroadcast, Shedder } from '../ports.js';
import { Announcements } from './announcements.js';
import { Audiences } from './audiences.js';
import type { Channels } from './channels.js';
import { ClosedRooms } from './closed-rooms.js';
import { type FanoutRooms, RoomFanout } from './fanout.js';
import { frameParser } from './frame-decoder.js';
import { threadChanges } from './hints.js';
import { LedgerHeads } from './ledger-heads.js';
import { type Cuttable, cut } from './outlet.js';
import type { ReaderMarks } from './reader-stage.js';
import type { RoomAct } from './room-act.js';
import { nodesChannel, type RoomAdapterHooks, roomAdapter, roomChannel } from './room-adapter.js';
import type { RoomEvent } from './room-mail.js';
import { RoomWatch } from './room-watch.js';
import { AnnouncedSessions } from './sessions.js';
import { SlowReaders } from './slow-readers.js';
import type { ParleyServer } from './wire.js';

const socketPath = '/socket.io';

/** Of our adapter what is not Socket.IO's. */
interface Rooms extends FanoutRooms {
  settle(rooms?: Iterable<string>): void;
  act(room: string, act: RoomAct): void;
  give(id: string, room: string, events: readonly RoomEvent[]): void;
}

export interface HubParts {
  channels: Channels;
  /** Begins every channel's name; the same on all nodes of an installation. */
  prefix: string;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  /** Absent: nothing is shed. */
  shedder?: Shedder;
  /** What may wait for slow readers. */
  marks?: ReaderMarks;
  /**
   * False: everything is written through Socket.IO's own layers, and each connection pings by itself. See Outlet and
   * Heartbeat.
   */
  directWrites?: boolean;
}

/**
 * Rooms over all nodes: what domain actors publish to and what sockets listen to. It exists before either, knows
 * neither, and works without an HTTP server (a node that only runs actors). SocketServer lets clients in.
 */
export class Hub implements Part {
  readonly name = 'hub';
  readonly io: ParleyServer;
  readonly fanout: Fanout;
  readonly sessions: SessionBroadcast;
  readonly announcements: Announcements;
  readonly watch: RoomWatch;
  readonly ledgerHeads: LedgerHeads;
  readonly slowReaders: SlowReaders;
  readonly audiences: Audiences;
  readonly closedRooms = new ClosedRooms((threadId) => roomsOfThread(threadId).some((room) => this.io.of('/').adapter.rooms.has(room)));
  readonly directWrites: boolean;
  readonly #channels: Channels;
  readonly #prefix: string;
  readonly #logger: Logger;

  constructor(parts: HubParts) {
    this.#channels = parts.channels;
    this.#prefix = parts.prefix;
    this.#logger = parts.logger.child({ part: 'hub' });
    this.directWrites = parts.directWrites ?? true;
    const logger = this.#logger;
    this.announcements = new Announcements({
      send: (list) => void this.io.serverSideEmit('announce', list),
      clock: parts.clock,
      logger,
    });
    this.watch = new RoomWatch({
      port: {
        resync: (threadId, headRev) => {
          parts.telemetry.resyncs.inc({ reason: 'room_behind' });
          this.io.local.to(threadRoom(threadId)).emit('resync', { thread_id: threadId, head_rev: headRev });
        },
        gossip: (heads) => this.announcements.announce('heads', heads, { repeat: false }),
      },
      clock: parts.clock,
    });
    this.ledgerHeads = new LedgerHeads({ tell: (room, head) => fanout.tellHead(room, head), clock: parts.clock });
    this.slowReaders = new SlowReaders({
      port: {
        reached: (stage, socket, waiting) => {
          if (stage === 'prompt') return;
          parts.telemetry.slowReaders.inc({ stage });
          if (stage === 'lost') logger.warn({ socket: socket.id, ...waiting }, 'a reader that had fallen too far behind was disconnected');
        },
        resynced: () => parts.telemetry.resyncs.inc({ reason: 'slow_reader' }),
        drop: (socket) => cut((socket as unknown as { conn: Cuttable }).conn),
      },
      clock: parts.clock,
      marks: parts.marks,
    });
    this.audiences = new Audiences(parts.clock);
    this.io = new Server({
      path: socketPath,
      serveClient: false,
      connectTimeout: 10_000,
      parser: frameParser,
      adapter: roomAdapter({
        channels: parts.channels,
        clock: parts.clock,
        prefix: parts.prefix,
        hooks: this.#hooks(),
        audiences: this.audiences,
        direct: this.directWrites,
      }),
    });
    this.io.on('announce', (list) => {
      if (Array.isArray(list)) this.announcements.received(list);
    });
    this.announcements.on('heads', (heads) => this.watch.heard(heads));
    this.sessions = new AnnouncedSessions(this.announcements);
    const fanout = new RoomFanout({
      io: this.io,
      announcements: this.announcements,
      rooms: {
        flush: () => this.#rooms.flush(),
        publishTo: (...event) => this.#rooms.publishTo(...event),
        tell: (room, word) => this.#rooms.tell(room, word),
      },
      reached: (threadId, headRev) => this.watch.reached(threadId, headRev),
      ledgerHeads: this.ledgerHeads,
      telemetry: parts.telemetry,
      logger,
      shedder: parts.shedder ?? noShedding,
    });
    this.fanout = fanout;
  }

  /** Waits until this node hears the others. Fault `unavailable` when it does not within `ms`. */
  async start(ms = 10_000): Promise<void> {
    if (!(await this.#channels.effective(nodesChannel(this.#prefix), ms))) {
      throw new Fault('unavailable', 'Redis does not answer the subscription of the nodes');
    }
    this.announcements.start();
    this.watch.start();
    this.ledgerHeads.start();
    this.slowReaders.start();
  }

  /**
   * Gives this node's sockets in these rooms, or in all, now what is being given out: before anybody is taken out for
   * it.
   */
  settle(rooms?: Iterable<string>): void {
    this.#rooms.settle(rooms);
  }

  /** Rooms of ledgers with subscribers here. */
  ledgerRooms(): string[] {
    return [...this.io.of('/').adapter.rooms.keys()].filter(isLedgerRoom);
  }

  /** Tells those who are in a ledger's room here how far it goes: whoever knows less asks for the rest. */
  ledgerReaches(room: string, rev: number): void {
    this.io.local.to(room).emit('ledger_changed', { ledger: wireName(ledgerIn(room)), after_rev: rev, head_rev: rev, items: [] });
  }

  /** Is done at this place among the events that this node gives to a room; not at all where nobody here is in it. */
  act(room: string, act: RoomAct): void {
    this.#rooms.act(room, act);
  }

  /** To one socket what has come to a room before it was known whether it may hear it. */
  give(id: string, room: string, events: readonly RoomEvent[]): void {
    this.#rooms.give(id, room, events);
  }

  get #rooms(): Rooms {
    return this.io.of('/').adapter as unknown as Rooms;
  }

  /** Whether events of other nodes arrive here. */
  get connected(): boolean {
    return this.#channels.connected;
  }

  /** When what nodes told each other may have been lost. */
  onRestored(listener: () => void): void {
    this.#channels.onRestored(listener);
  }

  /** Whether events to a room reach this node, once they do; false after `ms`, or when nobody here is in it. */
  effective(room: string, ms: number): Promise<boolean> {
    return this.#channels.effective(roomChannel(this.#prefix, room), ms);
  }

  /** Unsubscribes everything. Sockets are closed before (SocketServer). */
  async stop(): Promise<void> {
    this.announcements.stop();
    this.watch.stop();
    this.ledgerHeads.stop();
    this.slowReaders.stop();
    await this.io.of('/').adapter.close();
  }

  #hooks(): RoomAdapterHooks {
    return {
      passing: ({ change }) => {
        if (change) this.watch.passing(change.of, change.rev);
      },
      changeOf: (event, payload) => {
        if (event === 'resync') {
          // Told to catch up is as good as shown.
          const { thread_id, head_rev } = payload as EventPayload<'resync'>;
          return { of: thread_id, rev: head_rev };
        }
        if (event === 'ledger_changed') {
          const { ledger, head_rev } = payload as EventPayload<'ledger_changed'>;
          return { of: ledger, rev: head_rev };
        }
        if (!threadChanges.has(event)) return undefined;
        const { thread_id, rev } = (payload as EventPayload<'new_message'>).message;
        return { of: thread_id, rev };
      },
      prompt: (socket) => this.slowReaders.isPrompt(socket),
      admits: (socket, event, room) => this.slowReaders.admits(socket, event, room),
      wrote: (socket) => this.slowReaders.wrote(socket),
      told: (word) => this.announcements.received([word]),
      audience: (threadId, communityId) => void this.closedRooms.add(threadId, communityId),
      roomMade: (room) => {
        if (room.startsWith(threadPrefix)) this.watch.roomMade(room.slice(threadPrefix.length));
      },
      roomEmptied: (room) => {
        const threadId = threadOfRoom(room);
        if (threadId === undefined) return;
        if (room.startsWith(threadPrefix)) this.watch.roomEmptied(threadId);
        this.closedRooms.emptied(threadId);
      },
      failed: (error) => this.#logger.error({ err: error }, 'an event could not be delivered'),
    };
  }
}

const threadPrefix = threadRoom('');
