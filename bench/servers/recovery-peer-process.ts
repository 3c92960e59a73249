/**
 * Bare Socket.IO on two processes or more, with the Redis streams adapter and connection state recovery as their manuals show them.
 * It answers in the shapes of our own protocol and checks nobody. Only one process is sent to: the numbers of a thread are its own.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Redis } from 'ioredis';
import { Server, type ServerOptions } from 'socket.io';
import { newId } from '../../src/kernel/ids.js';
import { answerCalls } from '../processes/calls.js';

type Acknowledge = (answer: { ok: true; data: unknown }) => void;

let io: Server | undefined;
let redis: Redis | undefined;

const start = async ({ redisUrl, name }: { redisUrl: string; name: string }): Promise<number> => {
  const http = createServer();
  redis = new Redis(redisUrl);
  const options = { streamName: `${name}:stream`, channelPrefix: name, sessionKeyPrefix: `${name}:session:` };
  const adapter = createAdapter(redis, options) as ServerOptions['adapter'];
  io = new Server(http, { serveClient: false, adapter, connectionStateRecovery: { maxDisconnectionDuration: 120_000 } });
  const heads = new Map<string, number>();
  const server = io;
  server.on('connection', (socket) => {
    const author = newId(Date.now());
    socket.on('join_thread', async ({ thread_id }: { thread_id: string }, acknowledge: Acknowledge) => {
      await socket.join(`t:${thread_id}`);
      acknowledge({ ok: true, data: { head_rev: heads.get(thread_id) ?? 0 } });
    });
    socket.on('send_message', (input: { thread_id: string; content: string; nonce: string }, acknowledge: Acknowledge) => {
      const rev = (heads.get(input.thread_id) ?? 0) + 1;
      heads.set(input.thread_id, rev);
      const created = new Date();
      const message = { id: newId(created.getTime()), seq: rev, rev, author, created_at: created.toISOString(), ...input };
      server.to(`t:${input.thread_id}`).emit('new_message', { message });
      acknowledge({ ok: true, data: { message } });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return (http.address() as AddressInfo).port;
};

/** In order: only so are the sessions kept that others can take up. Ends when Redis has them. */
const close = async (): Promise<void> => {
  await io?.close();
  await redis?.ping();
};

answerCalls({ start, close });
