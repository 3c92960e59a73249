import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws';
import type { Fault } from '../../kernel/errors.js';
import { bounds } from '../../protocol/primitives.js';
import { inletBounds } from './inlet-bounds.js';
import type { Passage } from './passage.js';

/**
 * The largest message that a WebSocket's receiver takes. Where the name is missing, frames stay as small as before
 * signing in.
 */
export interface ReceivingSocket {
  readonly _receiver?: { _maxPayload?: number };
}

/** Of a WebSocket that speaks plain JSON: tells its sender that a frame was too much. */
export type TooMuch = (frame: Buffer, error: Fault) => void;

export type BoundedSocket = WebSocket & { passage?: Passage | undefined; tooMuch?: TooMuch | undefined };
/** As Engine.IO makes WebSocket servers. */
export type WebSocketServerClass = new (options: ServerOptions) => WebSocketServer;

/** Lets it take messages of the full size from now on. */
export const widen = (socket: ReceivingSocket): void => {
  if (socket._receiver) socket._receiver._maxPayload = bounds.frameBytes;
};

/** What is made of a WebSocket's frames. */
export interface FrameTaker {
  /** A message; false when nothing is to be made of it. */
  takes(socket: BoundedSocket, passage: Passage, data: Buffer, isBinary: boolean): boolean;
  /** A ping, or a pong when there is none. */
  beats(socket: BoundedSocket, passage: Passage, ping: Buffer | undefined): void;
}

/**
 * WebSockets that ask before anything is made of what has come, for Engine.IO's option `wsEngine`. They answer no ping by
 * themselves, and take small messages until they are widened.
 */
export const webSocketServer = (
  taker: FrameTaker,
  passageOf: (request: { url?: string | undefined }) => Passage | undefined,
  gaveUp: (request: object) => void,
  refuse: (socket: Duplex, why: string) => void,
): WebSocketServerClass => {
  class InletSocket extends WebSocket {
    passage: Passage | undefined = undefined;
    tooMuch: TooMuch | undefined = undefined;

    /** What the library tells of what has come. On a connection that is closing nothing more is made of it. */
    override emit(event: string | symbol, ...args: unknown[]): boolean {
      switch (event) {
        case 'message':
          if (this.readyState !== WebSocket.OPEN || !this.passage) return false;
          if (!taker.takes(this, this.passage, args[0] as Buffer, args[1] as boolean)) return false;
          break;
        case 'ping':
        case 'pong':
          if (this.readyState !== WebSocket.OPEN || !this.passage) return false;
          taker.beats(this, this.passage, event === 'ping' ? (args[0] as Buffer) : undefined);
          break;
      }
      return super.emit(event, ...args);
    }
  }
  return class extends WebSocketServer {
    constructor(options: ServerOptions) {
      super({
        ...options,
        WebSocket: InletSocket as never,
        autoPong: false,
        maxPayload: inletBounds.entryBytes,
        ...({ maxFragments: inletBounds.fragments, maxBufferedChunks: inletBounds.pieces, closeTimeout: inletBounds.closeMs } as object),
      });
      this.on('wsClientError', ({ message }, socket) => refuse(socket, message));
    }

    override handleUpgrade(...[request, socket, head, made]: Parameters<WebSocketServer['handleUpgrade']>): void {
      let isMade = false;
      super.handleUpgrade(request, socket, head, (webSocket, of) => {
        isMade = true;
        const bounded = webSocket as InletSocket;
        bounded.passage = passageOf(request);
        if (bounded.passage?.isIn) widen(bounded as unknown as ReceivingSocket);
        made(webSocket, of);
      });
      if (!isMade) gaveUp(request);
    }
  };
};
