import { tellCommunities } from '../../actors/domain/community/account-changes.js';
import { hasUntold, userAddress } from '../../actors/domain/user/messages.js';
import type { Auth } from '../../catalogue/auth.js';
import type { Caller } from '../../catalogue/caller.js';
import type { FeaturePorts, Ground } from '../../catalogue/feature-ports.js';
import type { AnswerOf, Given } from '../../catalogue/operation.js';
import type { Origin } from '../../catalogue/origin.js';
import { Fault } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { SignedIn, Tokens } from '../../protocol/resources.js';
import { communitiesOf } from '../../store/belonging.js';
import type { MemberRecord } from '../../store/contracts.js';
import { toSelf } from '../../store/resources.js';
import type { getSignUp, login, refresh, register } from './contract.js';

/** Until when a closed account may be opened again by its member; null for one that is open, or closed for good. */
const reopenUntil = (member: MemberRecord, now: number): number | null =>
  !member.is_active && member.reopen_until !== null && member.reopen_until > now ? member.reopen_until : null;

/** One answer for an unknown name, a wrong password and an account that is closed for good, in one time. */
const wrongLogin = (): Fault => new Fault('unauthenticated', 'Name or password is wrong');

/** Making an account, signing in and out. */
export class Accounts {
  readonly #deps: Ground;
  readonly #auth: Auth;

  constructor(ports: FeaturePorts) {
    this.#deps = ports;
    this.#auth = ports.auth;
  }

  get signUp(): AnswerOf<typeof getSignUp> {
    return { sign_up: this.#auth.rules.signUp };
  }

  /**
   * Fault `forbidden` while sign-up is closed and the caller is no administrator. Fault `conflict` names `username`, which everybody
   * sees. Nothing tells whether another has the e-mail address: see `holdEmail`. After a crash behind the insert the account is there,
   * and signing in by username works.
   */
  async register(origin: Origin, input: Given<typeof register>, caller: () => Caller | undefined): Promise<SignedIn> {
    if (this.#auth.rules.signUp === 'closed' && !caller()?.is_admin)
      throw new Fault('forbidden', 'Nobody can sign up here by themselves; ask an administrator for an account');
    const password_hash = await this.#auth.passwords.hash(input.password);
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
    const [tokens] = await Promise.all([this.#auth.sessions.open(member.id, origin), members.holdEmail(member.id)]);
    return this.#signedIn(member, tokens, []);
  }

  async login(origin: Origin, input: Given<typeof login>): Promise<SignedIn> {
    const member = await this.#known(input);
    const until = reopenUntil(member, this.#deps.clock.now());
    if (until !== null) {
      throw new Fault('forbidden', `This account is closed. It can be opened again until ${new Date(until).toISOString()}`);
    }
    return this.#open(member, origin);
  }

  /** Opens a closed account again and signs in; one that is open is only signed in to, so that a lost answer may be asked for again. */
  async reopen(origin: Origin, input: Given<typeof login>): Promise<SignedIn> {
    const { members } = this.#deps.store;
    const member = await this.#known(input);
    if (member.is_active) return this.#open(member, origin);
    if (await members.reopen(member.id, this.#deps.clock.now())) await tellCommunities(this.#deps.store, this.#deps.actors, member.id);
    // `openFor` looks whether it is open by now, by whichever call.
    return this.#open({ ...member, is_active: true }, origin);
  }

  /** By login and password; only who has given the right password hears that an account is closed. */
  async #known(input: Given<typeof login>): Promise<MemberRecord> {
    const now = this.#deps.clock.now();
    const member = await this.#auth.check.signIn(input, (found) => found.is_active || reopenUntil(found, now) !== null);
    if (!member) throw wrongLogin();
    return member;
  }

  /** `arrivedAt` (ms): when the whole request was there. */
  async refresh(origin: Origin, input: Given<typeof refresh>, arrivedAt: number): Promise<Tokens> {
    return this.#auth.sessions.refresh(input.refresh_token, origin, arrivedAt);
  }

  async logout(caller: Caller): Promise<void> {
    await this.#auth.sessions.end([caller.session_id], 'signed_out');
    this.#deps.actors.tell(userAddress(caller.member_id), hasUntold('session'));
  }

  async #open(member: MemberRecord, origin: Origin): Promise<SignedIn> {
    const communities = await communitiesOf(this.#deps.store, member.id);
    const tokens = await this.#auth.sessions.openFor(member, origin);
    if (!tokens) throw wrongLogin();
    return this.#signedIn(member, tokens, communities);
  }

  #signedIn(member: MemberRecord, tokens: Tokens, communities: string[]): SignedIn {
    this.#deps.actors.tell(userAddress(member.id), hasUntold('session'));
    return { ...tokens, device_token: this.#auth.devices.issue(member.id), member: toSelf(member, communities, this.#deps.clock.now()) };
  }
}
