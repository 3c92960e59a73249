import { getSystemErrorName } from 'node:util';

/**
 * What of Node's TCP sockets is reached into to write without their streams, which are a tenth of what a delivery costs: the
 * handle, and the request that holds a write until the kernel has taken all of it. tests/integration/socket/outlet.test.ts holds
 * these names in place; where one of them is missing, the socket's own `write` is called.
 */
export interface Tcp {
  readonly bytesWritten: number;
  readonly writableLength: number;
  readonly _handle?: Handle | null;
  write(data: Buffer): boolean;
  destroy(error: Error): unknown;
}
interface Handle {
  /** Answers 0, or the negative number of an error. */
  writeBuffer?(request: Request, data: Buffer): number;
}
interface Request {
  buffer?: Buffer;
  oncomplete?: (status: number) => void;
}
interface Binding {
  readonly WriteWrap: new () => Request;
  readonly streamBaseState: ArrayLike<number>;
  /** Where the state tells whether something of the last write is still to be done. */
  readonly kLastWriteWasAsync: number;
}

const bindingOf = (): Binding | undefined => {
  try {
    const found = (process as unknown as { binding(name: string): Partial<Binding> }).binding('stream_wrap');
    const isKnown = typeof found.WriteWrap === 'function' && found.streamBaseState && typeof found.kLastWriteWasAsync === 'number';
    return isKnown ? (found as Binding) : undefined;
  } catch {
    return undefined;
  }
};
const binding = bindingOf();

/** Bytes of writes that the kernel has not taken whole yet. */
const waiting = new Map<object, number>();
/** Serves one write after the other as long as the kernel takes each at once. */
let request = binding && new binding.WriteWrap();

/** Bytes, at most, that wait below the socket's stream and that its `writableLength` does not tell of. */
export const waitingBelow = (tcp: object): number => waiting.get(tcp) ?? 0;

/** Nothing waits below the socket's stream. */
export const isFreeBelow = (tcp: object): boolean => waiting.size === 0 || !waiting.has(tcp);

/**
 * Writes to a socket whose stream and handle have nothing waiting. What the socket's own `write` writes next stands behind it. An
 * error destroys the socket. Answers whether something of it waits now.
 */
export const writeBelow = (tcp: Tcp, data: Buffer): boolean => {
  const handle = tcp._handle;
  if (!binding || !request || !handle?.writeBuffer) return !tcp.write(data);
  const error = handle.writeBuffer(request, data);
  if (error === 0 && binding.streamBaseState[binding.kLastWriteWasAsync] === 0) return false;
  const used = request;
  request = new binding.WriteWrap();
  if (error !== 0) {
    tcp.destroy(failure(error));
    return false;
  }
  waiting.set(tcp, data.byteLength);
  // The kernel reads from it until then.
  used.buffer = data;
  used.oncomplete = (status) => {
    waiting.delete(tcp);
    if (status < 0) tcp.destroy(failure(status));
  };
  return true;
};

const failure = (error: number): Error => {
  const code = getSystemErrorName(error);
  return Object.assign(new Error(`write ${code}`), { code });
};
