import { z } from 'zod';
import { type Permission, permissions } from '../authority/permissions.js';
import { bounds, id, line, seq, tags, text, timestamp, username, webUrl } from './primitives.js';

/** What both doors send: each field here is sent, and nothing else is. */

export const roles = ['owner', 'moderator', 'member'] as const;
export const role = z.enum(roles);
export type Role = z.infer<typeof role>;

export const permission = z.enum(Object.keys(permissions) as [Permission, ...Permission[]]).meta({ id: 'Permission' });
export type { Permission };

const permissionNames = z.array(permission).max(Object.keys(permissions).length);

export const color = z
  .string()
  .regex(/^#[0-9a-f]{6}$/, 'must be like #1a2b3c, in lower case')
  .meta({ example: '#3366cc' });
/** What people say of a role. */
export const roleText = {
  name: line(1, bounds.roleName).meta({ example: 'Gardener' }),
  color: color.nullable(),
  permissions: permissionNames,
  mentionable: z.boolean(),
};
export const communityRole = z
  .object({
    id: id.meta({ description: "That of `everyone` is the community's" }),
    name: z.string(),
    color: z.string().nullable(),
    permissions: z.array(permission),
    mentionable: z.boolean().meta({ description: 'Whether everybody may ring for whoever holds it' }),
    position: z.int().min(0).meta({ description: 'How high it stands; `everyone` has 0' }),
  })
  .meta({ id: 'Role' });
export type CommunityRole = z.infer<typeof communityRole>;

const heldRoles = z.array(id).meta({ description: 'Ids of the roles beside `everyone`, the highest first' });

export const presenceState = z.enum(['online', 'idle', 'dnd', 'offline']);
export const presence = z
  .object({ state: presenceState, text: z.string().max(bounds.presenceText).nullable(), last_active_at: timestamp.nullable() })
  .meta({ id: 'Presence' });
export type Presence = z.infer<typeof presence>;

export const member = z
  .object({
    id,
    username,
    full_name: z.string().nullable(),
    avatar_url: z.string().nullable(),
    bio: z.string().nullable(),
    joined_at: timestamp,
    is_active: z.boolean(),
    presence,
  })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof member>;

export const self = member
  .extend({ email: z.string(), communities: z.array(id).meta({ description: 'Ids of the communities one belongs to' }) })
  .meta({ id: 'Self', description: 'A member as only that member sees it' });
export type Self = z.infer<typeof self>;

export const community = z
  .object({
    id,
    name: z.string(),
    description: z.string().nullable(),
    created_by: id,
    owner_id: id.meta({ description: 'The one member who owns it' }),
    created_at: timestamp,
    member_count: z.int().min(0),
    is_public: z.boolean(),
    tags: z.array(z.string()),
    avatar_url: z.string().nullable(),
    me: z
      .object({
        role,
        joined_at: timestamp,
        roles: heldRoles,
        permissions: z.array(permission).meta({ description: 'What one holds in the community, a mute aside' }),
      })
      .optional()
      .meta({ description: 'Only for a member of the community' }),
  })
  .meta({ id: 'Community' });
export type Community = z.infer<typeof community>;

export const membership = z
  .object({
    member,
    role,
    roles: heldRoles,
    joined_at: timestamp,
    muted_until: timestamp.nullable(),
    is_banned: z.boolean(),
  })
  .meta({ id: 'Membership' });
export type Membership = z.infer<typeof membership>;

/** What somebody's devices know of their own membership. It changes with its record and the community's owner alone. */
export const ownMembership = z.object({
  community_id: id,
  role,
  roles: z.array(id).meta({ description: 'Roles beside everyone, in no order; one that the community does not have counts for nothing' }),
  joined_at: timestamp,
  muted_until: timestamp.nullable().meta({ description: 'Until when one may not write; it may have passed' }),
  unread_since: timestamp.meta({ description: 'What was said before is read' }),
});
export type OwnMembership = z.infer<typeof ownMembership>;

const mentionNames = z.array(z.string()).meta({
  description:
    'For each of `mentions` the lower-case name by which the text has it: theirs when it was written, whatever their name is now. ' +
    'Absent when nobody is mentioned',
});

export const thread = z
  .object({
    id,
    community_id: id,
    title: z.string(),
    content: z.string().nullable(),
    created_by: id,
    created_at: timestamp,
    updated_at: timestamp,
    message_count: z.int().min(0),
    last_activity: timestamp,
    is_pinned: z.boolean(),
    is_closed: z.literal(true).optional().meta({ description: 'Not every member of the community may view it; absent where all may' }),
    tags: z.array(z.string()),
    last_seq: seq,
    head_rev: seq,
    mentions: z.array(id).optional().meta({ description: 'Whom `content` mentions; absent when nobody' }),
    mention_names: mentionNames.optional(),
    me: z
      .object({ read_seq: seq, unread_count: z.int().min(0) })
      .optional()
      .meta({ description: 'Only for a member of the community' }),
  })
  .meta({ id: 'Thread' });
export type Thread = z.infer<typeof thread>;

export const threadHead = z
  .object({
    thread_id: id,
    last_seq: seq.meta({ description: 'Of its newest message; unread is what comes after the seq that one has read' }),
    last_activity: timestamp,
  })
  .meta({ id: 'ThreadHead', description: 'Where a thread stands' });
export type ThreadHead = z.infer<typeof threadHead>;
export const headOf = ({ id: thread_id, last_seq, last_activity }: Thread): ThreadHead => ({ thread_id, last_seq, last_activity });

export const attachment = z
  .strictObject({ url: webUrl, name: line(1, 255), content_type: line(1, 127).optional(), size: z.int().min(0).optional() })
  .meta({ id: 'Attachment', description: 'A file that lives elsewhere, by its address' });
export type Attachment = z.infer<typeof attachment>;

export const reaction = z
  .object({
    emoji: z.string(),
    count: z.int().min(1),
    me: z.boolean().meta({ description: 'Whether the asker reacted so; always false in events, which are the same for everyone' }),
  })
  .meta({ id: 'Reaction' });

export const liveMessage = z
  .object({
    id,
    thread_id: id,
    seq,
    rev: seq,
    content: z.string(),
    author: id,
    created_at: timestamp,
    edited_at: timestamp.nullable(),
    is_edited: z.boolean(),
    reply_to: id.nullable(),
    attachments: z.array(attachment),
    mentions: z.array(id),
    mention_names: mentionNames.optional(),
    reactions: z.array(reaction),
    nonce: z.string().nullable(),
  })
  .meta({ id: 'LiveMessage' });
export const deletedMessage = z
  .object({ id, thread_id: id, seq, rev: seq, deleted_at: timestamp })
  .meta({ id: 'DeletedMessage', description: 'What is left of a deleted message' });
export const message = z.union([liveMessage, deletedMessage]).meta({ id: 'Message' });
export type LiveMessage = z.infer<typeof liveMessage>;
export type DeletedMessage = z.infer<typeof deletedMessage>;
export type Message = z.infer<typeof message>;
export const isDeleted = (m: Message): m is DeletedMessage => 'deleted_at' in m;

export const messageHit = z
  .object({
    message: liveMessage,
    community_id: id,
    thread_title: z.string(),
    snippet: z.string().meta({ description: 'Plain text around the match; matches stand between « and »' }),
    score: z.number(),
  })
  .meta({ id: 'MessageHit' });
export type MessageHit = z.infer<typeof messageHit>;

export const notification = z
  .object({
    id,
    kind: z.enum(['mention', 'reply']),
    community_id: id,
    thread_id: id,
    message_id: id.nullable().meta({ description: 'Null when it is about the opening text of its thread' }),
    seq: seq.meta({ description: "The message's; 0 for an opening text" }),
    actor: id.meta({ description: 'Whose message or opening text it is' }),
    created_at: timestamp,
    read_at: timestamp.nullable(),
  })
  .meta({ id: 'Notification' });
export type Notification = z.infer<typeof notification>;

export const session = z
  .object({
    id,
    created_at: timestamp,
    last_used_at: timestamp,
    user_agent: z.string().nullable(),
    ip: z.string().nullable(),
    is_current: z.boolean(),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof session>;

/** What somebody's devices know of a session of theirs. */
export const ownSession = session.omit({ last_used_at: true, is_current: true });
export type OwnSession = z.infer<typeof ownSession>;

export const tokens = z
  .object({
    access_token: z.string(),
    refresh_token: z.string(),
    expires_in: z.int().meta({ description: 'Seconds the access token lives' }),
  })
  .meta({ id: 'Tokens' });
export type Tokens = z.infer<typeof tokens>;
export const signedIn = tokens
  .extend({
    member: self,
    device_token: z.string().meta({
      description: 'Show it at the next sign-in from this device: then nobody who guesses elsewhere can make one wait. It opens nothing',
    }),
  })
  .meta({ id: 'SignedIn' });
export type SignedIn = z.infer<typeof signedIn>;

/** The parts of a new message that both doors take. */
export const newMessage = {
  content: text(1, bounds.content).meta({ description: `Markdown; it may name ${bounds.mentions} people` }),
  reply_to: id.optional(),
  attachments: z.array(attachment).max(bounds.attachments).optional(),
};
export const newThread = { title: line(1, bounds.title), content: text(1, bounds.content).optional(), tags: tags.optional() };
export const newCommunity = {
  name: line(1, bounds.name),
  description: text(0, bounds.description).optional(),
  is_public: z.boolean().optional(),
  tags: tags.optional(),
  avatar_url: webUrl.optional(),
};

export const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next_cursor: z.string().nullable() });
/** Of what is looked for in many communities. */
export const pageOfMany = <T extends z.ZodType>(item: T) =>
  page(item).extend({
    partial: z
      .boolean()
      .optional()
      .meta({ description: 'True when there are more communities than are looked through at once: name one by `community_id`' }),
  });
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  partial?: boolean;
}
