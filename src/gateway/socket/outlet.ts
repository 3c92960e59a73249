import type { Frames } from './frames.js';

/**
 * What of Socket.IO's socket is reached into to write to it: Engine.IO's connection, the WebSocket below it and the TCP socket
 * below that. tests/integration/socket/outlet.test.ts holds these names in place against a real connection; where one of them
 * is missing, events go the common way.
 */
export interface Outlet {
  readonly data?: { readonly packs?: boolean } | undefined;
  readonly conn: {
    readonly readyState: string;
    readonly upgrading?: boolean;
    readonly writeBuffer: readonly unknown[];
    write(data: string, options: { wsPreEncodedFrame?: readonly Buffer[]; compress: boolean }): unknown;
    readonly transport?: {
      readonly name: string;
      readonly writable: boolean;
      readonly perMessageDeflate?: unknown;
      readonly socket?: {
        readonly readyState?: number;
        readonly _sender?: { readonly sendFrame?: unknown };
        readonly _socket?: { readonly writableLength: number; write(data: Buffer): boolean } | null;
      };
    };
  };
}

const wsOpen = 1;

export interface WriteOptions {
  /** Past Engine.IO and the WebSocket's sender, straight to the TCP socket, while nothing waits there. */
  direct: boolean;
}

/**
 * Writes events to one socket. Order holds between all ways: each writes to the TCP socket at once or into the queue that is
 * looked at first here. Answers whether something waits for the reader now.
 */
export const writeFrames = (socket: Outlet, frames: Frames, options: WriteOptions): boolean => {
  const { conn } = socket;
  if (conn.readyState !== 'open') return false;
  const { transport } = conn;
  const ws = transport?.socket;
  if (transport?.name !== 'websocket' || conn.upgrading || transport.perMessageDeflate || !ws?._sender?.sendFrame) {
    for (const packet of frames.packets) conn.write(packet, { compress: false });
    return conn.writeBuffer.length > 0;
  }
  const buffer = socket.data?.packs ? frames.packed : frames.single;
  const tcp = ws._socket;
  if (
    options.direct &&
    tcp &&
    transport.writable &&
    conn.writeBuffer.length === 0 &&
    ws.readyState === wsOpen &&
    tcp.writableLength === 0
  ) {
    return !tcp.write(buffer);
  }
  conn.write('', { wsPreEncodedFrame: [buffer], compress: false });
  return conn.writeBuffer.length > 0;
};
