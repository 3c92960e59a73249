import { bind } from '../../catalogue/bound.js';
import {
  addReaction,
  deleteMessage,
  editMessage,
  getMemberActivity,
  getMessage,
  listMessages,
  listReplies,
  removeReaction,
  sendMessage,
  syncThread,
} from './contract.js';
import { History } from './history.js';
import { Messages } from './messages.js';

export const operations = [
  bind(sendMessage, async (caller, input, { ports, again }) => {
    const { message, created } = await ports.one(Messages).send(caller, input);
    if (!created) again();
    return message;
  }),
  bind(editMessage, async (caller, input, { ports }) => (await ports.one(Messages).edit(caller, input)).message),
  bind(deleteMessage, async (caller, input, { ports }) => (await ports.one(Messages).delete(caller, input)).message),
  bind(addReaction, (caller, input, { ports }) => ports.one(Messages).react(caller, { ...input, add: true })),
  bind(removeReaction, (caller, input, { ports }) => ports.one(Messages).react(caller, { ...input, add: false })),
  bind(syncThread, (caller, input, { ports }) => ports.one(Messages).sync(caller, input)),
  bind(listMessages, (caller, input, { ports }) => ports.one(History).page(caller, input)),
  bind(listReplies, (caller, input, { ports }) => ports.one(History).replies(caller, input)),
  bind(getMessage, (caller, { message_id }, { ports }) => ports.one(History).get(caller, message_id, ports.places)),
  bind(getMemberActivity, (caller, input, { ports }) => ports.one(History).activity(caller, input.member_id, input)),
] as const;
