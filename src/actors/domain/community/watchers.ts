import type { ActorContext, Message } from '../../runtime/actor.js';
import { threadAddress } from '../thread/messages.js';

const watchMs = 60_000;
const limit = 50_000;

/** Threads that asked lately how a member stands, and so hear when that changes. Bounded: who is forgotten asks anew in time. */
export class Watchers {
  readonly #until = new Map<string, number>();

  constructor(private readonly context: ActorContext) {}

  add(threadId: string): void {
    this.#until.delete(threadId);
    this.#until.set(threadId, this.context.clock.monotonic() + watchMs);
    if (this.#until.size > limit) this.#until.delete(this.#until.keys().next().value as string);
  }

  tell(message: Message): void {
    const now = this.context.clock.monotonic();
    for (const [threadId, until] of this.#until) {
      if (until < now) this.#until.delete(threadId);
      else this.context.tell(threadAddress(threadId), message);
    }
  }
}
