import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Fault } from '../../kernel/errors.js';
import { answerRaw } from '../raw-answer.js';

interface Engine {
  on(event: 'headers', listener: (headers: Record<string, string>, request: IncomingMessage) => void): unknown;
  on(event: 'connection_error', listener: (error: Refused) => void): unknown;
}

interface Refused {
  req: IncomingMessage & { res?: ServerResponse; websocket?: unknown };
  code: number;
  message: string;
  context?: { message?: string };
}

/** Engine.IO's number for what `allowRequest` refuses. */
const forbidden = 4;

/**
 * Puts headers on the answers of Engine.IO that no response object carries: on a finished upgrade, and on a refused one, which is
 * answered here, since Engine.IO would write its own lines to the connection. What it finds ended it only closes.
 */
export const withHeaders = (engine: Engine, headers: Readonly<Record<string, string>>): void => {
  engine.on('headers', (answer) => Object.assign(answer, headers));
  engine.on('connection_error', ({ req, code, message, context }) => {
    const isUpgrade = req.res === undefined && req.websocket === undefined;
    if (!isUpgrade) return;
    const words = context?.message ?? message;
    answerRaw(
      req.socket,
      code === forbidden ? 403 : 400,
      new Fault(code === forbidden ? 'forbidden' : 'validation_failed', words),
      headers,
    );
  });
};

/** Answers a handshake that is no WebSocket's, in the place of the library of WebSockets. */
export const refuseHandshake = (socket: Duplex, why: string, headers: Readonly<Record<string, string>>): void => {
  // The version that is spoken here, for who asked for another.
  answerRaw(socket, 400, new Fault('validation_failed', why), { ...headers, 'Sec-WebSocket-Version': '13' });
};
