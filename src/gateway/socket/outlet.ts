import { isFreeBelow, type Tcp, writeBelow } from './tcp-handle.js';

/**
 * What of Socket.IO's socket is reached into to write to it: Engine.IO's connection, the WebSocket below it and the TCP socket
 * below that, from where tcp-handle.ts goes on. tests/integration/socket/outlet.test.ts holds these names in place against a
 * real connection; where one of them is missing, events go the common way.
 */
export interface Outlet {
  readonly data?: { readonly packs?: boolean; readonly isPlain?: boolean } | undefined;
  readonly conn: Connection;
}

export interface Connection {
  readonly readyState: string;
  readonly upgrading?: boolean;
  readonly writeBuffer: readonly unknown[];
  write(data: string, options: { wsPreEncodedFrame?: readonly Buffer[]; compress: boolean }): unknown;
  readonly transport?: {
    readonly name: string;
    readonly writable: boolean;
    readonly perMessageDeflate?: unknown;
    /** It speaks plain JSON. */
    readonly isPlain?: boolean;
    readonly socket?: {
      readonly readyState?: number;
      readonly _sender?: { readonly sendFrame?: unknown };
      readonly _socket?: Tcp | null;
    };
  };
}

const wsOpen = 1;

/** What can be ended at once. */
export interface Cuttable {
  readonly readyState: string;
  write(data: string, options: { compress: boolean }): unknown;
  close(discard?: boolean): unknown;
  readonly transport?: { readonly socket?: { terminate?(): void } };
}

/**
 * Ends a connection without waiting for anything that is still to be written. Closed as such, the WebSocket would
 * keep what it holds for its closing handshake, which a reader that is lost never ends.
 */
export const cut = (conn: Cuttable): void => {
  const { transport } = conn;
  conn.close(true);
  transport?.socket?.terminate?.();
};

export interface WriteOptions {
  /** Past Engine.IO and the WebSocket's sender, straight to the TCP socket's handle, while nothing waits there. */
  direct: boolean;
}

/** What is written, in the forms that connections take; each is made when it is first asked for. */
export interface Written {
  /** WebSocket frames. */
  readonly single: Buffer;
  /** The same for a client that takes several events in one packet. */
  readonly packed: Buffer;
  /** The same for a client that speaks plain JSON. */
  readonly plain: Buffer;
  /** Socket.IO's packets, for transports that know no frames. */
  readonly packets: readonly string[];
}

/** Whether the connection takes finished frames. */
const takesFrames = ({ transport, upgrading }: Connection): boolean =>
  transport?.name === 'websocket' && !upgrading && !transport.perMessageDeflate && Boolean(transport.socket?._sender?.sendFrame);

/** The TCP socket, while nothing waits on the way to it. */
const freeWay = ({ transport, writeBuffer }: Connection): Tcp | undefined => {
  const ws = transport?.socket;
  const tcp = ws?._socket;
  const isFree = transport?.writable && writeBuffer.length === 0 && ws?.readyState === wsOpen;
  return isFree && tcp?.writableLength === 0 && isFreeBelow(tcp) ? tcp : undefined;
};

/**
 * Writes to one socket. Order holds between all ways: each writes to the TCP socket's handle at once or into a queue that is
 * looked at first here. Answers whether something waits for the reader now.
 */
export const writeFrames = ({ conn, data }: Outlet, written: Written, options: WriteOptions): boolean => {
  if (conn.readyState !== 'open') return false;
  if (!takesFrames(conn)) {
    for (const packet of written.packets) conn.write(packet, { compress: false });
    return conn.writeBuffer.length > 0;
  }
  const buffer = data?.isPlain ? written.plain : data?.packs ? written.packed : written.single;
  const tcp = options.direct ? freeWay(conn) : undefined;
  if (tcp) return writeBelow(tcp, buffer);
  conn.write('', { wsPreEncodedFrame: [buffer], compress: false });
  return conn.writeBuffer.length > 0;
};

/** Writes a frame that is not Socket.IO's past everything; false when the way is not free for it. */
export const writePast = (conn: Connection, frame: Buffer): boolean => {
  const tcp = conn.readyState === 'open' && takesFrames(conn) ? freeWay(conn) : undefined;
  if (tcp) writeBelow(tcp, frame);
  return tcp !== undefined;
};
