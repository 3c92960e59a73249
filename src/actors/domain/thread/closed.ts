import type { ThreadRecord } from '../../../store/contracts.js';

interface Overriding {
  overrides?: readonly { deny: readonly string[] }[];
}

/**
 * Whether not every member of its community may view a thread. Everybody who belongs to a community holds `view` there, so only an
 * override that denies it closes a thread.
 */
export const isClosedThread = (record: ThreadRecord & Overriding): boolean =>
  record.overrides?.some(({ deny }) => deny.includes('view')) ?? false;
