import { communityRoom, threadRoom } from '../../protocol/rooms.js';
import type { MessageOperations } from '../operations/messages.js';
import type { ReadOperations } from '../operations/reads.js';
import type { EventHandlers } from './dispatch.js';
import type { Joining } from './joining.js';

/** The table of client events. What is not about this one socket is an operation that REST shares. */
export const eventHandlers = (parts: { messages: MessageOperations; reads: ReadOperations; joining: Joining }): EventHandlers => {
  const { messages, reads, joining } = parts;
  return {
    join_community: (caller, { community_id }, subscriber) => joining.community(subscriber, caller, community_id),
    leave_community: async (_caller, { community_id }, subscriber) => {
      subscriber.leave(communityRoom(community_id));
      return {};
    },
    join_thread: (caller, payload, subscriber) => joining.thread(subscriber, caller, payload),
    leave_thread: async (_caller, { thread_id }, subscriber) => {
      subscriber.leave(threadRoom(thread_id));
      return {};
    },
    sync_thread: (caller, payload) => messages.sync(caller, payload),
    send_message: async (caller, payload) => ({ message: (await messages.send(caller, payload)).message }),
    edit_message: (caller, payload) => messages.edit(caller, payload),
    delete_message: (caller, payload) => messages.delete(caller, payload),
    add_reaction: (caller, payload) => messages.react(caller, { ...payload, add: true }),
    remove_reaction: (caller, payload) => messages.react(caller, { ...payload, add: false }),
    mark_read: (caller, payload) => reads.mark(caller, payload),
    mark_all_read: (caller, payload) => reads.markAll(caller, payload),
    typing: async (caller, { thread_id }) => {
      await messages.typing(caller, { thread_id, on: true });
      return {};
    },
    stop_typing: async (caller, { thread_id }) => {
      await messages.typing(caller, { thread_id, on: false });
      return {};
    },
  };
};
