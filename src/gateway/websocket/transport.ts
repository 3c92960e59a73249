import type { Caller } from '../../catalogue/caller.js';
import { Fault } from '../../kernel/errors.js';
import type { BoundedSocket } from '../socket/bounded-web-sockets.js';
import { type Goodbye, policy } from './goodbye.js';

/**
 * What of Engine.IO's WebSocket transport is reached into. It goes on being what Engine.IO and Socket.IO take it for;
 * only what its WebSocket hears and says is put in other words. tests/integration/socket/plain.test.ts holds these
 * names in place.
 */
export interface PlainTransport {
  readonly socket: BoundedSocket;
  isPlain?: boolean;
  /** Whose connection it is to become, when the address says so. */
  ofMember?: string | undefined;
  /** What is said when it is closed. */
  goodbye?: Goodbye;
  onPacket(packet: { type: string; data?: unknown }): void;
  send(packets: Packet[]): void;
  doClose(done?: () => void): void;
  emit(event: 'drain'): unknown;
}

/** Of Engine.IO. */
export interface Packet {
  readonly type: string;
  readonly data?: unknown;
  readonly options?: { readonly wsPreEncodedFrame?: readonly Buffer[]; readonly compress?: boolean };
}

/** Engine.IO's connection, whichever door it came through. */
export interface Met {
  readonly transport?: Partial<Pick<PlainTransport, 'isPlain' | 'ofMember' | 'goodbye'>>;
}

export const isPlain = ({ transport }: Met): boolean => transport?.isPlain === true;

/** The caller, who may come in by this connection. Fault `forbidden` where its address names somebody else. */
export const asAddressed = ({ transport }: Met, caller: Caller): Caller => {
  const { ofMember } = transport ?? {};
  if (ofMember === undefined || ofMember === caller.member_id) return caller;
  throw new Fault('forbidden', 'The address names somebody else');
};

/** Says why the connection is going to be closed, where there is a word for it. */
export const closeBecause = (conn: Met & { close(): unknown }, reason: string): void => {
  if (conn.transport && isPlain(conn)) conn.transport.goodbye = policy(reason);
  conn.close();
};
