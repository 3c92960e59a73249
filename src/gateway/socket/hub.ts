import { Server } from 'socket.io';
import type { Fanout } from '../../actors/domain/ports.js';
import { type GetHead, threadAddress } from '../../actors/domain/thread/messages.js';
import type { ActorSystem } from '../../actors/runtime/actor.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { EventPayload } from '../../protocol/events.js';
import { threadRoom } from '../../protocol/rooms.js';
import type { SessionBroadcast } from '../ports.js';
import { Announcements } from './announcements.js';
import type { Channels } from './channels.js';
import { RoomFanout } from './fanout.js';
import { frameParser } from './frame-decoder.js';
import { nodesChannel, type RoomAdapterHooks, roomAdapter, roomChannel } from './room-adapter.js';
import { RoomWatch } from './room-watch.js';
import { AnnouncedSessions } from './sessions.js';
import type { ParleyServer } from './wire.js';

const socketPath = '/socket.io';

export interface HubParts {
  channels: Channels;
  /** Begins every channel's name; the same on all nodes of an installation. */
  prefix: string;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
}

/**
 * Rooms over all nodes: what domain actors publish to and what sockets listen to. It exists before either, and works without
 * an HTTP server (a node that only runs actors). SocketServer lets clients in.
 */
export class Hub {
  readonly io: ParleyServer;
  readonly fanout: Fanout;
  readonly sessions: SessionBroadcast;
  readonly announcements: Announcements;
  readonly watch: RoomWatch;
  readonly #channels: Channels;
  readonly #prefix: string;
  readonly #logger: Logger;
  #actors: ActorSystem | undefined;

  constructor(parts: HubParts) {
    this.#channels = parts.channels;
    this.#prefix = parts.prefix;
    this.#logger = parts.logger.child({ part: 'hub' });
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
        head: (threadId) => this.#head(threadId),
      },
      clock: parts.clock,
      logger,
    });
    this.io = new Server({
      path: socketPath,
      serveClient: false,
      connectTimeout: 10_000,
      parser: frameParser,
      adapter: roomAdapter(parts.channels, parts.prefix, this.#hooks()),
    });
    this.io.on('announce', (list) => {
      if (Array.isArray(list)) this.announcements.received(list);
    });
    this.announcements.on('heads', (heads) => this.watch.heard(heads));
    this.sessions = new AnnouncedSessions(this.announcements);
    this.fanout = new RoomFanout({
      io: this.io,
      announcements: this.announcements,
      reached: (threadId, headRev) => this.watch.reached(threadId, headRev),
      telemetry: parts.telemetry,
      logger,
    });
    parts.channels.onRestored(() => this.watch.checkAll());
  }

  /** Gives the hub the actors that it asks where threads stand. */
  useActors(actors: ActorSystem): void {
    this.#actors = actors;
  }

  /** Waits until this node hears the others. Fault `unavailable` when it does not within `ms`. */
  async start(ms = 10_000): Promise<void> {
    if (!(await this.#channels.effective(nodesChannel(this.#prefix), ms))) {
      throw new Fault('unavailable', 'Redis does not answer the subscription of the nodes');
    }
    this.announcements.start();
    this.watch.start();
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

  /** A node has died, perhaps between a commit and its event. */
  nodeDown(): void {
    this.watch.checkAll();
  }

  /** Unsubscribes everything. Sockets are closed before (SocketServer). */
  async stop(): Promise<void> {
    this.announcements.stop();
    this.watch.stop();
    await this.io.of('/').adapter.close();
  }

  async #head(threadId: string): Promise<number> {
    if (!this.#actors) throw new Fault('unavailable');
    return (await this.#actors.ask<GetHead>(threadAddress(threadId), { type: 'head' })).head_rev;
  }

  #hooks(): RoomAdapterHooks {
    return {
      passing: (event, payload) => {
        if (event === 'resync') {
          // Told to catch up is as good as shown.
          const { thread_id, head_rev } = payload as EventPayload<'resync'>;
          this.watch.passing(thread_id, head_rev);
        } else if (changes.has(event)) {
          const { message } = payload as EventPayload<'new_message'>;
          this.watch.passing(message.thread_id, message.rev);
        }
      },
      roomMade: (room) => {
        if (room.startsWith(threadPrefix)) this.watch.roomMade(room.slice(threadPrefix.length));
      },
      roomEmptied: (room) => {
        if (room.startsWith(threadPrefix)) this.watch.roomEmptied(room.slice(threadPrefix.length));
      },
      failed: (error) => this.#logger.error({ err: error }, 'an event could not be delivered'),
    };
  }
}

const threadPrefix = threadRoom('');
/** Events that carry a change of a thread. */
const changes = new Set<string>(['new_message', 'message_updated', 'message_deleted']);
