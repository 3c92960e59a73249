import type { Presence } from '../../protocol/resources.js';
import type { Slice } from './slice.js';

export interface MemberRecord {
  id: string;
  username: string;
  email: string;
  password_hash: string | null;
  full_name: string | null;
  avatar_url: string | null;
  bio: string | null;
  joined_at: number;
  is_active: boolean;
  /** Of a closed account: until when its member may open it again; null: never. */
  reopen_until: number | null;
  /** Sessions that were opened before `at` are over, but for one; written with what ended them, so that no crash comes between. */
  signed_out: SignedOut | null;
  /** As the member's actor last wrote it; after `fresh_until` it counts as offline, whoever crashed. */
  presence: { state: Presence['state']; text: string | null; last_active_at: number | null; fresh_until: number };
}

export interface SignedOut {
  at: number;
  /** The session that goes on. */
  except: string | null;
}

export type ProfilePatch = Partial<Pick<MemberRecord, 'username' | 'full_name' | 'avatar_url' | 'bio'>>;

/** An account was closed or reopened. */
export interface AccountChange {
  id: string;
  is_active: boolean;
  at: number;
}

export interface MemberRepository {
  /**
   * Usernames are unique without regard to case. Fault `conflict` with `errors: [{path}]` naming `username`. The same id again is
   * harmless (it keeps the first). E-mails may be those of others: whoever is to sign in by theirs holds it besides.
   */
  insert(member: MemberRecord): Promise<void>;
  /**
   * Makes a member the one who signs in by their e-mail, unless another is that already. Whether it did is not told, so that nobody
   * further up can tell it on; the work is the same. For all e-mails without regard to case there is one holder at most.
   */
  holdEmail(id: string): Promise<void>;
  /** The changed record, null when there is none. An e-mail that is another than before is not held yet, and the one before is free. */
  setEmail(id: string, email: string): Promise<MemberRecord | null>;
  /** Many at once, for imports; answers the ids that were new. Passed over: who is there, and whose name is another's. */
  putMissing(members: readonly MemberRecord[]): Promise<string[]>;
  byId(id: string): Promise<MemberRecord | null>;
  /** Those that exist, in any order. */
  byIds(ids: readonly string[]): Promise<MemberRecord[]>;
  byUsername(username: string): Promise<MemberRecord | null>;
  /** Ids by folded username, for those that exist and are active now: of a name that was given up, nobody's. */
  idsByUsernames(usernames: readonly string[]): Promise<Map<string, string>>;
  /** By username, or by the e-mail that a member holds, without regard to case. */
  byLogin(login: string): Promise<MemberRecord | null>;
  /** The changed record, null when there is none. Fault `conflict` as for insert. */
  update(id: string, patch: ProfilePatch): Promise<MemberRecord | null>;
  /** Answers whether there is such a member. */
  setPassword(id: string, hash: string, signedOut: SignedOut): Promise<boolean>;
  /** Answers whether there is such a member. */
  setSignedOut(id: string, signedOut: SignedOut): Promise<boolean>;
  /**
   * Closes an account and marks that, in one; its sessions until `at` are over. One that is closed already keeps its mark. Answers
   * whether there is such a member.
   */
  deactivate(id: string, closing: { at: number; reopen_until: number | null }): Promise<boolean>;
  /** Opens a closed account again and marks that, in one; answers whether this call did: not after `reopen_until`. */
  reopen(id: string, now: number): Promise<boolean>;
  /** The mark that an account was closed or reopened and not all communities may know yet; null: they do. */
  accountChange(id: string): Promise<AccountChange | null>;
  /** Marks that were set before a time, the oldest first. */
  accountChanges(before: number, limit: number): Promise<AccountChange[]>;
  /** Takes the mark away, unless the account has changed since. */
  accountChangeTold(change: AccountChange): Promise<void>;
  /**
   * Active members by folded username; `q` is how the username, the full name or any part of either begins, folded. In
   * scripts without spaces a part may begin anywhere.
   */
  list(filter: { q?: string | undefined }, slice: Slice<string>): Promise<MemberRecord[]>;
  /** Many at once; what is unknown is passed over. May be written late and coalesced: it is a hint. */
  setPresence(changes: readonly { id: string; presence: MemberRecord['presence'] }[]): Promise<void>;
}
