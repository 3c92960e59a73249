import { has } from '../../../authority/bits.js';
import { nothingThere } from '../../../authority/decide.js';
import { held } from '../../../authority/held.js';
import type { Permission } from '../../../authority/permissions.js';
import { LiveLedger } from '../../ledger/live-ledger.js';
import type { TendLedger } from '../../ledger/messages.js';
import { permissionLedger, permissionLedgerOf } from '../../ledger/names.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import type { Access } from './messages.js';
import type { CommunitySlice } from './slice.js';

interface Parts {
  context: ActorContext;
  ports: DomainPorts;
  /** Those features bring this ledger along, in a turn. */
  bringAlong(permission: Permission): Promise<void>;
}

/**
 * Ledgers of a community for whoever holds a permission: what features keep there. Each begins when it is first asked
 * for, so a community whose ledgers nobody reads pays nothing. To everybody else there is none, at the cost of asking
 * how they stand.
 */
export class PermissionLedgers {
  readonly #parts: Parts;
  readonly #slices: readonly CommunitySlice[];
  readonly #living = new Map<Permission, LiveLedger>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#slices = parts.ports.slices?.community ?? [];
  }

  /** All that there may be, by their stored names. */
  get names(): string[] {
    const permissions = new Set(this.#slices.flatMap(({ ledger }) => ledger ?? []));
    return [...permissions].map((permission) => permissionLedger(this.#id, permission));
  }

  get #id(): string {
    return this.#parts.context.address.key;
  }

  of(permission: Permission): LiveLedger {
    let ledger = this.#living.get(permission);
    if (!ledger) {
      const { context, ports } = this.#parts;
      ledger = new LiveLedger({
        ...{ name: permissionLedger(this.#id, permission), context, ledgers: ports.store.ledgers },
        publish: (room, event, payload) => ports.fanout.publish(room, event, payload),
      });
      this.#living.set(permission, ledger);
    }
    return ledger;
  }

  /** For whoever may read it, with everything that there is to know. Fault `not_found`. */
  async readBy(asker: Access, name: string): Promise<LiveLedger> {
    const permission = this.#permissionOf(name);
    if (!permission || asker.member === null || !has(held(asker, this.#parts.context.clock.now()), permission)) throw nothingThere();
    return this.#broughtAlong(permission);
  }

  /** For nodes, whoever is in its room. */
  async headOf(name: string): Promise<number> {
    const permission = this.#permissionOf(name);
    if (!permission) throw nothingThere();
    const ledger = await this.#broughtAlong(permission);
    await ledger.begin();
    return ledger.head;
  }

  /** Undefined: it is another's. */
  turn(message: TendLedger): Promise<void> | undefined {
    return [...this.#living.values()].find(({ name }) => name === message.ledger)?.tend();
  }

  /** An owner before may have written, there and at what is copied. */
  async lookAgain(): Promise<void> {
    for (const [permission, ledger] of this.#living) {
      await ledger.lookAgain();
      await this.#parts.bringAlong(permission);
    }
  }

  #permissionOf(name: string): Permission | undefined {
    return this.names.includes(name) ? permissionLedgerOf(name)?.permission : undefined;
  }

  async #broughtAlong(permission: Permission): Promise<LiveLedger> {
    await this.#parts.bringAlong(permission);
    return this.of(permission);
  }
}
