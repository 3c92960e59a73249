import { pino } from 'pino';
import type {
  CommunityRecord,
  MemberRecord,
  MembershipRecord,
  MessageRecord,
  SearchRecord,
  ThreadRecord,
} from '../../../src/store/contracts.js';

/** Records of the worlds, in which nothing depends on when they were made. */

export const silentLogger = pino({ level: 'silent' });

const then = 1_600_000_000_000;

export const aMember = (id: string): MemberRecord => ({
  id,
  username: `user-${id}`,
  email: `${id}@example.org`,
  password_hash: null,
  full_name: null,
  avatar_url: null,
  bio: null,
  joined_at: then,
  is_active: true,
  reopen_until: null,
  signed_out: null,
  presence: { state: 'offline', text: null, last_active_at: null, fresh_until: 0 },
});

export const aCommunity = (id: string, fields: Partial<CommunityRecord>): CommunityRecord => ({
  id,
  kind: 'community',
  name: 'Sea',
  description: null,
  created_by: id,
  owner_id: id,
  ledger_rev: 1,
  handed_over_by: null,
  created_at: then,
  updated_at: then,
  member_count: 2,
  is_public: false,
  tags: [],
  avatar_url: null,
  deleted_at: null,
  ...fields,
});

export const aMembership = (community_id: string, member_id: string, fields: Partial<MembershipRecord> = {}): MembershipRecord => ({
  community_id,
  member_id,
  roles: [],
  state: 'active',
  joined_at: then,
  muted_until: null,
  version: 1,
  ...fields,
});

export const aThread = (id: string, community_id: string, fields: Partial<ThreadRecord>): ThreadRecord => ({
  id,
  community_id,
  title: 'A thread',
  content: null,
  created_by: id,
  created_at: then,
  updated_at: then,
  last_activity: then,
  is_pinned: false,
  tags: [],
  deleted_at: null,
  message_count: 0,
  last_seq: 0,
  head_rev: 0,
  floor_seq: 0,
  floor_rev: 0,
  ...fields,
});

export const aMessage = (
  id: string,
  thread_id: string,
  community_id: string,
  seq: number,
  author: string,
  created_at: number,
): MessageRecord => ({
  id,
  thread_id,
  community_id,
  seq,
  rev: seq,
  author,
  content: '',
  created_at,
  edited_at: null,
  deleted_at: null,
  reply_to: null,
  attachments: [],
  mentions: [],
  reactions: [],
  nonce: null,
  epoch: 1,
});

export const aSearchRecord = (
  kind: SearchRecord['kind'],
  { id, thread_id, community_id, author, created_at, seq, rev }: Omit<SearchRecord, 'kind' | 'scope' | 'text'>,
  text: string,
  scope = community_id,
): SearchRecord => ({ id, kind, scope, community_id, thread_id, author, created_at, seq, rev, text });
