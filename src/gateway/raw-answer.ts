import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Fault } from '../kernel/errors.js';
import { randomToken } from '../kernel/ids.js';
import { toProblem } from '../protocol/problem.js';

/** A problem written to a connection that Node gives no response for (a refused upgrade, a request that cannot be parsed); it ends. */
export const answerRaw = (socket: Duplex, status: number, fault: Fault, headers: Record<string, string>): void => {
  // Whoever is gone already hears nothing.
  socket.on('error', () => undefined);
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({ ...toProblem(fault, randomToken(12)), status });
  const lines = Object.entries({
    ...headers,
    'Cache-Control': 'no-store',
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
};
