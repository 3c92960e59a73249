import type { ActorContext } from '../runtime/actor.js';

/** At once; one more is worked out in its turn, so that what follows waits in the mailbox, which is bounded. */
const most = 64;
/** Ms that those under way are waited for when the activation ends. */
const lastWordsMs = 1_000;

/**
 * Answers that are worked out beside the turns, so that one who only looks does not wait for the store or another actor on behalf
 * of the one before. What must hold: they change nothing, and allow for turns that come between.
 */
export class SideReads {
  readonly #underWay = new Set<Promise<void>>();

  constructor(private readonly context: ActorContext) {}

  /** Answers the running turn's ask; call it in the turn, and return what it returns. */
  answer<T>(work: () => Promise<T>): Promise<T> | undefined {
    if (this.#underWay.size >= most) return work();
    const reply = this.context.defer<T>();
    const done = work().then(
      (value) => reply.resolve(value),
      (error: unknown) => reply.reject(error),
    );
    this.#underWay.add(done);
    void done.then(() => this.#underWay.delete(done));
    return undefined;
  }

  /** In `deactivate`: who has asked gets an answer. */
  async end(): Promise<void> {
    if (this.#underWay.size === 0) return;
    await Promise.race([Promise.all(this.#underWay), this.context.clock.sleep(lastWordsMs)]);
  }
}
