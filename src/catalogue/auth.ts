import type { SignedIn, Tokens } from '../protocol/resources.js';
import type { MemberRecord, SessionRecord } from '../store/contracts.js';
import type { Caller } from './caller.js';
import type { Origin } from './origin.js';

/** What an installation decides about accounts: parts of the configuration's `auth`. */
export interface AccountRules {
  signUp: 'open' | 'closed';
  reopenDays: number;
}

/** Passwords, sessions and tokens: what features need of those who come in. */
export interface Auth {
  rules: AccountRules;
  passwords: { hash(password: string): Promise<string> };
  /** The one place where passwords are looked at, each look counted before it is made. */
  check: {
    /** Null for an unknown login, a wrong password and whom `counts` refuses: all in one time. Fault `rate_limited`. */
    signIn(
      given: { login: string; password: string; device_token?: string | undefined },
      counts: (member: MemberRecord) => boolean,
    ): Promise<MemberRecord | null>;
    /** Fault `forbidden` names `password`; none is needed for a moment after a sign-in by it. */
    confirm(caller: Caller, password: string | undefined): Promise<void>;
  };
  sessions: {
    /** Null when the account was closed meanwhile. */
    openFor(member: MemberRecord, origin: Origin): Promise<Tokens | null>;
    open(memberId: string, origin: Origin): Promise<Tokens>;
    /** `arrivedAt` (ms): when the whole request was there. */
    refresh(token: string, origin: Origin, arrivedAt: number): Promise<Tokens>;
    list(memberId: string): Promise<SessionRecord[]>;
    /** Fault `not_found` for one that is not the member's. */
    endOwn(memberId: string, sessionId: string): Promise<void>;
    endAllOf(memberId: string, reason: string, except?: string | null): Promise<void>;
    end(sessionIds: readonly string[], reason: string): Promise<void>;
  };
  devices: { issue(memberId: string): SignedIn['device_token'] };
}
