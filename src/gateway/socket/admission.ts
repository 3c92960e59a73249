import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../catalogue/caller.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { addressBlock } from '../address-block.js';
import { type Allowance, defaultAllowance, retryAfterMs, spend, verdictOn } from '../limits/allowance.js';
import { chance } from '../limits/chance.js';
import { Debts } from '../limits/debts.js';
import { AddressCounts, FairRoom, type RoomBounds } from '../limits/fair-room.js';
import { Turnstile } from '../limits/turnstile.js';
import type { Authenticator, Limiter, Shedder } from '../ports.js';
import type { UnreadBounds } from './arrivals.js';
import { originAllowed } from './origin.js';
import { Passage } from './passage.js';

/** What members and addresses may have of this node's connections. */
export interface ConnectionBounds {
  /** Signed in, of one member. */
  perMember: number;
  /** All of one IPv4 address or IPv6 /64, and of one IPv6 /48. */
  perAddress: number;
  perSite: number;
  /** Connections that one address may begin, in points. */
  begun: Allowance;
  /** Of those, not signed in yet. */
  entering: RoomBounds;
  /** TCP connections that are no WebSockets, and bytes of answers that wait for their readers. */
  http: RoomBounds & UnreadBounds;
  /** What one connection may send. */
  allowance: Allowance;
}

const MiB = 1_048_576;

/**
 * Some hundred people behind one address get in again within seconds after their node has died; see docs/operations.md.
 */
export const connectionBounds: ConnectionBounds = {
  perMember: 50,
  perAddress: 2_000,
  perSite: 4_000,
  begun: { perSecond: 50, burst: 2_000, end: 2_000 },
  entering: { total: 2_500, perAddress: 500, perSite: 1_000 },
  http: { total: 8_192, perAddress: 2_048, perSite: 4_096, unreadPerAddress: 64 * MiB, unreadTotal: 256 * MiB },
  allowance: defaultAllowance,
};

/** Longest access token that is looked at, in UTF-16 units. */
const maxToken = 8_192;
/**
 * Tokens that are looked at. Each costs a signature and, when its session was not seen lately, two reads of the store.
 */
const crowd = { atOnce: 256, waiting: 512 };
const boundless: RoomBounds = { ...connectionBounds.entering, perAddress: Number.POSITIVE_INFINITY, perSite: Number.POSITIVE_INFINITY };
/**
 * Decides who may connect: origin and address before anything is read, then the token. Counts connections of this node
 * from before they are made, so that what is decided while others wait holds. Of a crowd that comes at once a bounded
 * number is looked at, a bounded number waits, and the rest is told when to come back. No password is hashed on this
 * road.
 */
export class Admission {
  readonly #authenticator: Authenticator;
  readonly #limiter: Limiter;
  readonly #clock: Clock;
  readonly #origins: readonly string[];
  readonly #bounds: ConnectionBounds | null;
  readonly #addresses = new AddressCounts();
  readonly #entering: FairRoom<Passage>;
  /** Connections by member. */
  readonly #members = new Map<string, number>();
  /** By member and by address. */
  readonly #debts = new Debts();
  readonly #begun = new Debts();
  readonly #shedder: Shedder;
  readonly #telemetry: Telemetry;
  readonly #turnstile: Turnstile;
  /** Set while the node stops or stands apart: how long clients should stay away, in ms. */
  #refuseForMs: number | undefined;

