import type { Permission } from '../../../authority/permissions.js';
import type { Clock } from '../../../kernel/clock.js';
import type { Logger } from '../../../kernel/logger.js';
import type { CommunityRecord, Store } from '../../../store/contracts.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { Slice } from '../slice.js';
import type { Access } from './messages.js';

/** A role that somebody gives to whom they let in. */
export interface RoleOf {
  role_id: string;
  given_by: string;
}

/** What a feature may do inside the turn of a community's actor. */
export interface CommunitySliceContext {
  readonly id: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: Store;
  /** Under which the node owns the community, for what is written. */
  readonly epoch: number;
  /** Where people reach the installation; null: nobody has said. */
  readonly publicUrl: string | null;
  /** What whoever holds a permission knows: see `CommunitySlice.ledger`. */
  ledger(permission: Permission): Pick<Ledger, 'commit' | 'items' | 'itemsOf'>;
  /** Runs in a turn, so many ms from now; not at all when the activation ends before. */
  after(ms: number, work: () => Promise<void>): void;
  /** The living community. Fault `not_found` when there is none. */
  community(): CommunityRecord;
  /** How somebody stands to it. */
  access(memberId: string): Promise<Access>;
  /**
   * Keeps one of the places that a member has among communities, for a minute. Fault `conflict`: there is none left.
   */
  keepPlace(memberId: string): Promise<void>;
  /**
   * Makes somebody a member whether or not they may see it by themselves; who is one already stays as they are. Durable
   * when it resolves. A role comes with the membership, in one write, when whoever gives it may do so now; else they
   * come in without it. Faults: `forbidden` (banned), `conflict` (in too many communities), `timeout` (unknown).
   */
  admit(memberId: string, role?: RoleOf): Promise<void>;
  /** Faults as of `give_role`, unless somebody may give a role to whoever comes in. */
  demandGiving(by: Access, roleId: string): Promise<void>;
}

/** What a feature adds to the actor of each community. */
export interface CommunitySlice extends Slice<CommunitySliceContext, Access> {
  /** It keeps items in the community's ledger for whoever holds this permission; nobody else hears or reads of them. */
  ledger?: Permission;
}
