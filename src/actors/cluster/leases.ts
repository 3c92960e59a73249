/** One incarnation of one node's process; a restarted or fenced one comes back under another instance name. */
export interface MemberRecord {
  readonly instance: string;
  /** Where clients reach it. */
  readonly url: string;
  /** Version of the protocol between nodes. */
  readonly protocol: number;
  /** Wall time in ms, for people. */
  readonly started: number;
}

export interface Renewal {
  /** False: the lease had ended before (or was never there), and was not renewed. */
  readonly alive: boolean;
  /** Changes with every change of members or claims. */
  readonly version: number;
}

/** Port: who is alive. The store's own clock decides when a lease ends. Every call may reject when the store cannot be reached. */
export interface Leases {
  /** A first lease, of `leaseMs` from now on. */
  join(member: MemberRecord, leaseMs: number): Promise<Renewal>;
  /** Extends a lease to `leaseMs` from now on. Removes members whose lease has ended, and tells everyone if there were any. */
  renew(instance: string, leaseMs: number): Promise<Renewal>;
  /** Ends the lease and frees all its slots in one step, and tells everyone. Harmless when it had ended before. */
  leave(instance: string): Promise<void>;
}
