import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';
import { entriesAtMost } from '../../kernel/lazy-bound.js';
import type { MemberRepository, SessionRepository } from '../../store/contracts.js';
import type { SessionBroadcast } from '../ports.js';
import { isLiving } from './living-session.js';

const most = 100_000;

/**
 * Whether sessions are alive, without asking the store each time. What was read counts for `cacheMs`; a session that was
 * ended is dead here as soon as the broadcast arrives, also when an older answer of the store is still under way. Should a
 * broadcast be lost, `cacheMs` is the longest that a session outlives its end.
 */
export class SessionLiveness {
  readonly #known: LRUCache<string, { member_id: string | null }>;
  readonly #ended: LRUCache<string, true>;

  constructor(options: {
    store: { sessions: SessionRepository; members: MemberRepository };
    broadcast: SessionBroadcast;
    clock: Clock;
    /** How long an access token lives: after it an ended session needs no remembering. */
    tokenSeconds: number;
    cacheMs?: number;
  }) {
    const { store, clock } = options;
    // Never 0, which the cache takes for "no time"; and no reading kept between two calls.
    const time = { perf: { now: () => clock.monotonic() + 1 }, ttlResolution: 0 };
    this.#ended = new LRUCache({ ...entriesAtMost(most), ttl: options.tokenSeconds * 1000, ...time });
    this.#known = new LRUCache({
      ...entriesAtMost(most),
      ttl: options.cacheMs ?? 30_000,
      ...time,
      ignoreFetchAbort: true,
      fetchMethod: async (sessionId) => {
        const session = await store.sessions.byId(sessionId);
        const member = session && (await store.members.byId(session.member_id));
        return { member_id: session && isLiving(session, member, clock.now()) ? session.member_id : null };
      },
    });
    options.broadcast.onEnded((sessionIds) => {
      for (const id of sessionIds) this.#ended.set(id, true);
    });
  }

  /** Whether the session lives and belongs to the member. Rejects when the store does not answer. */
  async isAlive(sessionId: string, memberId: string): Promise<boolean> {
    const known = this.#ended.has(sessionId) ? undefined : await this.#known.fetch(sessionId);
    return known?.member_id === memberId && !this.#ended.has(sessionId);
  }
}