  constructor(parts: {
    authenticator: Authenticator;
    limiter: Limiter;
    clock: Clock;
    /** Origins of other pages that may connect, such as `https://chat.example.org`. */
    origins: readonly string[];
    /** Null: none but on all connections that are not in yet. */
    bounds: ConnectionBounds | null;
    /**
     * Connections that are made but not in yet, when not as `bounds` say. One more is refused before it is made, which
     * costs less.
     */
    entering?: number | undefined;
    shedder: Shedder;
    telemetry: Telemetry;
    /** Ends a connection that was not in yet. */
    end: (passage: Passage) => void;
  }) {
    this.#authenticator = parts.authenticator;
    this.#limiter = parts.limiter;
    this.#clock = parts.clock;
    this.#origins = parts.origins;
    this.#bounds = parts.bounds;
    const { total, perAddress, perSite } = parts.bounds?.entering ?? boundless;
    this.#entering = new FairRoom({ total: parts.entering ?? total, perAddress, perSite }, (passage) => {
      this.#telemetry.boundsMet.inc({ bound: 'evicted' });
      parts.end(passage);
    });
    this.#shedder = parts.shedder;
    this.#telemetry = parts.telemetry;
    this.#turnstile = new Turnstile({ clock: parts.clock, bounds: crowd });
  }

  /** From now on nobody is let in. */
  close(retryAfterMs: number): void {
    this.#refuseForMs = retryAfterMs;
  }

  open(): void {
    this.#refuseForMs = undefined;
  }

  /** Why a new connection is refused, before it is made; or its passage, for which it is counted until `left`. */
  arrive(request: IncomingMessage, address: string): Passage | string {
    if (!originAllowed(request, this.#origins)) return 'This origin may not connect';
    const passage = new Passage(addressBlock(address));
    if (this.#bounds && !this.#addresses.admits(passage.block, this.#bounds)) {
      return this.#full('address', 'Too many connections from this address');
    }
    const now = this.#clock.monotonic();
    const paidOffAt = this.#bounds ? spend(this.#begun.of(passage.block), 1, now, this.#bounds.begun) : 0;
    if (this.#bounds && verdictOn(paidOffAt, now, this.#bounds.begun) !== 'within') {
      return this.#full('begun', 'Too many connections were begun from this address');
    }
    if (!this.#entering.enter(passage)) return this.#full('entering', 'Too many connections at once');
    this.#begun.note(passage.block, paidOffAt, now);
    this.#addresses.add(passage.block);
    this.#telemetry.entering.set(this.#entering.size);
    return passage;
  }

  /** A connection has ended, or was not made after all. */
  left(passage: Passage): void {
    if (passage.isOver) return;
    passage.isOver = true;
    this.#leaveReception(passage);
    this.#addresses.remove(passage.block);
    const { memberId } = passage;
    if (memberId === undefined) return;
    const count = (this.#members.get(memberId) ?? 1) - 1;
    if (count > 0) this.#members.set(memberId, count);
    else this.#members.delete(memberId);
    this.#debts.note(memberId, passage.paidOffAt, this.#clock.monotonic());
  }

  /**
   * Who it is; takes one of the member's places at once. Faults `unauthenticated`, `rate_limited` (too many wrong
   * tokens from the address, or the member's last connection was closed for what it sent), `overloaded` (too many at
   * once, or of one member), `unavailable` (stopping, or the connection had ended when its turn came).
   */
  async authenticate(auth: unknown, address: string, passage: Passage): Promise<Caller> {
    this.#demandOpen();
    this.#shedder.demand('connect');
    const caller = await this.#identify(auth, address, passage).catch(async (thrown: unknown) => {
      // Guessing tokens is counted as it is at the other door.
      if (thrown instanceof Fault && thrown.code === 'unauthenticated') await this.#limiter.spend('probe', { address });
      throw thrown;
    });
    // No wait from here on: what is looked at is what is taken.
    this.#demandOpen();
    if (passage.isOver) throw new Fault('unavailable');
    const { member_id } = caller;
    if (this.#bounds) this.#demandWithin(member_id, passage, this.#bounds);
    this.#members.set(member_id, (this.#members.get(member_id) ?? 0) + 1);
    passage.memberId = member_id;
    this.#leaveReception(passage);
    return caller;
  }

  async #identify(auth: unknown, address: string, passage: Passage): Promise<Caller> {
    const token = typeof auth === 'object' && auth !== null && 'token' in auth ? auth.token : undefined;
    if (typeof token !== 'string' || token === '' || token.length > maxToken) {
      throw new Fault('unauthenticated', 'Connect with a token');
    }
    return this.#turnstile.pass(() => {
      if (passage.isOver) throw new Fault('unavailable');
      return this.#authenticator.authenticate(token, { address, request_id: newId(this.#clock.now()) });
    });
  }

  #demandWithin(memberId: string, passage: Passage, { perMember, allowance }: ConnectionBounds): void {
    if ((this.#members.get(memberId) ?? 0) >= perMember) {
      this.#telemetry.boundsMet.inc({ bound: 'member' });
      throw new Fault('overloaded', 'Too many connections of one member', { retry_after_ms: 30_000 });
    }
    const now = this.#clock.monotonic();
    passage.paidOffAt = Math.max(passage.paidOffAt, this.#debts.of(memberId));
    if (verdictOn(passage.paidOffAt, now, allowance) === 'within') return;
    this.#telemetry.boundsMet.inc({ bound: 'frames' });
    const retry_after_ms = retryAfterMs(passage.paidOffAt, now, allowance);
    throw new Fault('rate_limited', 'Too much was sent on the last connection; wait a little', { retry_after_ms });
  }

  #leaveReception(passage: Passage): void {
    this.#entering.leave(passage);
    this.#telemetry.entering.set(this.#entering.size);
  }

  #full(bound: 'address' | 'begun' | 'entering', message: string): string {
    this.#telemetry.boundsMet.inc({ bound });
    return message;
  }

  #demandOpen(): void {
    if (this.#refuseForMs === undefined) return;
    const retry_after_ms = Math.round(this.#refuseForMs * (1 + chance()));
    throw new Fault('unavailable', 'This node takes nobody in', { retry_after_ms });
  }
}
