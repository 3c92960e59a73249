import { AsyncResource } from 'node:async_hooks';
import { Fault } from '../../kernel/errors.js';
import type { ActorContext } from '../runtime/actor.js';

/** Under way at once. */
const most = 64;
/** Beyond those, so many wait, in the order of their coming; one more is refused. As many as a mailbox holds. */
const mostWaiting = 10_000;
/** Ms that those under way are waited for when the activation ends. */
const lastWordsMs = 1_000;

interface Waiting {
  begin(): void;
  refuse(): void;
}

/**
 * Answers that are worked out beside the turns, so that one who only looks does not wait for the store or another actor on behalf
 * of the one before. However many look, they never take a turn for it: whoever writes does not wait behind them. What must
 * hold: they change nothing, and allow for turns that come between.
 */
export class SideReads {
  readonly #underWay = new Set<Promise<void>>();
  readonly #waiting: Waiting[] = [];

  constructor(private readonly context: ActorContext) {}

  /** Answers the running turn's ask, later; call it in the turn. Throws Fault `overloaded` when too many wait. */
  answer<T>(work: () => Promise<T>): undefined {
    if (this.#waiting.length >= mostWaiting) throw new Fault('overloaded', 'Too many look at this', { retry_after_ms: 1_000 });
    const reply = this.context.defer<T>();
    const begin = (): void => {
      const done = work().then(
        (value) => reply.resolve(value),
        (error: unknown) => reply.reject(error),
      );
      this.#underWay.add(done);
      void done.then(() => {
        this.#underWay.delete(done);
        this.#waiting.shift()?.begin();
      });
    };
    if (this.#underWay.size < most) begin();
    else {
      const refuse = (): void => reply.reject(new Fault('unavailable', undefined, { retry_after_ms: 200 }));
      // Under its own asker's name, whoever it was that made room.
      this.#waiting.push({ begin: AsyncResource.bind(begin), refuse });
    }
  }

  /** In `deactivate`: who has asked gets an answer. */
  async end(): Promise<void> {
    for (const { refuse } of this.#waiting.splice(0)) refuse();
    if (this.#underWay.size === 0) return;
    await Promise.race([Promise.all(this.#underWay), this.context.clock.sleep(lastWordsMs)]);
  }
}
