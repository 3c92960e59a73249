import { Fault } from '../../../kernel/errors.js';
import type { CommunityRecord, CommunityRepository } from '../../../store/contracts.js';

/**
 * Writes of one part of a community's record, each upon the version before it. What must hold: a write whose outcome is not known is
 * brought to its end before anything else is decided by that part. A crash leaves the part as it was or as it was to be.
 */
export class SettledWrites<C extends Partial<CommunityRecord>> {
  /** A write without an answer: it may still land. */
  #open: C | undefined;

  constructor(
    /** False, and nothing written, when the version before is not what is stored. */
    private readonly write: (id: string, change: C) => Promise<boolean>,
    private readonly communities: Pick<CommunityRepository, 'byId'>,
    /** The living community, as it was last read or written; throws when there is none. */
    private readonly community: () => CommunityRecord,
    /** It was written, or is known now; this is what is stored. */
    private readonly changed: (stored: CommunityRecord) => void,
  ) {}

  get open(): Readonly<C> | undefined {
    return this.#open;
  }

  /**
   * Durable when it resolves. `make` says what to write, and is asked when nothing is open; undefined: nothing. Fault `timeout`: not
   * known, until `settle`; `unavailable`: nothing was written, or somebody else has written since it was read, and that counts now.
   */
  async put(make: (before: CommunityRecord) => C | undefined, otherwise: string): Promise<void> {
    await this.settle();
    const before = this.community();
    const change = make(before);
    if (!change) return;
    try {
      if (await this.write(before.id, change)) return this.changed({ ...before, ...change });
    } catch (error) {
      if (Fault.from(error).code === 'timeout') this.#open = change;
      throw error;
    }
    this.#open = change;
    await this.settle();
    throw new Fault('unavailable', otherwise, { retry_after_ms: 500 });
  }

  /** Carried out once more: after that, the first write finds no place where it could land. Rejects when the store does not answer. */
  async settle(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    const { id } = this.community();
    await this.write(id, open);
    const stored = await this.communities.byId(id);
    this.#open = undefined;
    if (stored) this.changed(stored);
  }
}
