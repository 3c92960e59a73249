import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { entriesAtMost } from '../../kernel/lazy-bound.js';

/** Of these members those who may view a thread; no answer is older than `access_rev`. */
export type AskAudience = (
  threadId: string,
  members: string[],
  timeoutMs: number,
) => Promise<{ members: readonly string[]; access_rev: number }>;

interface Told {
  may: boolean;
  /** Monotonic ms. */
  until: number;
}
interface Audience {
  readonly communityId: string;
  readonly told: Map<string, Told>;
  /** Older answers do not count. */
  leastRev: number;
  /** Grows whenever something is forgotten: what was asked before does not count. */
  turn: number;
  asking: Promise<void> | undefined;
}

const freshMs = 10_000;
/**
 * Who may not is not asked about again so soon: it harms nobody. Most of those who hear the heads of a community are that to its closed
 * threads, and whoever may from now on is told of by a recheck.
 */
const refusedMs = 60_000;
const mostThreads = 5_000;
/** Of one thread; as many as a node has room for. */
const mostMembers = 50_000;
const askMs = 3_000;
const againMs = 200;

/**
 * Who of the members that are connected here may view which closed threads, as the threads' actors told within the last ten
 * seconds; of who may not, within the last minute. Nothing is known of threads that are open to their communities: nobody asks about them.
 */
export class Audiences {
  readonly #clock: Clock;
  readonly #known: LRUCache<string, Audience>;
  #ask: AskAudience = () => Promise.reject(new Fault('unavailable'));

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#known = new LRUCache(entriesAtMost(mostThreads));
  }

  answeredBy(ask: AskAudience): void {
    this.#ask = ask;
  }

  /** Undefined: it is not known (any more). */
  may(threadId: string, memberId: string): boolean | undefined {
    const told = this.#known.get(threadId)?.told.get(memberId);
    return told && told.until > this.#clock.monotonic() ? told.may : undefined;
  }

  /** Whoever could view a thread when that was told last, however long ago. */
  viewers(threadId: string): string[] {
    const told = this.#known.get(threadId)?.told ?? [];
    return [...told].filter(([, { may }]) => may).map(([memberId]) => memberId);
  }

  /** Answers that were given, or asked for, until now do not count any more; nor do older ones than `accessRev`. */
  forget(threadId: string, communityId: string, accessRev: number, memberId?: string): void {
    this.#forget(this.#of(threadId, communityId), accessRev, memberId);
  }

  /** The same of all threads of a community. */
  forgetAll(communityId: string, accessRev: number, memberId?: string): void {
    for (const audience of this.#known.values()) if (audience.communityId === communityId) this.#forget(audience, accessRev, memberId);
  }

  /**
   * Asks until it is known of each of these members, at most `ms`; `members` is called anew after each answer. False when something is
   * unknown at the end. Never rejects. A thread that is not there (any more) is viewed by nobody.
   */
  async learn(threadId: string, communityId: string, members: () => Iterable<string>, ms: number): Promise<boolean> {
    const end = this.#clock.monotonic() + ms;
    for (;;) {
      const unknown = this.#unknown(threadId, members());
      if (unknown.length === 0) return true;
      const left = end - this.#clock.monotonic();
      if (left <= 0) return false;
      const audience = this.#of(threadId, communityId);
      // Two rooms of this node may want to know of the same members.
      const asking = audience.asking ?? this.#learnOnce(threadId, audience, unknown, left);
      await this.#within(asking, left);
    }
  }

  #unknown(threadId: string, members: Iterable<string>): string[] {
    const unknown = new Set<string>();
    for (const member of members) if (this.may(threadId, member) === undefined) unknown.add(member);
    return [...unknown];
  }

  #learnOnce(threadId: string, audience: Audience, members: string[], ms: number): Promise<void> {
    const asking = this.#answer(threadId, audience, members, Math.min(askMs, ms)).then(() => {
      if (audience.asking === asking) audience.asking = undefined;
    });
    audience.asking = asking;
    return asking;
  }

  async #answer(threadId: string, audience: Audience, members: string[], ms: number): Promise<void> {
    const { turn } = audience;
    const asked = this.#clock.monotonic();
    const answer = await this.#ask(threadId, members, ms).catch((error: unknown) =>
      Fault.from(error).code === 'not_found' ? { members: [], access_rev: Number.POSITIVE_INFINITY } : undefined,
    );
    if (answer && audience.turn !== turn) return;
    if (!answer || answer.access_rev < audience.leastRev) {
      await this.#clock.sleep(againMs);
      return;
    }
    const may = new Set(answer.members);
    const { told } = audience;
    for (const member of members) {
      told.delete(member);
      told.set(member, { may: may.has(member), until: asked + (may.has(member) ? freshMs : refusedMs) });
    }
    for (const oldest of told.keys()) {
      if (told.size <= mostMembers) break;
      told.delete(oldest);
    }
  }

  /** A promise that may take longer than anybody waits for it. */
  async #within(promise: Promise<void>, ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(ms, resolve);
      void promise.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #of(threadId: string, communityId: string): Audience {
    let audience = this.#known.get(threadId);
    if (!audience) {
      audience = { communityId, told: new Map(), leastRev: 0, turn: 0, asking: undefined };
      this.#known.set(threadId, audience);
    }
    return audience;
  }

  #forget(audience: Audience, accessRev: number, memberId: string | undefined): void {
    audience.turn++;
    audience.asking = undefined;
    audience.leastRev = Math.max(audience.leastRev, accessRev);
    for (const [member, told] of audience.told) if (memberId === undefined || member === memberId) told.until = 0;
  }
}
