/**
 * Port: remembers the highest epoch ever claimed somewhere that outlives Redis. Without it an emptied Redis would hand out old
 * epochs again, and what two owners write could no longer be put in order.
 */
export interface EpochWitness {
  /** Stores the larger of this and what is stored; answers what is stored then. Rejects when it cannot be known. */
  raise(epoch: number): Promise<number>;
}
