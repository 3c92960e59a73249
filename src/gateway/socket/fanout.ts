import type { Fanout, PublishOptions, Recheck } from '../../actors/domain/ports.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { EventPayload, ServerEventName } from '../../protocol/events.js';
import { communityRoom, headsRoom, ledgerRoom, memberRoom, roomsOfThread } from '../../protocol/rooms.js';
import { communityLedger } from '../../store/community-items.js';
import type { Shedder } from '../ports.js';
import type { Announcements } from './announcements.js';
import { PresenceHold } from './hints.js';
import type { LedgerHeads } from './ledger-heads.js';
import type { ParleyServer } from './wire.js';

const mostPresences = 2_000;
const isSignal: ReadonlySet<string> = new Set<ServerEventName>(['typing', 'stop_typing', 'presence']);

/** Of the rooms what goes past Socket.IO. See `roomAdapter`. */
export interface FanoutRooms {
  flush(): void;
  publishTo(audience: string, room: string, data: [name: string, payload: unknown], except: string | undefined): void;
  tell(room: string, word: object): void;
}

/**
 * Events to rooms on all nodes. What is published is delivered to this node's sockets in the order of the calls, and to
 * other nodes in that order or not at all; who missed something learns of it by rev (RoomWatch). While the node sheds
 * signals, typing is not published and presence is held; the newest of each member follows afterwards.
 */
export class RoomFanout implements Fanout {
  readonly #io: ParleyServer;
  readonly #announcements: Announcements;
  readonly #rooms: FanoutRooms;
  readonly #reached: (threadId: string, headRev: number) => void;
  readonly #ledgerHeads: Pick<LedgerHeads, 'published'>;
  readonly #telemetry: Telemetry;
  readonly #logger: Logger;
  readonly #shedder: Shedder;
  readonly #held = new PresenceHold(mostPresences);

  constructor(parts: {
    io: ParleyServer;
    announcements: Announcements;
    rooms: FanoutRooms;
    reached: (threadId: string, headRev: number) => void;
    ledgerHeads: Pick<LedgerHeads, 'published'>;
    telemetry: Telemetry;
    logger: Logger;
    shedder: Shedder;
  }) {
    this.#io = parts.io;
    this.#announcements = parts.announcements;
    this.#rooms = parts.rooms;
    this.#reached = parts.reached;
    this.#ledgerHeads = parts.ledgerHeads;
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
    if (event === 'ledger_changed') this.#ledgerHeads.published(room, payload as EventPayload<'ledger_changed'>);
    this.#emit(room, event, payload, options);
  }

  /** How far a ledger is, once more. */
  tellHead(room: string, head: EventPayload<'ledger_changed'>): void {
    this.#emit(room, 'ledger_changed', head);
  }

  #emit<E extends ServerEventName>(room: string, event: E, payload: EventPayload<E>, options: PublishOptions = {}): void {
    try {
      if (options.audience !== undefined) {
        const except = options.exceptMember === undefined ? undefined : memberRoom(options.exceptMember);
        this.#rooms.publishTo(options.audience, room, [event, payload], except);
        this.#telemetry.fanout.inc({ event });
        return;
      }
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

  evict(memberId: string, communityId: string, { threadId, ledgers = [] }: { threadId?: string; ledgers?: readonly string[] } = {}): void {
    const body = { member_id: memberId, community_id: communityId, ...(threadId !== undefined && { thread_id: threadId }) };
    const ofLedgers = [communityLedger(communityId), ...ledgers].map(ledgerRoom);
    const ofCommunity = [communityRoom(communityId), headsRoom(communityId), ...ofLedgers];
    const rooms = threadId === undefined ? ofCommunity : roomsOfThread(threadId);
    // Of a thread alone it is not said again: the community says it for all.
    this.#announcements.announceAtOnce('evict', body, {
      repeat: threadId === undefined,
      tell: (announcement) => {
        for (const room of rooms) this.#rooms.tell(room, announcement);
      },
    });
  }

  recheck(place: Recheck): void {
    this.#announcements.announceAtOnce('recheck', place, {
      repeat: true,
      tell: (announcement) => {
        for (const room of place.thread_id === undefined ? [] : roomsOfThread(place.thread_id)) this.#rooms.tell(room, announcement);
        for (const room of [communityRoom, headsRoom]) this.#rooms.tell(room(place.community_id), announcement);
        for (const ledger of place.ledgers ?? []) this.#rooms.tell(ledgerRoom(ledger), announcement);
      },
    });
  }

  close(what: { thread_id: string } | { community_id: string }): void {
    this.#rooms.flush();
    this.#announcements.announce('close', what, { repeat: true });
  }
}
