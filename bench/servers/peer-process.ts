/**
 * Bare Socket.IO as most would write it: rooms by event, a message to a room, an acknowledgement. It answers in the shapes of our own
 * protocol, so that the same load is put on both, and checks nobody.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { newId } from '../../src/kernel/ids.js';
import { answerCalls } from '../processes/calls.js';
import { peerAdapter } from './peer-adapter.js';
import type { PeerStart } from './peer-options.js';
import { type PeerStore, peerStore } from './peer-store.js';

interface Send {
  thread_id: string;
  content: string;
  nonce: string;
}
type Acknowledge = (answer: { ok: true; data: unknown } | { ok: false; error: { code: string } }) => void;

const start = async (options: PeerStart): Promise<number> => {
  const store: PeerStore | null = await peerStore(options);
  const http = createServer();
  const adapter = peerAdapter(options);
  const io = new Server(http, { serveClient: false, ...(adapter && { adapter }) });
  const heads = new Map<string, number>();

  const publish = (thread_id: string, content: string, author: string, nonce: string | null, created: Date): object => {
    const rev = (heads.get(thread_id) ?? 0) + 1;
    heads.set(thread_id, rev);
    const message = {
      id: newId(created.getTime()),
      thread_id,
      seq: rev,
      rev,
      content,
      author,
      created_at: created.toISOString(),
      edited_at: null,
      is_edited: false,
      reply_to: null,
      attachments: [],
      mentions: [],
      reactions: [],
      nonce,
    };
    io.to(`t:${thread_id}`).emit('new_message', { message });
    return message;
  };

  io.on('connection', (socket) => {
    const author = newId(Date.now());
    socket.on('join_thread', async ({ thread_id }: { thread_id: string }, acknowledge: Acknowledge) => {
      await socket.join(`t:${thread_id}`);
      acknowledge({ ok: true, data: { head_rev: heads.get(thread_id) ?? 0 } });
    });
    socket.on('join_community', async ({ community_id }: { community_id: string }, acknowledge: Acknowledge) => {
      await socket.join(`c:${community_id}`);
      acknowledge({ ok: true, data: {} });
    });
    socket.on('send_message', ({ thread_id, content, nonce }: Send, acknowledge: Acknowledge) => {
      const created = new Date();
      if (!store) {
        acknowledge({ ok: true, data: { message: publish(thread_id, content, author, nonce, created) } });
        return;
      }
      store({ thread_id, author, content, nonce, created_at: created }).then(
        () => acknowledge({ ok: true, data: { message: publish(thread_id, content, author, nonce, created) } }),
        () => acknowledge({ ok: false, error: { code: 'unavailable' } }),
      );
    });
    // Many in one tick, as cheaply as can be: nothing but the emits.
    socket.on('send_messages', ({ thread_id, contents }: { thread_id: string; contents: string[] }, acknowledge: Acknowledge) => {
      const created = new Date();
      for (const content of contents) publish(thread_id, content, author, newId(created.getTime()), created);
      acknowledge({ ok: true, data: {} });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return (http.address() as AddressInfo).port;
};

answerCalls({ start });
