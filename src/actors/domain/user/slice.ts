import type { Clock } from '../../../kernel/clock.js';
import type { Logger } from '../../../kernel/logger.js';
import type { Store } from '../../../store/contracts.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { Slice } from '../slice.js';

/** What a feature may do inside the turn of a member's actor. */
export interface MemberSliceContext {
  readonly id: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: Store;
  /** What the member's devices know: the ledger `me`. */
  readonly ledger: Pick<Ledger, 'commit' | 'item' | 'items' | 'projected'>;
  /**
   * So long what changes often is gathered for one commit, ms: less where more than one device is connected, or may be.
   */
  gatherMs(): number;
  /** Runs in a turn, so many ms from now; not at all when the activation ends before. */
  after(ms: number, work: () => Promise<void>): void;
}

/** What a feature adds to the actor of each member. Who asks is the member. */
export type MemberSlice = Slice<MemberSliceContext, string>;
