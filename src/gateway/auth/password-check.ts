import { createHash } from 'node:crypto';
import type { Caller } from '../../catalogue/caller.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { MemberRecord, Store } from '../../store/contracts.js';
import { fold } from '../../text/folding.js';
import type { Guesses, Limiter } from '../ports.js';
import type { DeviceTokens } from './device-tokens.js';
import type { Passwords } from './passwords.js';

/** So long after a sign-in by password it stands for the password. A refresh does not begin it anew. */
export const freshMs = 5 * 60_000;

/** By its hash: Redis is to hold no names and addresses, known or not. */
const keyOfLogin = (login: string): string => `login:${createHash('sha256').update(fold(login)).digest('base64url')}`;

/** Not `unauthenticated`, upon which a client would give up its tokens: the caller is known, and lacks the password. */
const asksForPassword = (message: string, detail: string): Fault =>
  new Fault('forbidden', detail, { errors: [{ path: 'password', message }] });

/**
 * The one place where a password is looked at. Every look is counted before it is made: at sign-in against the login as the store folds
 * it, whether or not there is such a member, or against the device where that is known; later against the session. So strangers who
 * guess a login, and a thief who guesses by a stolen token, keep nobody but themselves waiting.
 */
export class PasswordCheck {
  readonly #store: Store;
  readonly #passwords: Passwords;
  readonly #guesses: Guesses;
  readonly #limiter: Limiter;
  readonly #devices: DeviceTokens;
  readonly #clock: Clock;

  constructor(parts: {
    store: Store;
    passwords: Passwords;
    guesses: Guesses;
    limiter: Limiter;
    devices: DeviceTokens;
    clock: Clock;
  }) {
    this.#store = parts.store;
    this.#passwords = parts.passwords;
    this.#guesses = parts.guesses;
    this.#limiter = parts.limiter;
    this.#devices = parts.devices;
    this.#clock = parts.clock;
  }

  /**
   * Whose login and password these are; null for an unknown login, a wrong password, and whoever `counts` says is not to be let in: all
   * in one time. Fault `rate_limited` while nobody may try, whether or not the password is right.
   */
  async signIn(
    input: { login: string; password: string; device_token?: string | undefined },
    counts: (member: MemberRecord) => boolean,
  ): Promise<MemberRecord | null> {
    const member = await this.#store.members.byLogin(input.login);
    const device = member ? this.#devices.idOf(input.device_token, member) : undefined;
    const key = device === undefined ? keyOfLogin(input.login) : `device:${device}`;
    await this.#guesses.begin(key);
    const matches = await this.#passwords.matches(input.password, member?.password_hash ?? null);
    if (!member || !matches || !counts(member)) return null;
    await this.#guesses.succeeded(key);
    return member;
  }

  /**
   * Lets a caller go on with what acts on an account itself: with the password, or in a session that was opened by it a moment ago. An
   * access token alone is not enough, since it may be stolen. Fault `forbidden` names `password`; wrong ones are counted as at sign-in,
   * for this session alone.
   */
  async confirm(caller: Caller, password: string | undefined): Promise<void> {
    if (password === undefined) {
      const session = await this.#store.sessions.byId(caller.session_id);
      if (session && session.created_at + freshMs > this.#clock.now()) return;
      throw asksForPassword('is needed', 'Give your password again, or sign in anew');
    }
    await this.#limiter.spend('sign_in', { address: caller.address });
    const member = await this.#store.members.byId(caller.member_id);
    const key = `session:${caller.session_id}`;
    await this.#guesses.begin(key);
    if (!(await this.#passwords.matches(password, member?.password_hash ?? null))) {
      throw asksForPassword('is wrong', 'The password is wrong');
    }
    await this.#guesses.succeeded(key);
  }
}
