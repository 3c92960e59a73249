import { isClosedThread } from '../authority/closure.js';
import type { LedgerChange, OverridesChange, ThreadPatch, ThreadRecord } from './contracts.js';
import { toThread } from './resources.js';

/**
 * What a thread's document says, as an item of a ledger. Pure. The document is the truth and its thread's actor writes
 * it; ledgers copy it.
 */

/** Without what follows from its messages, and what depends on who asks: a send changes nothing of it. */
export const threadValue = (record: ThreadRecord) => {
  const { message_count: _, last_activity: __, last_seq: ___, head_rev: ____, me: _____, ...value } = toThread(record);
  return value;
};

/** Whether it is an item of its community's ledger, which everybody may read who sees the community. */
export const isToldToAll = (record: ThreadRecord): boolean => record.deleted_at === null && !isClosedThread(record);

export const threadLedger = (id: string): string => `thread:${id}`;

const ofMembers = 'member:';

/**
 * What the ledger of a closed thread has: the thread, and what each member is allowed or denied there. Of one that is
 * open: nothing.
 */
export const itemsOfThread = (record: ThreadRecord): LedgerChange[] => {
  if (record.deleted_at !== null || !isClosedThread(record)) return [];
  const people = (record.overrides ?? []).filter(({ subject }) => subject.startsWith(ofMembers));
  return [
    { kind: 'thread', key: record.id, value: threadValue(record) },
    ...people.map(({ subject, allow, deny }) => {
      const member_id = subject.slice(ofMembers.length);
      return { kind: 'member', key: member_id, value: { member_id, allow, deny } };
    }),
  ];
};

const shown = ['title', 'content', 'tags', 'is_pinned', 'updated_at', 'deleted_at', 'mentions', 'mention_names'] as const;

/** Whether a patch changes what an item shows; figures do not. */
export const changesItem = (patch: ThreadPatch): boolean => shown.some((field) => patch[field] !== undefined);

/** The same of a change of overrides: who may view it, or in a closed one who may what. */
export const overridesChangeItems = ({ overrides, scope_since }: OverridesChange): boolean =>
  scope_since !== undefined || isClosedThread({ overrides });
