import type { ObjectId } from 'mongodb';
import { fold } from '../../text/folding.js';
import type { AccountChange, MemberRecord, ProfilePatch, SignedOut } from '../contracts.js';
import { nameKeys, usernameKeys } from '../names.js';
import { date, dateOrNull, msOrNull, oid, present } from './fields.js';

export const presenceFields = (presence: MemberRecord['presence']) =>
  present({
    state: presence.state,
    text: presence.text,
    last_active_at: dateOrNull(presence.last_active_at),
    fresh_until: date(presence.fresh_until),
  });

export const signedOutFields = ({ at, except }: SignedOut) => present({ at: date(at), except: except === null ? null : oid(except) });

/** What a member is listed and looked for by. Two lists, since a profile's names change one by one. */
export const memberKeys = (patch: ProfilePatch) => ({
  ...(patch.username !== undefined && { username_key: fold(patch.username), username_keys: usernameKeys(patch.username) }),
  ...(patch.full_name !== undefined && { name_keys: nameKeys(patch.full_name) }),
});

export const memberDocument = (member: MemberRecord) =>
  present({
    _id: oid(member.id),
    username: member.username,
    username_key: fold(member.username),
    username_keys: usernameKeys(member.username),
    email: member.email,
    password_hash: member.password_hash,
    full_name: member.full_name,
    name_keys: nameKeys(member.full_name),
    avatar_url: member.avatar_url,
    bio: member.bio,
    joined_at: date(member.joined_at),
    is_active: member.is_active,
    reopen_until: dateOrNull(member.reopen_until),
    signed_out: member.signed_out && signedOutFields(member.signed_out),
    presence: presenceFields(member.presence),
  });

/**
 * `email_key` is there where a member signs in by the e-mail; its index, which is unique, decides who.
 * `account_changed_at`: see AccountChange.
 */
export type MemberDocument = ReturnType<typeof memberDocument> & { _id: ObjectId; email_key?: string; account_changed_at?: Date };

export const changeFields = { is_active: 1, account_changed_at: 1 };
export const accountChange = (document: Pick<MemberDocument, '_id' | 'is_active' | 'account_changed_at'>): AccountChange => ({
  id: document._id.toHexString(),
  is_active: document.is_active,
  at: document.account_changed_at?.getTime() ?? 0,
});

export const memberRecord = (document: MemberDocument): MemberRecord => ({
  id: document._id.toHexString(),
  username: document.username,
  email: document.email,
  password_hash: document.password_hash ?? null,
  full_name: document.full_name ?? null,
  avatar_url: document.avatar_url ?? null,
  bio: document.bio ?? null,
  joined_at: document.joined_at.getTime(),
  is_active: document.is_active,
  reopen_until: msOrNull(document.reopen_until),
  signed_out: document.signed_out
    ? { at: document.signed_out.at.getTime(), except: document.signed_out.except?.toHexString() ?? null }
    : null,
  presence: {
    state: document.presence.state,
    text: document.presence.text ?? null,
    last_active_at: msOrNull(document.presence.last_active_at),
    fresh_until: document.presence.fresh_until.getTime(),
  },
});
