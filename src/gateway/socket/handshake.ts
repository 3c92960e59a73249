import type { Socket } from 'socket.io';

/**
 * Lets go of what a connection needs only until it is in: the HTTP request that it began with, its headers and its token. Socket.IO
 * keeps them as long as the connection lives. Polling goes on to look at them.
 */
export const forgetHandshake = (socket: Pick<Socket, 'conn' | 'handshake'>): void => {
  if (socket.conn.transport.name !== 'websocket') return;
  Object.assign(socket.handshake, { auth: {}, headers: {}, query: {} });
  (socket.conn as { request: unknown }).request = null;
};
