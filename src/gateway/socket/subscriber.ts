import type { Caller } from '../../catalogue/caller.js';
import type { Connection } from '../../catalogue/ports.js';
import { Fault } from '../../kernel/errors.js';
import { isHeadsRoom } from '../../protocol/rooms.js';
import type { Passage } from './passage.js';
import type { RoomEvent } from './room-mail.js';

/** What is needed of a socket. */
export interface Line {
  readonly id: string;
  join(room: string): void;
  leave(room: string): void;
  /** Writes what has come to a room. */
  give(room: string, events: readonly RoomEvent[]): void;
}

/** Events that are kept for joins under way. */
const mostKept = 1_000;

/** Of a room that is of no community: nobody loses it with one. */
const noCommunity = '';

interface Place {
  readonly communityId: string;
  /** Joins under way. */
  joining: number;
  /** Whether one has succeeded. */
  granted: boolean;
  /** What has come before that. */
  kept: RoomEvent[] | undefined;
}

/** One try to be in a room. Exactly one of `grant` and `giveUp` ends it. */
export interface Entry {
  /** False when the room was left meanwhile, or the member was taken out of it. */
  readonly held: boolean;
  grant(): void;
  /** `refused`: one may not be there (any more), so an earlier grant ends too. */
  giveUp(refused: boolean): void;
}

/** One socket with the one who is behind it and the rooms that it is in. */
export class Subscriber {
  readonly line: Line;
  readonly caller: Caller;
  /** Through which it speaks. */
  door: 'socket' | 'websocket' = 'socket';
  /** The connection as the bounds see it. */
  passage: Passage | undefined = undefined;
  /** What operations may do with it, made at the first request. */
  connection: Connection | undefined = undefined;
  /**
   * Requests that have no answer yet, by id; undefined while there are none, since most connections are idle most of
   * the time.
   */
  #unanswered: string[] | undefined = undefined;
  #parting: { after: string; go: () => void } | undefined = undefined;
  readonly #places = new Map<string, Place>();
  /** Places where it hears heads alone: they are beside its bound, since a member is in so many communities at most. */
  #heads = 0;
  /** Places that are not granted, and what is kept for them. */
  #ungranted = 0;
  #kept = 0;
  readonly #maxRooms: number;

  constructor(line: Line, caller: Caller, maxRooms = 500) {
    this.line = line;
    this.caller = caller;
    this.#maxRooms = maxRooms;
  }

  /** Requests that have no answer yet. */
  get underWay(): number {
    return this.#unanswered?.length ?? 0;
  }

  /** Fault `unauthenticated` once its session is over: it is only here to hear the last answer. */
  asks(requestId: string): void {
    if (this.#parting) throw new Fault('unauthenticated', 'This session is over');
    this.#unanswered ??= [];
    this.#unanswered.push(requestId);
  }

  /** The answer was sent, or there was nobody to hear it. */
  answered(requestId: string): void {
    const place = this.#unanswered?.indexOf(requestId) ?? -1;
    if (place >= 0) this.#unanswered?.splice(place, 1);
    if (this.#unanswered?.length === 0) this.#unanswered = undefined;
    if (this.#parting?.after === requestId) this.#parting.go();
  }

  /**
   * Its session is over: `go` at once, or after the answer to what ended it, where that was asked through this very
   * connection.
   */
  part(requestId: string | undefined, go: () => void): void {
    if (requestId !== undefined && this.#unanswered?.includes(requestId)) this.#parting = { after: requestId, go };
    else go();
  }

  get rooms(): number {
    return this.#places.size;
  }

  /** Communities of which it is in a room. */
  communities(): Set<string> {
    return new Set([...this.#places.values()].map((place) => place.communityId).filter((id) => id !== noCommunity));
  }

  /** Communities of which it hears the heads. */
  *headsOf(): Iterable<string> {
    if (this.#heads > 0) for (const [room, { communityId }] of this.#places) if (isHeadsRoom(room)) yield communityId;
  }

  /** Communities that it follows, or of which it follows threads. */
  *followed(): Iterable<string> {
    for (const [room, { communityId }] of this.#places) if (!isHeadsRoom(room) && communityId !== noCommunity) yield communityId;
  }

  /** Of which community a room is where it is; undefined where it is not. */
  communityOf(room: string): string | undefined {
    return this.#places.get(room)?.communityId;
  }

  isIn(room: string): boolean {
    return this.#places.has(room);
  }

  /** Whether it is known that it may be in a room where it is. */
  isGranted(room: string): boolean {
    return this.#places.get(room)?.granted === true;
  }

  /**
   * Whether events must not be written yet, since it is not known whether they may be heard: they are kept and given
   * when that is granted. Who waits for too many leaves the room, and the join fails.
   */
  keeps(room: string, events: readonly RoomEvent[]): boolean {
    if (this.#ungranted === 0) return false;
    const place = this.#places.get(room);
    if (!place || place.granted) return false;
    this.#kept += events.length;
    if (this.#kept > mostKept) {
      this.#kept -= events.length;
      this.leave(room);
      return true;
    }
    place.kept ??= [];
    place.kept.push(...events);
    return true;
  }

  #grant(room: string, place: Place): void {
    const { kept } = place;
    place.granted = true;
    this.#forgetKept(place);
    if (kept) this.line.give(room, kept);
  }

  #forgetKept(place: Place): void {
    this.#ungranted--;
    this.#kept -= place.kept?.length ?? 0;
    place.kept = undefined;
  }

  /** Joins the room before it is known whether one may stay: what happens from now on must not be missed. */
  enter(room: string, communityId: string): Entry {
    let place = this.#places.get(room);
    if (!place) {
      const isHeads = isHeadsRoom(room);
      if (!isHeads && this.#places.size - this.#heads >= this.#maxRooms) {
        throw new Fault('overloaded', `One connection follows at most ${this.#maxRooms} threads and communities; leave some first`);
      }
      place = { communityId, joining: 0, granted: false, kept: undefined };
      this.#places.set(room, place);
      if (isHeads) this.#heads++;
      this.#ungranted++;
      this.line.join(room);
    }
    const mine = place;
    mine.joining++;
    const held = (): boolean => this.#places.get(room) === mine;
    return {
      get held() {
        return held();
      },
      grant: () => {
        mine.joining--;
        if (!mine.granted && held()) this.#grant(room, mine);
      },
      giveUp: (refused) => {
        mine.joining--;
        if (held() && (refused || (!mine.granted && mine.joining === 0))) this.leave(room);
      },
    };
  }

  leave(room: string): void {
    const place = this.#places.get(room);
    if (!place) return;
    this.#places.delete(room);
    if (isHeadsRoom(room)) this.#heads--;
    if (!place.granted) this.#forgetKept(place);
    this.line.leave(room);
  }

  /** Leaves the rooms of a community and of its threads. */
  leaveCommunity(communityId: string): void {
    for (const [room, place] of this.#places) if (place.communityId === communityId) this.leave(room);
  }
}
