import type { Leases } from './leases.js';
import type { Mail } from './mail.js';
import type { Notices, SlotTable } from './slot-table.js';

/** What a cluster needs of the world: Redis behind it in production, one object in memory in tests and simulations. */
export interface Backbone {
  readonly leases: Leases;
  readonly slots: SlotTable;
  readonly notices: Notices;
  readonly mail: Mail;
  /** Ends all connections. Harmless when ended before. */
  close(): Promise<void>;
}
