import type { UntoldRecords } from './untold.js';

export interface SessionRecord {
  id: string;
  member_id: string;
  created_at: number;
  last_used_at: number;
  /** After this it is dead without having been ended; such documents are removed by the store itself. */
  expires_at: number;
  /** After this it is dead however often it was used: `expires_at` never goes past it. */
  ends_at: number;
  user_agent: string | null;
  ip: string | null;
  ended_at: number | null;
}

export interface RefreshTokenRecord {
  /** SHA-256 of the token: the token itself is never kept. */
  hash: string;
  session_id: string;
  expires_at: number;
  used_at: number | null;
  /** Which device used it, as a hash. */
  used_by: string | null;
}

/** A session is marked untold when it begins and when it is ended; not when it is used, nor when it expires. */
export interface SessionRepository extends UntoldRecords<SessionRecord> {
  insert(session: SessionRecord): Promise<void>;
  byId(id: string): Promise<SessionRecord | null>;
  /** Those that are there, ended ones too. */
  byIds(ids: readonly string[]): Promise<SessionRecord[]>;
  /** Living ones, last used first, at most 200. */
  listByMember(memberId: string, now: number): Promise<SessionRecord[]>;
  touch(id: string, at: number, expiresAt: number): Promise<void>;
  /** Answers whether this call ended it. */
  end(id: string, at: number): Promise<boolean>;
  /** All of a member's, but for one; answers the ids that this call ended. */
  endByMember(memberId: string, at: number, except?: string | null): Promise<string[]>;
  insertToken(token: RefreshTokenRecord): Promise<void>;
  token(hash: string): Promise<RefreshTokenRecord | null>;
  /** Sets used_at and used_by if they were null; answers whether this call did. */
  useToken(hash: string, at: number, by: string): Promise<boolean>;
}
