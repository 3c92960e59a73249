import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';
import { entriesAtMost } from '../../kernel/lazy-bound.js';
import type { Logger } from '../../kernel/logger.js';
import { currentScope } from '../../kernel/scope.js';
import { communityRoom, roomsOfThread } from '../../protocol/rooms.js';
import type { AnnouncementBodies } from './announcements.js';
import type { Hub } from './hub.js';
import { RoomAct } from './room-act.js';
import type { Roster } from './roster.js';
import { inSteps } from './steps.js';
import type { Subscriber } from './subscriber.js';

/** Takes sockets of this node out of rooms, or closes them, as announced by any node. */
export class Removals {
  readonly #hub: Hub;
  readonly #roster: Roster;
  readonly #logger: Logger;
  readonly #isMember: (memberId: string, communityId: string) => Promise<boolean>;
  /** Sessions that ended while somebody may have been on the way in with them. */
  readonly #ended: LRUCache<string, string>;

  constructor(parts: {
    hub: Hub;
    roster: Roster;
    clock: Clock;
    logger: Logger;
    /** How somebody stands now. */
    isMember: (memberId: string, communityId: string) => Promise<boolean>;
  }) {
    this.#hub = parts.hub;
    this.#roster = parts.roster;
    this.#logger = parts.logger;
    this.#isMember = parts.isMember;
    this.#ended = new LRUCache({ ...entriesAtMost(50_000), ttl: 60_000, ttlResolution: 0, perf: { now: () => parts.clock.monotonic() } });
    const { announcements, sessions } = parts.hub;
    sessions.onEnded((sessionIds, reason) => {
      for (const sessionId of sessionIds) this.endSession(sessionId, reason);
    });
    announcements.on('evict', ({ member_id, community_id, thread_id }) => this.evict(member_id, community_id, thread_id));
    announcements.on('close', (what) => this.#closeRooms(what));
  }

  /**
   * The session's sockets hear `session_ended`, then they are closed for good: the one that asked for it once it is
   * answered.
   */
  endSession(sessionId: string, reason: string): void {
    this.#ended.set(sessionId, reason);
    for (const subscriber of this.#roster.ofSession(sessionId)) {
      const socket = this.#hub.io.of('/').sockets.get(subscriber.line.id);
      subscriber.part(currentScope()?.request_id, () => {
        socket?.emit('session_ended', { reason });
        socket?.disconnect(true);
      });
    }
  }

  /** Whoever has just come in on a session that ended meanwhile goes again. */
  arrived(subscriber: Subscriber): void {
    const reason = this.#ended.get(subscriber.caller.session_id);
    if (reason !== undefined) this.endSession(subscriber.caller.session_id, reason);
  }

  /**
   * Takes a member's sockets here (`threadId`: that follow that thread) out of a community's rooms, on word that may be
   * old.
   */
  evict(memberId: string, communityId: string, threadId?: string): void {
    const isThere = (subscriber: Subscriber): boolean =>
      threadId === undefined ? subscriber.communities().has(communityId) : roomsOfThread(threadId).some((room) => subscriber.isIn(room));
    const evicted = this.#roster.ofMember(memberId).filter(isThere);
    if (evicted.length === 0) return;
    const { sockets } = this.#hub.io.of('/');
    // Whoever is taken out of a room still hears why.
    for (const { line } of evicted) this.#hub.settle(sockets.get(line.id)?.rooms ?? []);
    for (const subscriber of evicted) subscriber.leaveCommunity(communityId);
    // The word may come late, and the member have come back meanwhile: nobody would tell it that it hears nothing any
    // more.
    // So whoever is (or may be) a member again loses the connection, comes back, joins and catches up.
    this.#isMember(memberId, communityId)
      .catch(() => true)
      .then((isMember) => {
        // In the rooms of threads nobody's going is told: it would take itself for present.
        for (const { line } of evicted) {
          if (isMember) sockets.get(line.id)?.conn.close();
          else sockets.get(line.id)?.emit('member_left', { community_id: communityId, member_id: memberId });
        }
      })
      .catch((error: unknown) => this.#logger.error({ err: error }, 'a connection could not be closed'));
  }

  #closeRooms(what: AnnouncementBodies['close']): void {
    if ('thread_id' in what) for (const room of roomsOfThread(what.thread_id)) this.#closeRoom(room, what);
    else this.#closeRoom(communityRoom(what.community_id), what);
  }

  #closeRoom(room: string, what: AnnouncementBodies['close']): void {
    const isThread = 'thread_id' in what;
    const { rooms } = this.#hub.io.of('/').adapter;
    const leave = (): Promise<void> =>
      (isThread
        ? inSteps(rooms.get(room) ?? [], (id) => this.#roster.bySocket(id)?.leave(room))
        : inSteps(this.#roster.all(), (subscriber) => subscriber.leaveCommunity(what.community_id))
      ).catch((error: unknown) => this.#logger.error({ err: error }, 'a room could not be emptied'));
    this.#hub.settle(isThread ? [room] : undefined);
    // Behind what a held room still has to be given: why it is closed may be among that.
    if (rooms.has(room)) this.#hub.act(room, new RoomAct(leave));
    else void leave();
  }
}
