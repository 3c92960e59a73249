import { newId } from '../../../src/kernel/ids.js';
import type {
  CommunityRecord,
  MemberRecord,
  MembershipRecord,
  MessageRecord,
  NotificationRecord,
  SearchRecord,
  SessionRecord,
  ThreadRecord,
} from '../../../src/store/contracts.js';

/** Complete records for tests; what matters to a test is given. */

export const anId = (): string => newId(Date.now());
const then = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

export const aMember = (fields: Partial<MemberRecord> = {}): MemberRecord => {
  const id = fields.id ?? anId();
  return {
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
    ...fields,
  };
};

export const aCommunity = (fields: Partial<CommunityRecord> = {}): CommunityRecord => ({
  id: anId(),
  kind: 'community',
  name: 'A community',
  description: null,
  created_by: anId(),
  owner_id: anId(),
  ledger_rev: 1,
  handed_over_by: null,
  created_at: then,
  updated_at: then,
  member_count: 1,
  is_public: true,
  tags: [],
  avatar_url: null,
  deleted_at: null,
  ...fields,
});

export const aMembership = (fields: Partial<MembershipRecord> = {}): MembershipRecord => ({
  community_id: anId(),
  member_id: anId(),
  roles: [],
  state: 'active',
  joined_at: then,
  muted_until: null,
  version: 1,
  ...fields,
});

export const aThread = (fields: Partial<ThreadRecord> = {}): ThreadRecord => ({
  id: anId(),
  community_id: anId(),
  title: 'A thread',
  content: null,
  created_by: anId(),
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

export const aMessage = (fields: Partial<MessageRecord> = {}): MessageRecord => ({
  id: anId(),
  thread_id: anId(),
  community_id: anId(),
  seq: 1,
  rev: fields.seq ?? 1,
  author: anId(),
  content: 'hello',
  created_at: then,
  edited_at: null,
  deleted_at: null,
  reply_to: null,
  attachments: [],
  mentions: [],
  reactions: [],
  nonce: null,
  epoch: 1,
  ...fields,
});

/** Messages 1 to n of a thread. */
export const messagesOf = (
  threadId: string,
  count: number,
  fields: (seq: number) => Partial<MessageRecord> = () => ({}),
): MessageRecord[] => Array.from({ length: count }, (_, at) => aMessage({ thread_id: threadId, seq: at + 1, ...fields(at + 1) }));

export const aNotification = (fields: Partial<NotificationRecord> = {}): NotificationRecord => ({
  id: anId(),
  member_id: anId(),
  kind: 'mention',
  community_id: anId(),
  thread_id: anId(),
  message_id: anId(),
  seq: 1,
  actor: anId(),
  created_at: then,
  read_at: null,
  ...fields,
});

export const aSession = (fields: Partial<SessionRecord> = {}): SessionRecord => ({
  id: anId(),
  member_id: anId(),
  created_at: then,
  last_used_at: then,
  expires_at: Date.now() + 3_600_000,
  ends_at: Date.now() + 86_400_000,
  user_agent: null,
  ip: null,
  ended_at: null,
  ...fields,
});

export const aSearchRecord = ({ community_id = anId(), ...fields }: Partial<SearchRecord> = {}): SearchRecord => ({
  id: anId(),
  scope: community_id,
  kind: 'message',
  community_id,
  thread_id: anId(),
  author: anId(),
  created_at: then,
  seq: 1,
  rev: 1,
  text: '',
  ...fields,
});

/** Walks a listing to its end in pages of `limit`. */
export const walk = async <T, K>(
  list: (slice: { after?: K; limit: number }) => Promise<T[]>,
  keyOf: (item: T) => K,
  limit: number,
): Promise<T[]> => {
  const all: T[] = [];
  for (let after: K | undefined; ; ) {
    const page = await list({ limit, ...(after !== undefined && { after }) });
    all.push(...page);
    if (page.length < limit) return all;
    after = keyOf(page.at(-1)!);
  }
};
