import { IncomingMessage } from 'node:http';

const isOffered = Symbol('upgrade offered');
const webSocket = /(?:^|,)\s*websocket\s*(?:,|$)/i;

/**
 * A request whose offer to go on in another protocol is heeded for WebSocket alone. Node hands every connection with such
 * an offer to whoever listens for upgrades, without the request's body; but a server may ignore an offer (RFC 9110 7.8),
 * and some clients offer HTTP/2 (`Upgrade: h2c`) with all they ask for. Theirs are answered as if they had offered nothing.
 */
export class ArrivingRequest extends IncomingMessage {
  declare [isOffered]: boolean;

  /** Whether the connection is to be handed over: what Node's server asks when it has read the headers. */
  get upgrade(): boolean {
    return this[isOffered] && (this.method === 'CONNECT' || webSocket.test(this.headers.upgrade ?? ''));
  }

  set upgrade(offered: boolean | null) {
    this[isOffered] = offered === true;
  }

  /** Node's parser then loses what came behind it in the same piece: the connection has to end with the answer. */
  get isOfferIgnored(): boolean {
    return this[isOffered] && !this.upgrade;
  }
}
