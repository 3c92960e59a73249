import type { ClientEventName, Payload } from '../../src/protocol/events.js';
import { type Asker, messageFor } from './route-cases.js';

/** A valid payload of each client event, made anew for whoever asks. */

type EventCases = { [E in ClientEventName]: (asker: Asker) => Payload<E> | Promise<Payload<E>> };

let nonces = 0;
const thread = ({ scene }: Asker) => ({ thread_id: scene.thread.id });
const community = ({ scene }: Asker) => ({ community_id: scene.community.id });

export const eventCases: EventCases = {
  join_community: community,
  leave_community: community,
  join_thread: thread,
  leave_thread: thread,
  sync_thread: (asker) => ({ ...thread(asker), after_rev: 0 }),
  send_message: (asker) => ({ ...thread(asker), content: 'of the matrix', nonce: `matrix-${nonces++}` }),
  edit_message: async (asker) => ({ message_id: await messageFor(asker), content: 'changed' }),
  delete_message: async (asker) => ({ message_id: await messageFor(asker) }),
  add_reaction: async (asker) => ({ message_id: await messageFor(asker), emoji: '👍' }),
  remove_reaction: async (asker) => ({ message_id: await messageFor(asker), emoji: '👍' }),
  mark_read: (asker) => ({ ...thread(asker), seq: 1 }),
  mark_all_read: () => ({}),
  typing: thread,
  stop_typing: thread,
};
