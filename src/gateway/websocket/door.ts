import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Asked, isAtWebSocketDoor, readTarget } from './address.js';
import { Conversation, type ConversationParts } from './conversation.js';
import type { PlainTransport } from './transport.js';

/** What of Engine.IO's server is reached into. tests/integration/socket/plain.test.ts holds these names in place. */
export interface Engine {
  createTransport(name: string, request: object): object;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** As Socket.IO's own clients ask for a WebSocket. */
const asSocketIo = '/socket.io/?EIO=4&transport=websocket';

/**
 * Plain WebSockets, for clients without Socket.IO: frames of JSON. A request that comes here goes on as one of
 * Socket.IO's, past the same origins, addresses and bounds, and its connection is translated (`Conversation`). Its
 * token is taken out of the request before anything else sees it.
 */
export class WebSocketDoor {
  readonly #parts: ConversationParts;
  readonly #asked = new WeakMap<object, Asked>();

  constructor(parts: ConversationParts) {
    this.#parts = parts;
  }

  /** Once, after the engine listens to the server. */
  open(http: HttpServer, engine: Engine): void {
    const make = engine.createTransport;
    engine.createTransport = (name, request) => {
      const transport = make.call(engine, name, request);
      const asked = this.#asked.get(request);
      if (asked) new Conversation(this.#parts, transport as PlainTransport).begin(asked);
      return transport;
    };
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const target = request.url ?? '';
      const asked = isAtWebSocketDoor(target) ? readTarget(target) : undefined;
      if (!asked) return;
      this.#asked.set(request, asked);
      request.url = asSocketIo;
      engine.handleUpgrade(request, socket, head);
    });
  }
}
