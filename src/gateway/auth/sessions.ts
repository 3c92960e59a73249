import type { Origin } from '../../catalogue/origin.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Tokens } from '../../protocol/resources.js';
import type { MemberRecord, MemberRepository, SessionRecord, SessionRepository } from '../../store/contracts.js';
import type { SessionBroadcast } from '../ports.js';
import type { AccessTokens } from './access-tokens.js';
import { isLiving } from './living-session.js';
import { RefreshTokens } from './refresh-tokens.js';

const unauthenticated = (): Fault => new Fault('unauthenticated', 'The refresh token is not valid or no longer so');

/** A session is one device's sign-in: it lives while it is refreshed, and ends for all nodes at once. */
export class Sessions {
  readonly #store: { sessions: SessionRepository; members: MemberRepository };
  readonly #access: AccessTokens;
  readonly #refresh: RefreshTokens;
  readonly #broadcast: SessionBroadcast;
  readonly #clock: Clock;
  readonly #refreshMs: number;
  readonly #mostMs: number;

  constructor(options: {
    store: { sessions: SessionRepository; members: MemberRepository };
    access: AccessTokens;
    broadcast: SessionBroadcast;
    clock: Clock;
    /** The installation's. */
    secret: string;
    refreshDays: number;
    sessionDays: number;
  }) {
    this.#store = options.store;
    this.#access = options.access;
    this.#refresh = new RefreshTokens(options.store.sessions, options.clock, options.secret);
    this.#broadcast = options.broadcast;
    this.#clock = options.clock;
    this.#refreshMs = options.refreshDays * 86_400_000;
    this.#mostMs = options.sessionDays * 86_400_000;
  }

  /**
   * Opens one for a member whose password was right. Should that have been changed meanwhile, or the account closed, the session ends
   * again, since it was opened too late to be ended with the others.
   */
  async openFor(member: MemberRecord, origin: Origin): Promise<Tokens | null> {
    const tokens = await this.open(member.id, origin);
    const now = await this.#store.members.byId(member.id);
    if (now?.is_active && now.password_hash === member.password_hash) return tokens;
    await this.end([this.#access.verify(tokens.access_token).session_id], 'signed_out');
    return null;
  }

  async open(memberId: string, origin: Origin): Promise<Tokens> {
    const now = this.#clock.now();
    const session: SessionRecord = {
      id: newId(now),
      member_id: memberId,
      created_at: now,
      last_used_at: now,
      expires_at: now + Math.min(this.#refreshMs, this.#mostMs),
      ends_at: now + this.#mostMs,
      user_agent: origin.user_agent,
      ip: origin.address,
      ended_at: null,
    };
    await this.#store.sessions.insert(session);
    return this.#tokens(session, await this.#refresh.issue(session.id, session.expires_at));
  }

  /**
   * New tokens for a refresh token; `arrivedAt` (ms) is when the request was there. Fault `unauthenticated` when it is worth
   * nothing; when it had been used up before, its session ends with all its tokens, since one of the two users is a thief. What is
   * taken for one request sent twice is answered twice with the same refresh token.
   */
  async refresh(token: string, origin: Origin, arrivedAt: number): Promise<Tokens> {
    const record = await this.#refresh.find(token);
    if (await this.#refresh.wasReused(token, record, origin, arrivedAt)) {
      await this.end([record.session_id], 'refresh_reuse');
      throw unauthenticated();
    }
    const now = this.#clock.now();
    const session = await this.#store.sessions.byId(record.session_id);
    const member = session && (await this.#store.members.byId(session.member_id));
    if (!session || !isLiving(session, member, now)) throw unauthenticated();

    const expiresAt = Math.min(now + this.#refreshMs, session.ends_at);
    await this.#store.sessions.touch(session.id, now, expiresAt);
    const tokens = this.#tokens(session, await this.#refresh.succeed(token, session.id, expiresAt));
    await this.#refresh.use(record, origin, arrivedAt).catch((error: unknown) => {
      // Perhaps the old token is used up: who has to repeat the request with it would be taken for a thief.
      if (Fault.from(error).code !== 'timeout') throw error;
    });
    return tokens;
  }

  async list(memberId: string): Promise<SessionRecord[]> {
    return this.#store.sessions.listByMember(memberId, this.#clock.now());
  }

  /** Ends one of a member's own. Fault `not_found` for any other, living or not. */
  async endOwn(memberId: string, sessionId: string): Promise<void> {
    const session = await this.#store.sessions.byId(sessionId);
    if (session?.member_id !== memberId || session.ended_at !== null) throw new Fault('not_found', 'There is no such session');
    await this.end([sessionId], 'signed_out');
  }

  /** All of a member's sessions, but for one. */
  async endAllOf(memberId: string, reason: string, except: string | null = null): Promise<void> {
    const ended = await this.#store.sessions.endByMember(memberId, this.#clock.now(), except);
    if (ended.length > 0) this.#broadcast.ended(ended, reason);
  }

  /** Told to the nodes even when it had ended before: the telling may have been lost in a crash. */
  async end(sessionIds: readonly string[], reason: string): Promise<void> {
    for (const id of sessionIds) await this.#store.sessions.end(id, this.#clock.now());
    this.#broadcast.ended(sessionIds, reason);
  }

  #tokens(session: SessionRecord, refresh_token: string): Tokens {
    const { member_id, id: session_id, ends_at } = session;
    return { ...this.#access.sign({ member_id, session_id }, ends_at), refresh_token };
  }
}
