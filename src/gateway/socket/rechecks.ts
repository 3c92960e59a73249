import { LRUCache } from 'lru-cache';
import type { Recheck } from '../../actors/domain/ports.js';
import type { Clock } from '../../kernel/clock.js';
import { entriesAtMost } from '../../kernel/lazy-bound.js';
import { headOf, type Thread } from '../../protocol/resources.js';
import { communityRoom, headsRoom, roomsOfThread, threadRoom } from '../../protocol/rooms.js';
import type { GivenUp } from './given-up.js';
import type { Hub } from './hub.js';
import { RoomAct } from './room-act.js';
import type { Roster } from './roster.js';
import { inSteps } from './steps.js';
import type { Subscriber } from './subscriber.js';
import type { ParleySocket } from './wire.js';

/** Whoever is not known by then to be allowed leaves. */
const answerMs = 10_000;
/** So long the community, which has other things to tell, is held for one thread of it. */
const holdCommunityMs = 2_000;
/** Longer than a join takes. */
const recentMs = 30_000;

/** Of whom in a room it is decided anew. */
interface Those {
  threadId: string;
  communityId: string;
  /** Undefined: everybody. */
  memberId: string | undefined;
}

/** What those in a room of the community hear of it, who are not told anyway. */
interface Telling {
  place: Recheck;
  /** To whoever may view the thread from now on. */
  tellNews(socket: ParleySocket, thread: Thread): void;
  isToldElsewhere(subscriber: Subscriber): boolean;
}

/**
 * Decides anew which sockets of this node may hear of closed threads, as announced by any node: at a place among the
 * events of the rooms, so that nothing behind it reaches whoever may not. Whoever may not view a thread (any more)
 * leaves its room and hears `thread_deleted` as the last of it; who may from now on hears `new_thread` in the
 * community's room, or its head in that of the heads. Of whom nothing can be learned within ten seconds leaves too, and
 * loses the connection: the client comes back and is decided anew.
 */
export class Rechecks {
  readonly #hub: Hub;
  readonly #roster: Roster;
  readonly #clock: Clock;
  /** Communities in which it was decided anew while somebody may have been on the way into a thread. */
  readonly #recent: LRUCache<string, true>;

