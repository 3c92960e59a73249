import type { ObjectId } from 'mongodb';
import { closureOf, namedIn } from '../../authority/closure.js';
import type { OverrideRecord } from '../../authority/overrides.js';
import { overridesOf } from '../closing.js';
import type { OverridesChange, ThreadPatch, ThreadRecord } from '../contracts.js';
import { date, dateOrNull, filledOrNull, msOrNull, oid, oids, present } from './fields.js';
import type { UntoldFields } from './untold.js';

/** What queries need of the overrides stands beside them; where there are none, there is none of it. */
const overrideFields = (communityId: string, overrides: readonly OverrideRecord[]) => {
  const closure = closureOf(communityId, overrides);
  return {
    overrides: filledOrNull([...overrides]),
    named: filledOrNull(namedIn(overrides)),
    seen_by: closure?.seen_by ?? null,
    hidden_from: closure?.hidden_from ?? null,
  };
};

export const toDocument = (thread: ThreadRecord) =>
  present({
    _id: oid(thread.id),
    community_id: oid(thread.community_id),
    title: thread.title,
    content: thread.content,
    created_by: oid(thread.created_by),
    created_at: date(thread.created_at),
    updated_at: date(thread.updated_at),
    last_activity: date(thread.last_activity),
    is_pinned: thread.is_pinned,
    tags: thread.tags,
    deleted_at: dateOrNull(thread.deleted_at),
    mentions: filledOrNull(thread.mentions && oids(thread.mentions)),
    mention_names: filledOrNull(thread.mention_names),
    ...overrideFields(thread.community_id, overridesOf(thread)),
    overrides_version: thread.overrides_version ?? null,
    scope_since: dateOrNull(thread.scope_since ?? null),
    message_count: thread.message_count,
    last_seq: thread.last_seq,
    head_rev: thread.head_rev,
    floor_seq: thread.floor_seq,
    floor_rev: thread.floor_rev,
  });

export type ThreadDocument = ReturnType<typeof toDocument> & UntoldFields & { _id: ObjectId };

export const toRecord = (document: ThreadDocument): ThreadRecord => ({
  id: document._id.toHexString(),
  community_id: document.community_id.toHexString(),
  title: document.title,
  content: document.content ?? null,
  created_by: document.created_by.toHexString(),
  created_at: document.created_at.getTime(),
  updated_at: document.updated_at.getTime(),
  last_activity: document.last_activity.getTime(),
  is_pinned: document.is_pinned,
  tags: document.tags,
  deleted_at: msOrNull(document.deleted_at),
  ...(document.mentions && { mentions: document.mentions.map((id) => id.toHexString()) }),
  ...(document.mention_names && { mention_names: document.mention_names }),
  ...(document.overrides && { overrides: document.overrides }),
  ...(document.overrides_version !== undefined && { overrides_version: document.overrides_version }),
  ...(document.scope_since && { scope_since: document.scope_since.getTime() }),
  message_count: document.message_count,
  last_seq: document.last_seq,
  head_rev: document.head_rev,
  floor_seq: document.floor_seq,
  floor_rev: document.floor_rev,
});

export const patchFields = (patch: ThreadPatch) => ({
  ...patch,
  ...(patch.updated_at !== undefined && { updated_at: date(patch.updated_at) }),
  ...(patch.last_activity !== undefined && { last_activity: date(patch.last_activity) }),
  ...(patch.deleted_at !== undefined && { deleted_at: dateOrNull(patch.deleted_at) }),
  ...(patch.mentions && { mentions: filledOrNull(oids(patch.mentions)), mention_names: filledOrNull(patch.mention_names) }),
});

export const overrideChanges = (communityId: string, change: OverridesChange) => ({
  ...overrideFields(communityId, overridesOf(change)),
  overrides_version: change.overrides_version,
  ...(change.scope_since !== undefined && { scope_since: date(change.scope_since) }),
});
