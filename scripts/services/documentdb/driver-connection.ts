import type { Socket } from 'node:net';
import { MessageReader, parseRequest, replyHead } from './op-msg.js';
import { answer, type Backend } from './request.js';

let connectionIds = 0;
/** Requests that a driver may have sent ahead on one connection; drivers send one at a time. */
const maxAhead = 100;

/** One driver's connection: requests are answered one after another, in their order. */
export const serveDriver = (socket: Socket, backend: Backend): void => {
  const id = ++connectionIds;
  const reader = new MessageReader();
  const waiting: Buffer[] = [];
  let busy = false;

  const work = async (): Promise<void> => {
    busy = true;
    for (let message = waiting.shift(); message && !socket.destroyed; message = waiting.shift()) {
      const request = parseRequest(message);
      const body = await answer(request, backend, id);
      if (!request.wantsReply || socket.destroyed) continue;
      socket.cork();
      socket.write(replyHead(request, body.length));
      socket.write(body);
      socket.uncork();
    }
    busy = false;
  };

  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    try {
      waiting.push(...reader.push(chunk));
      if (waiting.length > maxAhead) throw new Error('too many requests at once');
    } catch {
      socket.destroy();
      return;
    }
    // Whatever fails here leaves the outcome open; the closed connection says so.
    if (!busy) work().catch(() => socket.destroy());
  });
};
