import { waitingBelow } from './tcp-handle.js';

/**
 * What of Socket.IO's socket is reached into to see what waits to be written: Engine.IO's own queue above the transport, and
 * below it what the WebSocket and the kernel's handle have not got rid of. tests/integration/socket/slow-readers.test.ts
 * holds these names in place against a real connection.
 */
export interface Backlogged {
  readonly conn: {
    readonly writeBuffer: readonly Queued[];
    readonly transport?: {
      readonly socket?: {
        readonly bufferedAmount?: number;
        readonly _socket?: { readonly _handle?: { readonly writeQueueSize?: number } | null } | null;
      };
    };
  };
}
interface Queued {
  readonly data?: unknown;
  readonly options?: { readonly wsPreEncodedFrame?: readonly Uint8Array[] };
}

/** What waits for one reader. Bytes that one event takes for many readers are counted at each of them. */
export interface Waiting {
  packets: number;
  bytes: number;
}

const sizeOf = ({ data, options }: Queued): number => {
  if (options?.wsPreEncodedFrame) return options.wsPreEncodedFrame.reduce((sum, part) => sum + part.byteLength, 0);
  if (typeof data === 'string') return data.length;
  return data instanceof Uint8Array ? data.byteLength : 0;
};

/** Counts what waits for one reader, each packet once however often it is asked, and sees whether anything of it moves. */
export class WriteBacklog {
  readonly #outlet: Backlogged;
  #queue: readonly Queued[] = [];
  #counted = 0;
  #queuedBytes = 0;
  #seen: { queue: readonly Queued[]; below: number; handle: number } | undefined;

  constructor(outlet: Backlogged) {
    this.#outlet = outlet;
  }

  waiting(): Waiting {
    const { writeBuffer } = this.#outlet.conn;
    // Engine.IO hands a whole queue to the transport and begins another.
    if (writeBuffer !== this.#queue || writeBuffer.length < this.#counted) {
      this.#queue = writeBuffer;
      this.#counted = 0;
      this.#queuedBytes = 0;
    }
    for (; this.#counted < writeBuffer.length; this.#counted++) this.#queuedBytes += sizeOf(writeBuffer[this.#counted]!);
    return { packets: writeBuffer.length, bytes: this.#queuedBytes + this.#below() };
  }

  /** Whether the reader has taken anything since this was last asked; true the first time. */
  moved(): boolean {
    const now = { queue: this.#outlet.conn.writeBuffer, below: this.#below(), handle: this.#handle() };
    const before = this.#seen;
    this.#seen = now;
    return !before || now.queue !== before.queue || now.below !== before.below || now.handle !== before.handle;
  }

  #below(): number {
    const ws = this.#outlet.conn.transport?.socket;
    return (ws?.bufferedAmount ?? 0) + (ws?._socket ? waitingBelow(ws._socket) : 0);
  }

  /** Bytes that the kernel has not taken yet; unlike `bufferedAmount` it falls while one large write goes out piece by piece. */
  #handle(): number {
    return this.#outlet.conn.transport?.socket?._socket?._handle?.writeQueueSize ?? 0;
  }
}
