import { Fault } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Page, Session, SignedIn, Tokens } from '../../protocol/resources.js';
import type { RouteInput } from '../../protocol/routes.js';
import type { MemberRecord } from '../../store/contracts.js';
import { toSelf, toSession } from '../../store/resources.js';
import type { Passwords } from '../auth/passwords.js';
import type { Sessions } from '../auth/sessions.js';
import type { Caller } from '../caller.js';
import type { Origin } from '../origin.js';
import { cursors, limitOf, offsetCursor, type PageQuery } from './cursor.js';
import type { OperationDeps } from './deps.js';

/** One answer for an unknown name, a wrong password and a deactivated account, in one time. */
const wrongLogin = (): Fault => new Fault('unauthenticated', 'Name or password is wrong');

/** Making an account, signing in and out. */
export class AccountOperations {
  readonly #deps: OperationDeps;
  readonly #passwords: Passwords;
  readonly #sessions: Sessions;

  constructor(deps: OperationDeps, passwords: Passwords, sessions: Sessions) {
    this.#deps = deps;
    this.#passwords = passwords;
    this.#sessions = sessions;
  }

  /** Fault `conflict` names `username` or `email`. After a crash behind the insert the account is there: signing in works. */
  async register(origin: Origin, input: RouteInput<'register'>['body']): Promise<SignedIn> {
    const password_hash = await this.#passwords.hash(input.password);
    const now = this.#deps.clock.now();
    const member: MemberRecord = {
      id: newId(now),
      username: input.username,
      email: input.email,
      password_hash,
      full_name: input.full_name ?? null,
      avatar_url: null,
      bio: null,
      joined_at: now,
      is_active: true,
      presence: { state: 'offline', text: null, last_active_at: null, fresh_until: 0 },
    };
    await this.#deps.store.members.insert(member);
    return { ...(await this.#sessions.open(member.id, origin)), member: toSelf(member, [], now) };
  }

  async login(origin: Origin, input: RouteInput<'login'>['body']): Promise<SignedIn> {
    const member = await this.#deps.store.members.byLogin(input.login);
    const matches = await this.#passwords.matches(input.password, member?.password_hash ?? null);
    if (!member || !matches || !member.is_active) throw wrongLogin();
    const memberships = await this.#deps.store.memberships.listByMember(member.id);
    const communities = memberships.map((m) => m.community_id);
    return { ...(await this.#sessions.open(member.id, origin)), member: toSelf(member, communities, this.#deps.clock.now()) };
  }

  /** `arrivedAt` (ms): when the whole request was there. */
  async refresh(input: RouteInput<'refresh'>['body'], arrivedAt: number): Promise<Tokens> {
    return this.#sessions.refresh(input.refresh_token, arrivedAt);
  }

  async logout(caller: Caller): Promise<void> {
    await this.#sessions.end([caller.session_id], 'signed_out');
  }

  async listSessions(caller: Caller, query: PageQuery): Promise<Page<Session>> {
    const all = await this.#sessions.list(caller.member_id);
    const skip = cursors.offset.decode(query.cursor)?.skip ?? 0;
    const next = skip + limitOf(query);
    return {
      items: all.slice(skip, next).map((session) => toSession(session, caller.session_id)),
      next_cursor: next < all.length ? offsetCursor(next) : null,
    };
  }

  async endSession(caller: Caller, sessionId: string): Promise<void> {
    await this.#sessions.endOwn(caller.member_id, sessionId);
  }
}
