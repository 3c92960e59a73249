import type { OverrideRecord } from '../../../authority/overrides.js';
import { Fault } from '../../../kernel/errors.js';
import { withOverrides } from '../../../store/closing.js';
import type { OverridesChange, ThreadRecord, ThreadRepository } from '../../../store/contracts.js';

/**
 * Who is allowed or denied what in a thread, other than in its community; the people of a closed thread are among them. What must hold:
 * nothing is decided while it is not known what is stored. All overrides are one write of one document upon the version before it; one
 * whose outcome is not known is brought to its end before anybody is answered.
 */
export class ThreadOverrides {
  /** A write without an answer: it may still land. */
  #open: OverridesChange | undefined;

  constructor(
    private readonly threads: Pick<ThreadRepository, 'setOverrides' | 'byId'>,
    /** The thread as it was last read or written. */
    private readonly thread: () => ThreadRecord,
    /** They have changed; this is what is stored. */
    private readonly changed: (stored: Pick<ThreadRecord, 'overrides' | 'overrides_version' | 'scope_since'>) => void,
  ) {}

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /**
   * Durable when it resolves. Fault `timeout`: not known, until `settle`; `unavailable`: nothing was written, or somebody else has
   * written since it was read, and that is what counts now. `now` in ms.
   */
  async set(overrides: OverrideRecord[], now: number): Promise<void> {
    await this.settle();
    const before = this.thread();
    const change = withOverrides(before, overrides, now);
    try {
      if (await this.threads.setOverrides(before, change)) return this.changed(change);
    } catch (error) {
      if (Fault.from(error).code === 'timeout') this.#open = change;
      throw error;
    }
    await this.readAgain();
    throw new Fault('unavailable', 'Who may do what here has changed meanwhile', { retry_after_ms: 500 });
  }

  /**
   * Carried out once more: after that, the first write finds no place where it could land. Rejects when the store does not answer. Those
   * who look do it beside the turns, where a later write may come between.
   */
  async settle(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    await this.threads.setOverrides(this.thread(), open);
    await this.readAgain();
    if (this.#open === open) this.#open = undefined;
  }

  /**
   * An owner before may have written at a place that was free. What was read before a write that is known by now counts for nothing.
   * Rejects when the store does not answer.
   */
  async readAgain(): Promise<void> {
    const stored = await this.threads.byId(this.thread().id);
    if (!stored || (stored.overrides_version ?? 0) <= (this.thread().overrides_version ?? 0)) return;
    const { overrides, overrides_version, scope_since } = stored;
    this.changed({ overrides: overrides ?? [], ...(overrides_version && { overrides_version }), ...(scope_since && { scope_since }) });
  }
}
