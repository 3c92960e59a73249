import { communityAddress, type GetAccess } from '../../actors/domain/community/messages.js';
import type { Recheck } from '../../actors/domain/ports.js';
import { permissionLedgerOf } from '../../actors/ledger/names.js';
import type { ActorSystem } from '../../actors/runtime/actor.js';
import { has } from '../../authority/bits.js';
import { held } from '../../authority/held.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { ledgerIn, ledgerRoom } from '../../protocol/rooms.js';
import type { Hub } from './hub.js';
import { RoomAct } from './room-act.js';
import type { Roster } from './roster.js';
import type { Subscriber } from './subscriber.js';

/** Whoever is not known by then to be allowed leaves. */
const answerMs = 10_000;

/**
 * Decides anew which sockets of this node may hear of ledgers that take a permission, as announced by any node: at a
 * place among the events of their rooms, so that nothing behind it reaches whoever may not. Whoever does not hold it
 * any more leaves the room and is told nothing: the ledger is gone when they ask for it next. Of whom nothing can be
 * learned within ten seconds leaves too, and loses the connection: the client comes back and is decided anew.
 */
export class LedgerRechecks {
  readonly #hub: Hub;
  readonly #roster: Roster;
  readonly #actors: ActorSystem;
  readonly #clock: Clock;

  constructor({ hub, roster, actors, clock }: { hub: Hub; roster: Roster; actors: ActorSystem; clock: Clock }) {
    this.#hub = hub;
    this.#roster = roster;
    this.#actors = actors;
    this.#clock = clock;
    hub.announcements.on('recheck', ({ ledgers = [], member_id, access_rev }: Recheck) => {
      for (const name of ledgers) void this.#inRoom(ledgerRoom(name), access_rev, member_id, false);
    });
  }

  /** Rooms here of ledgers that take a permission. */
  rooms(): string[] {
    return this.#hub.ledgerRooms().filter((room) => permissionLedgerOf(ledgerIn(room)) !== undefined);
  }

  /** Without word of a change: of whom nothing can be learned stays. Settles when it is done; never rejects. */
  lookAgain(room: string): Promise<void> {
    return this.#inRoom(room, 0, undefined, true);
  }

  #inRoom(room: string, accessRev: number, memberId: string | undefined, isGentle: boolean): Promise<void> {
    if (this.#in(room, memberId).length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const decide = async (givenUp: { happens: Promise<unknown> }): Promise<void> => {
        try {
          const may = new Map<string, boolean>();
          const members = new Set(this.#in(room, memberId).map(({ caller }) => caller.member_id));
          const learn = async (member: string): Promise<void> => {
            const answer = await this.#mayRead(ledgerIn(room), member, accessRev);
            if (answer !== undefined) may.set(member, answer);
          };
          await Promise.race([Promise.all([...members].map(learn)), givenUp.happens]);
          // Who came meanwhile was decided behind the change.
          for (const one of this.#in(room, memberId)) {
            const { member_id } = one.caller;
            if (members.has(member_id)) this.#decide(one, room, may.get(member_id), isGentle);
          }
        } finally {
          resolve();
        }
      };
      this.#hub.act(room, new RoomAct(decide));
    });
  }

  #decide(subscriber: Subscriber, room: string, may: boolean | undefined, isGentle: boolean): void {
    if (may || (may === undefined && isGentle)) return;
    const wasGranted = subscriber.isGranted(room);
    subscriber.leave(room);
    if (wasGranted && may === undefined) this.#hub.io.of('/').sockets.get(subscriber.line.id)?.conn.close();
  }

  /** Undefined: that cannot be learned, or the answer is older than what was announced. Never rejects. */
  async #mayRead(name: string, memberId: string, accessRev: number): Promise<boolean | undefined> {
    const ledger = permissionLedgerOf(name);
    if (!ledger) return undefined;
    try {
      const ask = { type: 'access', member_id: memberId } as const;
      const access = await this.#actors.ask<GetAccess>(communityAddress(ledger.community), ask, { timeoutMs: answerMs });
      if (access.access_rev < accessRev) return undefined;
      return access.member !== null && has(held(access, this.#clock.now()), ledger.permission);
    } catch (error) {
      return Fault.from(error).code === 'not_found' ? false : undefined;
    }
  }

  /** Who is in a room here. */
  #in(room: string, memberId?: string): Subscriber[] {
    if (memberId !== undefined) return this.#roster.ofMember(memberId).filter((subscriber) => subscriber.isIn(room));
    const ids = this.#hub.io.of('/').adapter.rooms.get(room) ?? [];
    return [...ids].flatMap((id) => this.#roster.bySocket(id) ?? []);
  }
}
