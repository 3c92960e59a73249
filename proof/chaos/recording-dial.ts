import { type Dial, dialSocketIo } from '../../src/client/wire.js';
import type { Message } from '../../src/protocol/resources.js';
import type { Act } from '../history/history.js';
import { namedThreads, wayOf } from '../history/named-threads.js';
import type { Recorder } from './recorder.js';

type Fields = Record<string, unknown>;
interface Acknowledgement {
  ok?: boolean;
  data?: { message?: Message; messages?: Message[]; read_seq?: number };
  error?: { code?: string };
}

/**
 * The client's wire with a recorder on it: every attempt to change something is a call of its own, every message that
 * comes, in an event or a page, is seen. An answer that never comes leaves its call without one.
 */
export const recordingDial = (recorder: Recorder, client: string, memberId: () => string | null, delivered: () => void): Dial => {
  let connections = 0;
  return (origin, token, listener) => {
    const member = memberId() ?? '';
    const connection = ++connections;
    const lost = (name: string, { thread_id, community_id, member_id }: Fields): void => {
      if (name === 'thread_deleted') recorder.parted(client, member, connection, { thread: String(thread_id) });
      else if (member_id === member) recorder.parted(client, member, connection, { community: String(community_id) });
    };
    const wire = dialSocketIo(origin, token, {
      ...listener,
      opened: () => listener.opened(),
      refused: (fault) => listener.refused(fault),
      closed: () => listener.closed(),
      event(name, payload) {
        const fields = payload as Fields;
        if (name === 'thread_deleted' || name === 'member_left') lost(name, fields);
        else recorder.told(client, member, wayOf(name, payload), namedThreads(payload), { connection });
        if (name === 'new_message' || name === 'message_updated' || name === 'message_deleted') {
          delivered();
          fields.message = recorder.seen(client, member, name, fields.message as Message);
        } else if (name === 'read_receipt') {
          const { thread_id, member_id, seq } = fields as { thread_id: string; member_id: string; seq: number };
          recorder.receipt(client, { thread: thread_id, member: member_id, seq });
        } else if (name === 'presence') {
          const { member_id, presence } = fields as { member_id: string; presence: { state: string } };
          recorder.presence(client, { member: member_id, state: presence.state });
        }
        listener.event(name, payload);
      },
    });
    return {
      close: () => wire.close(),
      send(event, payload, ack) {
        const act = actOf(recorder, event, payload as Fields);
        const op = act && recorder.call(client, member, act);
        const asked = recorder.now();
        wire.send(event, payload, (answer) => {
          const { ok, data, error } = (answer ?? {}) as Acknowledgement;
          if (ok) recorder.told(client, member, event, namedThreads(data), { connection, asked });
          for (const [i, message] of (data?.messages ?? []).entries()) data!.messages![i] = recorder.seen(client, member, 'page', message);
          if (op === undefined) {
            // Nothing was changed by it.
          } else if (ok) recorder.answer(op, 'ok', { ...(data?.message && { message: data.message }), ...readSeq(data?.read_seq) });
          else recorder.answer(op, error?.code === 'timeout' || !error ? 'unknown' : 'refused', { code: error?.code ?? 'none' });
          ack(answer);
        });
      },
    };
  };
};

const readSeq = (read_seq: number | undefined) => (read_seq === undefined ? {} : { read_seq });

const actOf = (recorder: Recorder, event: string, fields: Fields): Act | undefined => {
  const { thread_id, message_id, content, nonce, emoji, seq } = fields as Record<string, string> & { seq: number };
  const message = message_id ?? '';
  const thread = thread_id ?? recorder.threadOf(message) ?? '';
  switch (event) {
    case 'send_message':
      return { do: 'send', thread, nonce: nonce ?? '', content: content ?? '' };
    case 'edit_message':
      return { do: 'edit', thread, message, content: content ?? '' };
    case 'delete_message':
      return { do: 'delete', thread, message };
    case 'add_reaction':
    case 'remove_reaction':
      return { do: 'react', thread, message, emoji: emoji ?? '', on: event === 'add_reaction' };
    case 'mark_read':
      return { do: 'mark_read', thread, seq };
    default:
      return undefined;
  }
};
