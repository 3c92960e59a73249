import type { Timer } from '../../../kernel/clock.js';
import { bounds } from '../../../protocol/primitives.js';
import type { ActorContext, Message } from '../../runtime/actor.js';
import type { ThreadNews } from './news.js';

/** Who is typing. A mark ends by itself after bounds.typingMs; repeating it within that time is shown only every few seconds. */
export class TypingMarks {
  readonly #marks = new Map<string, { timer: Timer; shownAt: number }>();

  constructor(
    private readonly context: ActorContext,
    private readonly news: ThreadNews,
  ) {}

  start(memberId: string): void {
    const mark = this.#marks.get(memberId);
    mark?.timer.cancel();
    if (!mark && this.#marks.size >= marksLimit) return;
    const now = this.context.clock.monotonic();
    const again = !mark || now - mark.shownAt >= bounds.typingMs / 4;
    const timer = this.context.tellSelfAfter(bounds.typingMs, { type: 'typing_over', member_id: memberId } as Message);
    this.#marks.set(memberId, { timer, shownAt: again ? now : mark.shownAt });
    if (again) this.#show(memberId, 'typing');
  }

  stop(memberId: string): void {
    const mark = this.#marks.get(memberId);
    if (!mark) return;
    mark.timer.cancel();
    this.#marks.delete(memberId);
    this.#show(memberId, 'stop_typing');
  }

  #show(member_id: string, event: 'typing' | 'stop_typing'): void {
    this.news.publish(event, { thread_id: this.context.address.key, member_id }, { exceptMember: member_id });
  }
}

/** More people typing in one thread are not shown. */
const marksLimit = 200;
