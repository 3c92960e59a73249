import { Fault } from '../../kernel/errors.js';
import { parseRequest } from '../../protocol/problem.js';
import type { FeatureCommand } from './community/messages.js';
import type { LivingSlice, Slice } from './slice.js';

/** What features have added to one actor: each comes to life with the first command that is for it. */
export class Slices<C, B, S extends Slice<C, B> = Slice<C, B>> {
  readonly #slices: readonly S[];
  readonly #context: C;
  readonly #living = new Map<string, LivingSlice<B>>();
  readonly #loaded = new Set<string>();

  constructor(slices: readonly S[], context: C) {
    this.#slices = slices;
    this.#context = context;
  }

  /** Whether there is any that could owe something. */
  get wakes(): boolean {
    return this.#slices.length > 0;
  }

  /**
   * Fault `validation_failed` for what no feature of this release knows: an ask of another release must not end the
   * activation.
   */
  async carryOut(by: B, { feature, command, input }: FeatureCommand): Promise<unknown> {
    const slice = this.#slices.find(({ name }) => name === feature);
    const living = slice && this.#comeToLife(slice);
    const found = living && Object.hasOwn(living.commands, command) ? living.commands[command] : undefined;
    if (!living || !found) throw new Fault('validation_failed', 'No such command is known here');
    const parsed = parseRequest(found.input, input, 'command');
    await this.#load(slice, living);
    return (await found.run(by, parsed)) ?? null;
  }

  /** These bring their ledgers along. */
  async bringAlong(isMeant: (slice: S) => boolean): Promise<void> {
    for (const slice of this.#slices.filter(isMeant)) {
      const living = this.#comeToLife(slice);
      await this.#load(slice, living);
      await living.bringAlong?.();
    }
  }

  /**
   * Each finishes what is owed; one that fails keeps no other from it. Rejects with the first failure, when all have
   * tried.
   */
  async wake(): Promise<void> {
    const failures: unknown[] = [];
    for (const slice of this.#slices)
      await this.#comeToLife(slice)
        .wake?.()
        .catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  /** Each writes what waits. Rejects with the first failure, when all have tried. */
  async flush(): Promise<void> {
    const flushed = await Promise.allSettled([...this.#living.values()].map((living) => living.flush?.()));
    for (const one of flushed) if (one.status === 'rejected') throw one.reason;
  }

  /** What was read is read anew before it is used again. */
  forget(): void {
    this.#loaded.clear();
  }

  async #load({ name }: Slice<C, B>, living: LivingSlice<B>): Promise<void> {
    if (this.#loaded.has(name)) return;
    await living.load?.();
    this.#loaded.add(name);
  }

  #comeToLife(slice: Slice<C, B>): LivingSlice<B> {
    let living = this.#living.get(slice.name);
    if (!living) {
      living = slice.create(this.#context);
      this.#living.set(slice.name, living);
    }
    return living;
  }
}
