/** One incarnation of one node's process; a restarted or fenced one comes back under another instance name. */
export interface MemberRecord {
  readonly instance: string;
  /** Where clients reach it. */
  readonly url: string;
  /** Versions of the protocol between nodes: the newest that it writes, the oldest that it reads (`protocol` when absent). */
  readonly protocol: number;
  readonly oldest?: number | undefined;
  /** It is on its way out: its slots are the others'. */
  readonly draining?: boolean | undefined;
  /** Wall time in ms, for people. */
  readonly started: number;
  /** It lives, but cannot do its work: it is given no slots while another member can. */
  readonly unfit?: boolean;
}

export interface Renewal {
  /** False: the lease had ended before (or was never there), and was not renewed. */
  readonly alive: boolean;
  /** Changes with every change of members or claims. */
  readonly version: number;
}

/** Port: who is alive. The store's own clock decides when a lease ends. Every call may reject when the store cannot be reached. */
export interface Leases {
  /** A first lease, of `leaseMs` from now on. Rejects with `VersionMismatch`, and changes nothing, when a member shares no version. */
  join(member: MemberRecord, leaseMs: number): Promise<Renewal>;
  /** Extends a lease to `leaseMs` from now on. Removes members whose lease has ended, and tells everyone if there were any. */
  renew(instance: string, leaseMs: number): Promise<Renewal>;
  /** Replaces the record of a member that has a lease, and tells everyone. False: it has none. */
  announce(member: MemberRecord): Promise<boolean>;
  /** Ends the lease and frees all its slots in one step, and tells everyone. Harmless when it had ended before. */
  leave(instance: string): Promise<void>;
}
