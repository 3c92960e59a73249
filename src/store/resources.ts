import { bitsOf, namesOf } from '../authority/bits.js';
import { isClosedThread } from '../authority/closure.js';
import { type RoleRecord, starterRoleOf } from '../authority/roles.js';
import type {
  Community,
  CommunityRole,
  Member,
  Membership,
  Message,
  Notification,
  OwnMembership,
  OwnSession,
  Presence,
  Role,
  Self,
  Session,
  Thread,
} from '../protocol/resources.js';
import type {
  CommunityRecord,
  MemberRecord,
  MembershipRecord,
  MessageRecord,
  NotificationRecord,
  SessionRecord,
  ThreadRecord,
} from './contracts.js';
import { mutedUntilIn, permissionsIn, rolesIn } from './standing.js';
import type { Reading } from './unread.js';

/** Records as the resources that clients see. Whatever is not named here never leaves the server. */

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

export const toPresence = (p: MemberRecord['presence'], now: number): Presence => ({
  state: p.fresh_until > now ? p.state : 'offline',
  text: p.text,
  last_active_at: isoOrNull(p.last_active_at),
});

export const toMember = (m: MemberRecord, now: number): Member => ({
  id: m.id,
  username: m.username,
  full_name: m.full_name,
  avatar_url: m.avatar_url,
  bio: m.bio,
  joined_at: iso(m.joined_at),
  is_active: m.is_active,
  presence: toPresence(m.presence, now),
});

export const toSelf = (m: MemberRecord, communities: string[], now: number): Self => ({ ...toMember(m, now), email: m.email, communities });

/** What somebody is in a community. A membership holds only what it gives by itself. */
export const roleIn = (
  { id, owner_id }: Pick<CommunityRecord, 'id' | 'owner_id'>,
  m: Pick<MembershipRecord, 'member_id' | 'roles'>,
): Role => {
  if (m.member_id === owner_id) return 'owner';
  return m.roles.includes(starterRoleOf(id)) ? 'moderator' : 'member';
};

/** What somebody holds in a community, in all words for it. */
export const meIn = (c: CommunityRecord, m: Omit<MembershipRecord, 'version'>): NonNullable<Community['me']> => ({
  role: roleIn(c, m),
  joined_at: iso(m.joined_at),
  roles: rolesIn(c, m).map(({ id }) => id),
  permissions: permissionsIn(c, m),
});

export const toMembership = (c: CommunityRecord, m: MembershipRecord, member: MemberRecord, now: number): Membership => {
  const mutedUntil = mutedUntilIn(c, m);
  return {
    member: toMember(member, now),
    role: roleIn(c, m),
    roles: rolesIn(c, m).map(({ id }) => id),
    joined_at: iso(m.joined_at),
    muted_until: mutedUntil !== null && mutedUntil > now ? iso(mutedUntil) : null,
    is_banned: m.state === 'banned',
  };
};

/** Of a membership that stands. Nothing in it depends on the time, nor on which roles there are. */
export const toOwnMembership = (c: Pick<CommunityRecord, 'id' | 'owner_id'>, m: MembershipRecord): OwnMembership => ({
  community_id: m.community_id,
  role: roleIn(c, m),
  roles: [...m.roles].sort(),
  joined_at: iso(m.joined_at),
  muted_until: isoOrNull(mutedUntilIn(c, m)),
  unread_since: iso(Math.max(m.joined_at, m.read_at ?? 0)),
});

/** Highest first, `everyone` last. */
export const toRoles = (records: readonly RoleRecord[]): CommunityRole[] =>
  records.map(({ id, name, color, permissions, mentionable }, at) => ({
    ...{ id, name, color, mentionable, position: records.length - 1 - at },
    permissions: namesOf(bitsOf(permissions)),
  }));

export const toCommunity = (c: CommunityRecord, me?: MembershipRecord | null): Community => ({
  id: c.id,
  name: c.name,
  description: c.description,
  created_by: c.created_by,
  owner_id: c.owner_id,
  created_at: iso(c.created_at),
  member_count: c.member_count,
  is_public: c.is_public,
  tags: c.tags,
  avatar_url: c.avatar_url,
  ...(me?.state === 'active' && { me: meIn(c, me) }),
});

/** `me` is given for a member of the community. */
export const toThread = (t: ThreadRecord, me?: Reading): Thread => ({
  id: t.id,
  community_id: t.community_id,
  title: t.title,
  content: t.content,
  created_by: t.created_by,
  created_at: iso(t.created_at),
  updated_at: iso(t.updated_at),
  message_count: t.message_count,
  last_activity: iso(t.last_activity),
  is_pinned: t.is_pinned,
  ...(isClosedThread(t) && { is_closed: true as const }),
  tags: t.tags,
  last_seq: t.last_seq,
  head_rev: t.head_rev,
  ...(t.mentions?.length && { mentions: t.mentions, mention_names: t.mention_names ?? [] }),
  ...(me && { me }),
});

/** `viewer` decides `me` of the reactions; without one it is false, as in events. */
export const toMessage = (m: MessageRecord, viewer?: string): Message =>
  m.deleted_at !== null
    ? { id: m.id, thread_id: m.thread_id, seq: m.seq, rev: m.rev, deleted_at: iso(m.deleted_at) }
    : {
        id: m.id,
        thread_id: m.thread_id,
        seq: m.seq,
        rev: m.rev,
        content: m.content,
        author: m.author,
        created_at: iso(m.created_at),
        edited_at: isoOrNull(m.edited_at),
        is_edited: m.edited_at !== null,
        reply_to: m.reply_to,
        attachments: m.attachments,
        mentions: m.mentions,
        // Undefined where there are none, and then not sent.
        mention_names: m.mention_names,
        reactions: m.reactions.map((r) => ({
          emoji: r.emoji,
          count: r.members.length,
          me: viewer !== undefined && r.members.includes(viewer),
        })),
        nonce: m.nonce,
      };

export const toNotification = (n: NotificationRecord): Notification => ({
  id: n.id,
  kind: n.kind,
  community_id: n.community_id,
  thread_id: n.thread_id,
  message_id: n.message_id,
  seq: n.seq,
  actor: n.actor,
  created_at: iso(n.created_at),
  read_at: isoOrNull(n.read_at),
});

export const toOwnSession = ({ id, created_at, user_agent, ip }: SessionRecord): OwnSession => ({
  id,
  created_at: iso(created_at),
  user_agent,
  ip,
});

export const toSession = (s: SessionRecord, currentId: string): Session => ({
  id: s.id,
  created_at: iso(s.created_at),
  last_used_at: iso(s.last_used_at),
  user_agent: s.user_agent,
  ip: s.ip,
  is_current: s.id === currentId,
});
