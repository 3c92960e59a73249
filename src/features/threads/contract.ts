import { z } from 'zod';
import { bit } from '../../authority/allow.js';
import { rules } from '../../authority/rules.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { community, thread as inThread } from '../../catalogue/place.js';
import { id, pageInput, tags } from '../../protocol/primitives.js';
import { newThread, page, thread } from '../../protocol/resources.js';

const place = ({ thread_id }: { thread_id: string }) => inThread(thread_id);
const byThread = z.strictObject({ thread_id: id });
const its = { method: 'patch', path: '/threads/:thread_id', status: 200 } as const;

export const threadItem = defineItem({
  kind: 'thread',
  ledger: 'community',
  also: ['thread'],
  summary:
    'A thread by its id, without what follows from its messages and what it is to oneself: of a community those that every ' +
    'member may view, a closed one in its own ledger',
  value: thread.omit({ message_count: true, last_activity: true, last_seq: true, head_rev: true, me: true }),
  windowed: true,
});

export const listThreads = defineOperation({
  name: 'list_threads',
  tag: 'threads',
  summary: 'Pinned first, then by last activity',
  place: ({ community_id }) => community(community_id),
  allow: bit('view'),
  decided_by: 'community',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({ community_id: id, ...pageInput }),
  answer: page(thread),
  rest: { method: 'get', path: '/threads/community/:community_id', status: 200 },
  example: {},
});

export const createThread = defineOperation({
  name: 'create_thread',
  tag: 'threads',
  summary:
    'Begin a thread. With is_private it is closed: only member_ids, who begins it, the owner and administrators see it; that takes ' +
    '`create_closed_thread` instead',
  place: ({ community_id }) => community(community_id),
  allow: rules.create_thread,
  decided_by: 'community',
  limit: 'write',
  repeat: { no: 'each call makes one' },
  input: z.strictObject({
    community_id: id,
    ...newThread,
    is_private: z.boolean().optional(),
    member_ids: z.array(id).max(100).optional().meta({ description: 'With is_private: who is let in, members of the community' }),
  }),
  answer: thread,
  rest: { method: 'post', path: '/threads/community/:community_id', status: 201 },
  example: { title: 'What grows in the shade?' },
});

export const getThread = defineOperation({
  name: 'get_thread',
  tag: 'threads',
  summary: 'One thread',
  place,
  allow: rules.get_thread,
  decided_by: 'thread',
  limit: 'read',
  repeat: 'read',
  input: byThread,
  answer: thread,
  rest: { method: 'get', path: '/threads/:thread_id', status: 200 },
  example: {},
});

export const updateThread = defineOperation({
  name: 'update_thread',
  tag: 'threads',
  summary: 'Change what is given',
  place,
  allow: rules.update_thread,
  decided_by: 'thread',
  limit: 'write',
  repeat: 'same',
  input: z.strictObject({
    thread_id: id,
    title: newThread.title.optional(),
    content: newThread.content.unwrap().nullable().optional(),
    tags: tags.optional(),
  }),
  answer: thread,
  rest: { ...its, aliases: [{ method: 'put', path: its.path }] },
  example: { title: 'What grows in deep shade?' },
});

export const deleteThread = defineOperation({
  name: 'delete_thread',
  tag: 'threads',
  summary: 'Delete it with its messages',
  place,
  allow: rules.delete_thread,
  decided_by: 'thread',
  limit: 'write',
  repeat: 'same',
  audited: true,
  input: byThread,
  answer: z.undefined(),
  rest: { method: 'delete', path: '/threads/:thread_id', status: 204 },
  example: {},
});

export const pinThread = defineOperation({
  name: 'pin_thread',
  tag: 'threads',
  summary: 'Pin or unpin; toggles when not said',
  place,
  allow: rules.pin_thread,
  decided_by: 'thread',
  limit: 'write',
  repeat: { no: 'it toggles when not said' },
  input: z.strictObject({ thread_id: id, is_pinned: z.boolean().optional() }),
  answer: thread,
  rest: { method: 'post', path: '/threads/:thread_id/pin', status: 200 },
  example: { is_pinned: true },
});