  constructor({ hub, roster, clock }: { hub: Hub; roster: Roster; clock: Clock }) {
    this.#hub = hub;
    this.#roster = roster;
    this.#clock = clock;
    this.#recent = new LRUCache({ ...entriesAtMost(10_000), ttl: recentMs, ttlResolution: 0, perf: { now: () => clock.monotonic() } });
    hub.announcements.on('recheck', (place) => this.#carryOut(place));
    hub.closedRooms.onFound((threadId, communityId) => void this.lookAgain(threadId, communityId));
  }

  /** A socket has joined the thread, and not every member of its community may. */
  opened(threadId: string, communityId: string): void {
    const isNews = this.#hub.closedRooms.add(threadId, communityId);
    // What was announced before this was known of the room did not reach it.
    if (isNews && this.#recent.has(communityId)) void this.lookAgain(threadId, communityId);
  }

  /** Closed threads with subscribers here. */
  closed(): [threadId: string, communityId: string][] {
    return this.#hub.closedRooms.all();
  }

  /** Without word of a change: of whom nothing can be learned stays. Settles when it is done; never rejects. */
  lookAgain(threadId: string, communityId: string): Promise<void> {
    this.#hub.audiences.forget(threadId, communityId, 0);
    return this.#inRooms({ threadId, communityId, memberId: undefined }, { isGentle: true });
  }

  #carryOut(place: Recheck): void {
    const { thread_id, community_id: communityId, member_id: memberId, access_rev } = place;
    if (thread_id !== undefined) {
      this.#thread(thread_id, place);
      return;
    }
    this.#recent.set(communityId, true);
    this.#hub.audiences.forgetAll(communityId, access_rev, memberId);
    for (const threadId of this.#hub.closedRooms.of(communityId)) {
      void this.#inRooms({ threadId, communityId, memberId }, { isGentle: false });
    }
  }

  #thread(threadId: string, place: Recheck): void {
    const { audiences, closedRooms } = this.#hub;
    const { community_id: communityId, member_id: memberId } = place;
    const subscribers = this.#in(threadRoom(threadId));
    const joined = subscribers.filter((subscriber) => subscriber.isGranted(threadRoom(threadId)));
    const knew = new Set([...audiences.viewers(threadId), ...joined.map(({ caller }) => caller.member_id)]);
    audiences.forget(threadId, communityId, place.access_rev, memberId);
    closedRooms.add(threadId, communityId);
    const those = { threadId, communityId, memberId };
    void this.#inRooms(those, { isGentle: false });
    const inThread = new Set(joined.map(({ line }) => line.id));
    this.#inCommunity(communityRoom(communityId), those, knew, {
      isToldElsewhere: ({ line }) => inThread.has(line.id),
      tellNews: (socket, thread) => socket.emit('new_thread', { thread }),
      place,
    });
    this.#inCommunity(headsRoom(communityId), those, knew, {
      isToldElsewhere: (subscriber) => inThread.has(subscriber.line.id) || subscriber.isIn(communityRoom(communityId)),
      tellNews: (socket, thread) => socket.emit('thread_heads', { community_id: communityId, heads: [headOf(thread)] }),
      place,
    });
  }

  /** In the room of the thread, and in that of its ledger. */
  async #inRooms(those: Those, how: { isGentle: boolean }): Promise<void> {
    await Promise.all(roomsOfThread(those.threadId).map((room) => this.#inRoom(room, those, how)));
  }

  #inRoom(room: string, those: Those, { isGentle }: { isGentle: boolean }): Promise<void> {
    if (this.#in(room, those.memberId).length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const decide = async (givenUp: GivenUp): Promise<void> => {
        try {
          await Promise.race([this.#learn(room, those), givenUp.happens]);
          await inSteps(this.#in(room, those.memberId), (subscriber) => this.#decide(subscriber, room, those, isGentle));
        } finally {
          resolve();
        }
      };
      this.#hub.act(room, new RoomAct(decide));
    });
  }

  #decide(subscriber: Subscriber, room: string, { threadId, communityId }: Those, isGentle: boolean): void {
    const may = this.#hub.audiences.may(threadId, subscriber.caller.member_id);
    if (may || (may === undefined && isGentle)) return;
    const wasGranted = subscriber.isGranted(room);
    subscriber.leave(room);
    // Whoever only tries to come in hears by the answer to that.
    if (!wasGranted) return;
    const socket = this.#socketOf(subscriber);
    if (may === undefined) socket?.conn.close();
    else if (room === threadRoom(threadId)) socket?.emit('thread_deleted', { community_id: communityId, thread_id: threadId });
  }

  /**
   * In a room of its community, those who hear of the thread from now on, and those who do not. Whether somebody could
   * view it before may not be known: then whoever may hears of it as of a new one, which a client that knows it takes
   * for its newest state, and whoever may not hears nothing, since there may never have been anything for them.
   */
  #inCommunity(room: string, those: Those, knew: ReadonlySet<string>, { place, tellNews, isToldElsewhere }: Telling): void {
    if (this.#in(room, those.memberId).length === 0) return;
    const tell = (subscriber: Subscriber): void => {
      const { member_id } = subscriber.caller;
      const may = this.#hub.audiences.may(those.threadId, member_id);
      if (may === undefined || isToldElsewhere(subscriber)) return;
      const socket = this.#socketOf(subscriber);
      const knewIt = place.was_open === true || knew.has(member_id);
      if (may && !knewIt && place.thread && socket) tellNews(socket, place.thread);
      if (!may && knewIt) socket?.emit('thread_deleted', { community_id: those.communityId, thread_id: those.threadId });
    };
    const decide = async (givenUp: GivenUp): Promise<void> => {
      const told = this.#learn(room, those).then(() => inSteps(this.#in(room, those.memberId), tell));
      const timer = this.#clock.after(holdCommunityMs, () => givenUp.now());
      await Promise.race([told, givenUp.happens]);
      timer.cancel();
    };
    this.#hub.act(room, new RoomAct(decide));
  }

  #learn(room: string, { threadId, communityId, memberId }: Those): Promise<boolean> {
    const members = (): string[] => this.#in(room, memberId).map(({ caller }) => caller.member_id);
    return this.#hub.audiences.learn(threadId, communityId, members, answerMs);
  }

  /** Who is in a room here. */
  #in(room: string, memberId?: string): Subscriber[] {
    if (memberId !== undefined) return this.#roster.ofMember(memberId).filter((subscriber) => subscriber.isIn(room));
    const ids = this.#hub.io.of('/').adapter.rooms.get(room) ?? [];
    return [...ids].flatMap((id) => this.#roster.bySocket(id) ?? []);
  }

  #socketOf({ line }: Subscriber) {
    return this.#hub.io.of('/').sockets.get(line.id);
  }
}
