export interface EpochRepository {
  /** Keeps the highest epoch ever shown and answers it. What Redis may forget, this remembers. */
  raise(epoch: number): Promise<number>;
}
