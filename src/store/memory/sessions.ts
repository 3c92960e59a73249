import type { Clock } from '../../kernel/clock.js';
import type { RefreshTokenRecord, SessionRecord, SessionRepository, Untold } from '../contracts.js';
import { ascending, behind, copiesOf, copyOrNull, patched } from './order.js';
import { MemoryUntold } from './untold.js';

const mostListed = 200;

/** What has expired goes when the next one is inserted. */
export class MemorySessions implements SessionRepository {
  readonly #clock: Clock;
  readonly #sessions = new Map<string, SessionRecord>();
  readonly #tokens = new Map<string, RefreshTokenRecord>();
  readonly #untold: MemoryUntold<SessionRecord>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#untold = new MemoryUntold(clock, (_memberId, id) => this.#sessions.get(id));
  }

  async insert(session: SessionRecord): Promise<void> {
    this.#removeExpired(this.#sessions);
    if (this.#sessions.has(session.id)) return;
    this.#sessions.set(session.id, structuredClone(session));
    this.#untold.mark(session.member_id, session.id);
  }

  async byId(id: string): Promise<SessionRecord | null> {
    return copyOrNull(this.#sessions.get(id));
  }

  async byIds(ids: readonly string[]): Promise<SessionRecord[]> {
    return copiesOf(this.#sessions, ids);
  }

  async listByMember(memberId: string, now: number): Promise<SessionRecord[]> {
    return behind(
      this.#sessions.values(),
      (a, b) => b.last_used_at - a.last_used_at || ascending(b.id, a.id),
      (session) => session.member_id === memberId && session.ended_at === null && session.expires_at > now,
      mostListed,
    );
  }

  async touch(id: string, at: number, expiresAt: number): Promise<void> {
    const session = this.#sessions.get(id);
    if (!session || session.ended_at !== null) return;
    session.last_used_at = Math.max(session.last_used_at, at);
    session.expires_at = Math.max(session.expires_at, expiresAt);
  }

  async end(id: string, at: number): Promise<boolean> {
    if (this.#sessions.get(id)?.ended_at !== null) return false;
    const ended = patched(this.#sessions, id, { ended_at: at });
    if (ended) this.#untold.mark(ended.member_id, id);
    return ended !== null;
  }

  async endByMember(memberId: string, at: number, except: string | null = null): Promise<string[]> {
    const living = [...this.#sessions.values()].filter(
      (session) => session.member_id === memberId && session.ended_at === null && session.id !== except,
    );
    for (const session of living) {
      session.ended_at = at;
      this.#untold.mark(memberId, session.id);
    }
    return living.map((session) => session.id);
  }

  untold(memberId: string, limit: number): Promise<Untold<SessionRecord>[]> {
    return this.#untold.untold(memberId, limit);
  }

  told(memberId: string, those: readonly Untold<SessionRecord>[]): Promise<void> {
    return this.#untold.told(memberId, those);
  }

  untoldMembers(before: number, after: string | undefined, limit: number): Promise<string[] | null> {
    return this.#untold.untoldMembers(before, after, limit);
  }

  async insertToken(token: RefreshTokenRecord): Promise<void> {
    this.#removeExpired(this.#tokens);
    if (!this.#tokens.has(token.hash)) this.#tokens.set(token.hash, structuredClone(token));
  }

  async token(hash: string): Promise<RefreshTokenRecord | null> {
    return copyOrNull(this.#tokens.get(hash));
  }

  async useToken(hash: string, at: number, by: string): Promise<boolean> {
    const token = this.#tokens.get(hash);
    if (!token || token.used_at !== null) return false;
    token.used_at = at;
    token.used_by = by;
    return true;
  }

  #removeExpired(records: Map<string, { expires_at: number }>): void {
    const now = this.#clock.now();
    for (const [key, { expires_at }] of records) if (expires_at <= now) records.delete(key);
  }
}
