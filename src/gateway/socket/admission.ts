import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import { addressBlock } from '../address.js';
import type { Caller } from '../caller.js';
import { chance } from '../limits/chance.js';
import { Turnstile } from '../limits/turnstile.js';
import type { Authenticator, Shedder } from '../ports.js';
import { originAllowed } from './origin.js';
import type { Roster } from './roster.js';

/** Connections of this node. */
export interface ConnectionBounds {
  perMember: number;
  perAddress: number;
}

/** Longest access token that is looked at, in UTF-16 units. */
const maxToken = 8_192;
/** Tokens that are looked at. Each costs a signature and, when its session was not seen lately, two reads of the store. */
const crowd = { atOnce: 256, waiting: 512 };
/** More than one address may have, so that none can shut the others out. */
const defaultEntering = 2_500;

/**
 * Decides who may connect: origin and address before anything is read, then the token. Counts connections of this node. Of a
 * crowd that comes at once a bounded number is looked at, a bounded number waits, and the rest is told when to come back. No
 * password is hashed on this road.
 */
export class Admission {
  readonly #authenticator: Authenticator;
  readonly #roster: Roster;
  readonly #clock: Clock;
  readonly #origins: readonly string[];
  readonly #bounds: ConnectionBounds | null;
  readonly #addresses = new Map<string, number>();
  readonly #entering: number;
  readonly #shedder: Shedder;
  readonly #turnstile: Turnstile;
  /** Set while the node stops or stands apart: how long clients should stay away, in ms. */
  #refuseForMs: number | undefined;

  constructor(parts: {
    authenticator: Authenticator;
    roster: Roster;
    clock: Clock;
    /** Origins of other pages that may connect, such as `https://chat.example.org`. */
    origins: readonly string[];
    /** Null: no bounds. */
    bounds: ConnectionBounds | null;
    /** Connections that are made but not in yet. One more is refused before it is made, which costs less. */
    entering?: number | undefined;
    shedder: Shedder;
  }) {
    this.#authenticator = parts.authenticator;
    this.#roster = parts.roster;
    this.#clock = parts.clock;
    this.#origins = parts.origins;
    this.#bounds = parts.bounds;
    this.#entering = parts.entering ?? defaultEntering;
    this.#shedder = parts.shedder;
    this.#turnstile = new Turnstile({ clock: parts.clock, bounds: crowd });
  }

  /** From now on nobody is let in. */
  close(retryAfterMs: number): void {
    this.#refuseForMs = retryAfterMs;
  }

  open(): void {
    this.#refuseForMs = undefined;
  }

  /** Why a new connection is refused, before it is made; undefined when it is not. `entering`: made, but not in yet. */
  refusal(request: IncomingMessage, address: string, entering: number): string | undefined {
    if (entering >= this.#entering) return 'Too many connections at once';
    if (!originAllowed(request, this.#origins)) return 'This origin may not connect';
    if (this.#bounds && (this.#addresses.get(addressBlock(address)) ?? 0) >= this.#bounds.perAddress)
      return 'Too many connections from this address';
    return undefined;
  }

  /** Counts a connection of an address; call what it answers when the connection ends. */
  connected(address: string): () => void {
    const block = addressBlock(address);
    this.#addresses.set(block, (this.#addresses.get(block) ?? 0) + 1);
    return () => {
      const left = (this.#addresses.get(block) ?? 1) - 1;
      if (left > 0) this.#addresses.set(block, left);
      else this.#addresses.delete(block);
    };
  }

  /**
   * Who it is. Faults `unauthenticated`, `overloaded` (too many at once, or of one member), `unavailable` (stopping, or `isOver`
   * said that the connection had ended when its turn came).
   */
  async authenticate(auth: unknown, address: string, isOver: () => boolean = () => false): Promise<Caller> {
    this.#demandOpen();
    this.#shedder.demand('connect');
    const token = typeof auth === 'object' && auth !== null && 'token' in auth ? auth.token : undefined;
    if (typeof token !== 'string' || token === '' || token.length > maxToken) {
      throw new Fault('unauthenticated', 'Connect with auth: { token }');
    }
    const caller = await this.#turnstile.pass(() => {
      if (isOver()) throw new Fault('unavailable');
      return this.#authenticator.authenticate(token, { address, request_id: newId(this.#clock.now()) });
    });
    this.#demandOpen();
    if (this.#bounds && this.#roster.countOfMember(caller.member_id) >= this.#bounds.perMember) {
      throw new Fault('overloaded', 'Too many connections of one member', { retry_after_ms: 30_000 });
    }
    return caller;
  }

  #demandOpen(): void {
    if (this.#refuseForMs === undefined) return;
    const retry_after_ms = Math.round(this.#refuseForMs * (1 + chance()));
    throw new Fault('unavailable', 'This node takes nobody in', { retry_after_ms });
  }
}
