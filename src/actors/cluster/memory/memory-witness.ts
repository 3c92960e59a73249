import type { EpochWitness } from '../epoch-witness.js';

/** Outlives the memory backbone's `wipe`, as the store outlives Redis; one object is shared by all nodes of a test. */
export class MemoryWitness implements EpochWitness {
  /** While true it cannot be reached. */
  down = false;
  #highest = 0;

  async raise(epoch: number): Promise<number> {
    if (this.down) throw new Error('the witness is down');
    this.#highest = Math.max(this.#highest, epoch);
    return this.#highest;
  }
}
