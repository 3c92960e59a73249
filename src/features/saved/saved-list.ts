import { z } from 'zod';
import { Sight } from '../../actors/domain/community/sight.js';
import type { Caller } from '../../catalogue/caller.js';
import { cursorOf, limitOf, type PageQuery, pageOf } from '../../catalogue/cursor.js';
import type { FeaturePorts } from '../../catalogue/feature-ports.js';
import { askOwn } from '../../catalogue/own-actor.js';
import { id } from '../../protocol/primitives.js';
import { isDeleted, type LiveMessage, type Page } from '../../protocol/resources.js';
import { LivingThreads } from '../../store/living-threads.js';
import { toMessage } from '../../store/resources.js';
import type { Saved } from './commands.js';
import { listedAfter } from './policy.js';

export interface ShownSaved {
  message: LiveMessage;
  community_id: string;
  saved_at: string;
}

const cursor = cursorOf(z.strictObject({ saved_at: z.iso.datetime(), message_id: id }));

/** Looked at together. */
const part = 100;

/**
 * A page of what somebody has saved, as it is now. What they may not read (any more) and what was deleted is passed over before the page is
 * counted: neither its length nor its cursor tells of it. The place is asked, not what was written down when it was saved. At most all
 * that one can save is looked at.
 */
export const savedPage = async (ports: FeaturePorts, caller: Caller, query: PageQuery): Promise<Page<ShownSaved>> => {
  const after = cursor.decode(query.cursor);
  const listed = listedAfter(await askOwn<Saved[]>(ports, caller, 'saved', 'list', {}), after);
  const shows = shownTo(ports, caller);
  const limit = limitOf(query);
  const found: ShownSaved[] = [];
  for (let at = 0; at < listed.length && found.length <= limit; at += part) found.push(...(await shows(listed.slice(at, at + part))));
  const placeOf = ({ saved_at, message }: ShownSaved) => ({ saved_at, message_id: message.id });
  return pageOf(found, limit, cursor, placeOf, (one) => one);
};

/** Of some those that somebody may read, in their order. */
const shownTo = ({ store, actors }: FeaturePorts, { member_id }: Caller): ((some: readonly Saved[]) => Promise<ShownSaved[]>) => {
  const sight = new Sight(actors, member_id);
  const threads = new LivingThreads(store.threads);
  return async (some) => {
    const records = new Map((await store.messages.byIds(some.map(({ message_id }) => message_id))).map((record) => [record.id, record]));
    await threads.read([...records.values()].map(({ thread_id }) => thread_id));
    const shown: ShownSaved[] = [];
    for (const { message_id, saved_at } of some) {
      const record = records.get(message_id);
      const thread = record && threads.get(record.thread_id);
      const message = record && toMessage(record, member_id);
      if (!thread || !message || isDeleted(message) || !(await sight.allowsThread(thread))) continue;
      shown.push({ message, community_id: thread.community_id, saved_at });
    }
    return shown;
  };
};
