import type { Clock, Timer } from './clock.js';

/** A typing mark ends by itself after so long; the protocol's `bounds.typingMs`, which a unit test holds equal. */
export const typingMs = 8_000;

/** Who is typing in one thread. Marks end by themselves, since the event that ends one may be lost. */
export class TypingMarks {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #timers = new Map<string, Timer>();
  #members: readonly string[] = [];

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Member ids, the longest typing first. The same array until it changes. */
  get members(): readonly string[] {
    return this.#members;
  }

  set(memberId: string): void {
    const known = this.#timers.get(memberId);
    known?.cancel();
    this.#timers.set(
      memberId,
      this.#clock.after(typingMs, () => this.end(memberId)),
    );
    if (!known) this.#tell();
  }

  end(memberId: string): void {
    this.#timers.get(memberId)?.cancel();
    if (this.#timers.delete(memberId)) this.#tell();
  }

  clear(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    if (this.#timers.size === 0) return;
    this.#timers.clear();
    this.#tell();
  }

  #tell(): void {
    this.#members = [...this.#timers.keys()];
    this.#changed();
  }
}
