import type { Timer } from '../../../kernel/clock.js';
import { bounds } from '../../../protocol/primitives.js';

/** Who is typing. A mark ends by itself after bounds.typingMs; repeating it within that time is shown only every few seconds. */
export class TypingMarks {
  readonly #marks = new Map<string, { timer: Timer; shownAt: number }>();

  constructor(
    private readonly show: (memberId: string, on: boolean) => void,
    private readonly after: (ms: number, memberId: string) => Timer,
    private readonly monotonic: () => number,
  ) {}

  start(memberId: string): void {
    const mark = this.#marks.get(memberId);
    mark?.timer.cancel();
    if (!mark && this.#marks.size >= marksLimit) return;
    const now = this.monotonic();
    const again = !mark || now - mark.shownAt >= bounds.typingMs / 4;
    this.#marks.set(memberId, { timer: this.after(bounds.typingMs, memberId), shownAt: again ? now : mark.shownAt });
    if (again) this.show(memberId, true);
  }

  stop(memberId: string): void {
    const mark = this.#marks.get(memberId);
    if (!mark) return;
    mark.timer.cancel();
    this.#marks.delete(memberId);
    this.show(memberId, false);
  }
}

/** More people typing in one thread are not shown. */
const marksLimit = 200;
