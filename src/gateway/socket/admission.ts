import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import { addressBlock } from '../address.js';
import type { Caller } from '../caller.js';
import type { Authenticator } from '../ports.js';
import { originAllowed } from './origin.js';
import type { Roster } from './roster.js';

/** Connections of this node. */
export interface ConnectionBounds {
  perMember: number;
  perAddress: number;
}

/** Longest access token that is looked at, in UTF-16 units. */
const maxToken = 8_192;

/** Decides who may connect: origin and address before anything is read, then the token. Counts connections of this node. */
export class Admission {
  readonly #authenticator: Authenticator;
  readonly #roster: Roster;
  readonly #clock: Clock;
  readonly #origins: readonly string[];
  readonly #bounds: ConnectionBounds | null;
  readonly #addresses = new Map<string, number>();
  /** Set while the node stops: until when clients should stay away, in ms. */
  #refuseForMs: number | undefined;

  constructor(parts: {
    authenticator: Authenticator;
    roster: Roster;
    clock: Clock;
    /** Origins of other pages that may connect, such as `https://chat.example.org`. */
    origins: readonly string[];
    /** Null: no bounds. */
    bounds: ConnectionBounds | null;
  }) {
    this.#authenticator = parts.authenticator;
    this.#roster = parts.roster;
    this.#clock = parts.clock;
    this.#origins = parts.origins;
    this.#bounds = parts.bounds;
  }

  /** From now on nobody is let in. */
  close(retryAfterMs: number): void {
    this.#refuseForMs = retryAfterMs;
  }

  /** Why a new connection is refused, before it is made; undefined when it is not. */
  refusal(request: IncomingMessage, address: string): string | undefined {
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

  /** Who it is. Faults `unauthenticated`, `overloaded` (too many connections of one member), `unavailable` (stopping). */
  async authenticate(auth: unknown, address: string): Promise<Caller> {
    this.#demandOpen();
    const token = typeof auth === 'object' && auth !== null && 'token' in auth ? auth.token : undefined;
    if (typeof token !== 'string' || token === '' || token.length > maxToken) {
      throw new Fault('unauthenticated', 'Connect with auth: { token }');
    }
    const caller = await this.#authenticator.authenticate(token, { address, request_id: newId(this.#clock.now()) });
    this.#demandOpen();
    if (this.#bounds && this.#roster.countOfMember(caller.member_id) >= this.#bounds.perMember) {
      throw new Fault('overloaded', 'Too many connections of one member', { retry_after_ms: 30_000 });
    }
    return caller;
  }

  #demandOpen(): void {
    if (this.#refuseForMs === undefined) return;
    throw new Fault('unavailable', 'This node is stopping', { retry_after_ms: this.#refuseForMs });
  }
}
