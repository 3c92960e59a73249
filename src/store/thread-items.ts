import { isClosedThread } from '../authority/closure.js';
import type { ThreadPatch, ThreadRecord } from './contracts.js';
import { toThread } from './resources.js';

/**
 * What a thread's document says, as an item of a ledger. Pure. The document is the truth and its thread's actor writes it; ledgers copy it.
 */

/** Without what follows from its messages, and what depends on who asks: a send changes nothing of it. */
export const threadValue = (record: ThreadRecord) => {
  const { message_count: _, last_activity: __, last_seq: ___, head_rev: ____, me: _____, ...value } = toThread(record);
  return value;
};

/** Whether it is an item of its community's ledger, which everybody may read who sees the community. */
export const isToldToAll = (record: ThreadRecord): boolean => record.deleted_at === null && !isClosedThread(record);

const shown = ['title', 'content', 'tags', 'is_pinned', 'updated_at', 'deleted_at', 'mentions', 'mention_names'] as const;

/** Whether a patch changes what an item shows; figures do not. */
export const changesItem = (patch: ThreadPatch): boolean => shown.some((field) => patch[field] !== undefined);
