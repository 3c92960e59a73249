import { tellCommunities } from '../../actors/domain/community/account-changes.js';
import type { Caller } from '../../catalogue/caller.js';
import type { Origin } from '../../catalogue/origin.js';
import { Fault } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { SignedIn, Tokens } from '../../protocol/resources.js';
import type { RouteAnswer, RouteInput } from '../../protocol/routes.js';
import type { MemberRecord } from '../../store/contracts.js';
import { toSelf } from '../../store/resources.js';
import type { DeviceTokens } from '../auth/device-tokens.js';
import type { PasswordCheck } from '../auth/password-check.js';
import type { Passwords } from '../auth/passwords.js';
import type { Sessions } from '../auth/sessions.js';
import { type AccountRules, reopenUntil } from './account-rules.js';
import { communitiesOf } from './belonging.js';
import type { OperationDeps } from './deps.js';

/** One answer for an unknown name, a wrong password and an account that is closed for good, in one time. */
const wrongLogin = (): Fault => new Fault('unauthenticated', 'Name or password is wrong');

export interface AccountParts {
  passwords: Passwords;
  check: PasswordCheck;
  sessions: Sessions;
  devices: DeviceTokens;
  rules: AccountRules;
}

/** Making an account, signing in and out. */
export class AccountOperations {
  readonly #deps: OperationDeps;
  readonly #passwords: Passwords;
  readonly #check: PasswordCheck;
  readonly #sessions: Sessions;
  readonly #devices: DeviceTokens;
  readonly #rules: AccountRules;

  constructor(deps: OperationDeps, parts: AccountParts) {
    this.#deps = deps;
    this.#passwords = parts.passwords;
    this.#check = parts.check;
    this.#sessions = parts.sessions;
    this.#devices = parts.devices;
    this.#rules = parts.rules;
  }

  get signUp(): RouteAnswer<'getSignUp'> {
    return { sign_up: this.#rules.signUp };
  }

  /**
   * Fault `forbidden` while sign-up is closed and the caller is no administrator. Fault `conflict` names `username`, which everybody sees. Nothing tells whether another has the e-mail address: see `holdEmail`. After a
   * crash behind the insert the account is there, and signing in by username works.
   */
  async register(origin: Origin, input: RouteInput<'register'>['body'], caller: () => Caller | undefined): Promise<SignedIn> {
    if (this.#rules.signUp === 'closed' && !caller()?.is_admin)
      throw new Fault('forbidden', 'Nobody can sign up here by themselves; ask an administrator for an account');
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
      reopen_until: null,
      signed_out: null,
      presence: { state: 'offline', text: null, last_active_at: null, fresh_until: 0 },
    };
    const { members } = this.#deps.store;
    await members.insert(member);
    // Beside other writes, so that the time does not tell whether the address could be held.
    const [tokens] = await Promise.all([this.#sessions.open(member.id, origin), members.holdEmail(member.id)]);
    return this.#signedIn(member, tokens, []);
  }

  async login(origin: Origin, input: RouteInput<'login'>['body']): Promise<SignedIn> {
    const member = await this.#known(input);
    const until = reopenUntil(member, this.#deps.clock.now());
    if (until !== null) {
      throw new Fault('forbidden', `This account is closed. It can be opened again until ${new Date(until).toISOString()}`);
    }
    return this.#open(member, origin);
  }

  /** Opens a closed account again and signs in; one that is open is only signed in to, so that a lost answer may be asked for again. */
  async reopen(origin: Origin, input: RouteInput<'reopenAccount'>['body']): Promise<SignedIn> {
    const { members } = this.#deps.store;
    const member = await this.#known(input);
    if (member.is_active) return this.#open(member, origin);
    if (await members.reopen(member.id, this.#deps.clock.now())) await tellCommunities(this.#deps.store, this.#deps.actors, member.id);
    // `openFor` looks whether it is open by now, by whichever call.
    return this.#open({ ...member, is_active: true }, origin);
  }

  /** By login and password; only who has given the right password hears that an account is closed. */
  async #known(input: RouteInput<'login'>['body']): Promise<MemberRecord> {
    const now = this.#deps.clock.now();
    const member = await this.#check.signIn(input, (found) => found.is_active || reopenUntil(found, now) !== null);
    if (!member) throw wrongLogin();
    return member;
  }

  /** `arrivedAt` (ms): when the whole request was there. */
  async refresh(origin: Origin, input: RouteInput<'refresh'>['body'], arrivedAt: number): Promise<Tokens> {
    return this.#sessions.refresh(input.refresh_token, origin, arrivedAt);
  }

  async logout(caller: Caller): Promise<void> {
    await this.#sessions.end([caller.session_id], 'signed_out');
  }

  async #open(member: MemberRecord, origin: Origin): Promise<SignedIn> {
    const communities = await communitiesOf(this.#deps.store, member.id);
    const tokens = await this.#sessions.openFor(member, origin);
    if (!tokens) throw wrongLogin();
    return this.#signedIn(member, tokens, communities);
  }

  #signedIn(member: MemberRecord, tokens: Tokens, communities: string[]): SignedIn {
    return { ...tokens, device_token: this.#devices.issue(member.id), member: toSelf(member, communities, this.#deps.clock.now()) };
  }
}
