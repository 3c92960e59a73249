import { io } from 'socket.io-client';
import { type ErrorCode, errorTable, Fault } from '../kernel/errors.js';
import { batchEvent } from '../protocol/batch.js';

/** What a socket tells during its one life. Nothing is told after `closed` or `refused`. */
export interface WireListener {
  opened(): void;
  /**
   * A packet arrived, if only a ping. A wire that does not tell is given up for silence only when an answer is missed.
   */
  alive?(): void;
  /** It never opened, or the server turned it away. */
  refused(fault: Fault): void;
  event(name: string, payload: unknown): void;
  closed(): void;
}

/** One socket, from dialling to its end. */
export interface Wire {
  send(event: string, payload: unknown, ack: (answer: unknown) => void): void;
  /** Ends it without telling `closed`. */
  close(): void;
}

/** Opens a socket to an origin; the token is asked for when it is needed. The port that tests fake. */
export type Dial = (origin: string, token: () => Promise<string>, listener: WireListener) => Wire;

const refusal = (error: Error & { data?: unknown }): Fault => {
  const data = error.data as { code?: unknown; message?: unknown; retry_after_ms?: unknown } | undefined;
  const code = typeof data?.code === 'string' && data.code in errorTable ? (data.code as ErrorCode) : 'unavailable';
  return new Fault(
    code,
    typeof data?.message === 'string' ? data.message : error.message,
    { retry_after_ms: typeof data?.retry_after_ms === 'number' ? data.retry_after_ms : undefined },
    error,
  );
};

/**
 * Socket.IO v4 over WebSocket alone. Its own reconnecting is off: a connection here may move to another node, must
 * renew its token first, and is to come back after what a draining node asked for, none of which one Socket.IO manager
 * does.
 */
export const dialSocketIo: Dial = (origin, token, listener) => {
  let over = false;
  const socket = io(origin === '' ? '/' : origin, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    timeout: 10_000,
    auth: (give) => {
      token().then(
        (value) => give({ token: value, protocol: 2, pack: 1 }),
        (thrown: unknown) => finish(() => listener.refused(Fault.from(thrown))),
      );
    },
  });
  const finish = (tell: () => void): void => {
    if (over) return;
    over = true;
    socket.disconnect();
    tell();
  };
  socket.on('connect', () => {
    if (!over) listener.opened();
  });
  socket.on('connect_error', (error) => finish(() => listener.refused(refusal(error))));
  socket.on('disconnect', () => finish(() => listener.closed()));
  // Every packet, also answers and the server's pings.
  socket.io.on('open', () => {
    socket.io.engine.on('packet', () => {
      if (!over) listener.alive?.();
    });
  });
  socket.onAny((name: string, payload: unknown) => {
    if (name !== batchEvent) {
      if (!over) listener.event(name, payload);
      return;
    }
    // Asked for by `pack`: the events of one turn in one packet.
    for (const [each, its] of payload as [string, unknown][]) if (!over) listener.event(each, its);
  });
  return {
    send: (event, payload, ack) => void socket.emit(event, payload, ack),
    close: () => finish(() => undefined),
  };
};
