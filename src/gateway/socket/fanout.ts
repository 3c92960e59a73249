import type { Fanout, PublishOptions, Recheck } from '../../actors/domain/ports.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { EventPayload, ServerEventName } from '../../protocol/events.js';
import { memberRoom } from '../../protocol/rooms.js';
import type { Shedder } from '../ports.js';
import type { Announcements } from './announcements.js';
import { PresenceHold } from './hints.js';
import type { ParleyServer } from './wire.js';

const mostPresences = 2_000;
const isSignal: ReadonlySet<string> = new Set<ServerEventName>(['typing', 'stop_typing', 'presence']);

/**
 * Events to rooms on all nodes. What is published is delivered to this node's sockets in the order of the calls, and to other
 * nodes in that order or not at all; who missed something learns of it by rev (RoomWatch).
 * While the node sheds signals, typing is not published and presence is held; the newest of each member follows afterwards.
 */
export class RoomFanout implements Fanout {
  readonly #io: ParleyServer;
  readonly #announcements: Announcements;
  readonly #flush: () => void;
  readonly #reached: (threadId: string, headRev: number) => void;
  readonly #telemetry: Telemetry;
  readonly #logger: Logger;
  readonly #shedder: Shedder;
  readonly #held = new PresenceHold(mostPresences);

  constructor(parts: {
    io: ParleyServer;
    announcements: Announcements;
    /** Sends what was published so far. */
    flush: () => void;
    reached: (threadId: string, headRev: number) => void;
    telemetry: Telemetry;
    logger: Logger;
    shedder: Shedder;
  }) {
    this.#io = parts.io;
    this.#announcements = parts.announcements;
    this.#flush = parts.flush;
    this.#reached = parts.reached;
    this.#telemetry = parts.telemetry;
    this.#logger = parts.logger;
    this.#shedder = parts.shedder;
    this.#shedder.onEased(() => {
      for (const { room, payload } of this.#held.release()) this.#emit(room, 'presence', payload as EventPayload<'presence'>);
    });
  }

  publish<E extends ServerEventName>(room: string, event: E, payload: EventPayload<E>, options: PublishOptions = {}): void {
    if (isSignal.has(event) && this.#shedder.sheds('signal')) {
      this.#telemetry.shed.inc({ work: 'signal' });
      if (event === 'presence') this.#held.hold(room, payload);
      return;
    }
    this.#emit(room, event, payload, options);
  }

  #emit<E extends ServerEventName>(room: string, event: E, payload: EventPayload<E>, options: PublishOptions = {}): void {
    try {
      let to = this.#io.to(room);
      if (options.exceptMember !== undefined) to = to.except(memberRoom(options.exceptMember));
      (to.emit as (event: string, payload: unknown) => boolean).call(to, event, payload);
      this.#telemetry.fanout.inc({ event });
    } catch (error) {
      this.#logger.error({ err: error, event }, 'an event could not be published');
    }
  }

  reached(threadId: string, headRev: number): void {
    this.#reached(threadId, headRev);
  }

  evict(memberId: string, communityId: string): void {
    this.#flush();
    this.#announcements.announce('evict', { member_id: memberId, community_id: communityId }, { repeat: true });
  }

  recheck(place: Recheck): void {
    this.#flush();
    this.#announcements.announce('recheck', place, { repeat: true });
  }

  close(what: { thread_id: string } | { community_id: string }): void {
    this.#flush();
    this.#announcements.announce('close', what, { repeat: true });
  }
}
