/** More changes than one activation makes. */
const perEpoch = 1_000_000;

/**
 * Numbers what changes how members stand in a place: of two words about it the one with the higher number is the later one. An owner's
 * epoch comes first, so it grows over takeovers and costs no write.
 */
export class AccessRev {
  readonly #epoch: number;
  #count = 0;

  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  get now(): number {
    return this.#epoch * perEpoch + this.#count;
  }

  grow(): number {
    if (this.#count < perEpoch - 1) this.#count += 1;
    return this.now;
  }
}
