import { WebSocket } from 'ws';

/** One connection to the socket door, frame by frame, without a client's manners. */
export interface Wire {
  /** Every frame of text that came. */
  hear(listener: (frame: string) => void): void;
  send(frame: string | Uint8Array): Promise<void>;
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>;
  close(): void;
}

const separator = '\u001e';

export const overWebSocket = async (url: string): Promise<Wire> => {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const listeners: ((frame: string) => void)[] = [];
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  socket.on('error', () => undefined);
  socket.on('message', (bytes: Buffer) => {
    for (const listener of listeners) listener(bytes.toString('utf8'));
  });
  await Promise.race([new Promise((resolve) => socket.once('open', resolve)), ended]);
  return {
    hear: (listener) => void listeners.push(listener),
    send: (frame) =>
      new Promise((resolve) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(frame, () => resolve());
        else resolve();
      }),
    ended,
    close: () => socket.terminate(),
  };
};

/** The same by HTTP requests; binary frames go as base64, as Engine.IO writes them. */
export const overPolling = async (url: string): Promise<Wire> => {
  const door = `${url}/socket.io/?EIO=4&transport=polling`;
  const listeners: ((frame: string) => void)[] = [];
  const stop = new AbortController();
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const asked = async (address: string, body?: string): Promise<string | null> => {
    const answer = await fetch(address, { signal: stop.signal, ...(body !== undefined && { method: 'POST', body }) }).catch(() => null);
    const text = await answer?.text().catch(() => null);
    if (answer && answer.status >= 500 && answer.status !== 503) throw new Error(`polling was answered with ${answer.status}: ${text}`);
    return answer?.ok ? (text ?? null) : null;
  };
  const greeting = await asked(door);
  const sid = greeting === null ? null : (JSON.parse(greeting.slice(1)) as { sid: string }).sid;
  const address = `${door}&sid=${sid}`;
  let failure: unknown;
  const listen = async (): Promise<void> => {
    for (;;) {
      const text = await asked(address);
      if (text === null) return;
      for (const frame of text.split(separator)) for (const listener of listeners) listener(frame);
    }
  };
  if (sid === null) end();
  else
    void listen()
      .catch((error: unknown) => {
        failure = error;
      })
      .finally(end);
  return {
    hear: (listener) => void listeners.push(listener),
    send: async (frame) => {
      if (sid !== null) await asked(address, typeof frame === 'string' ? frame : `b${Buffer.from(frame).toString('base64')}`);
      if (failure) throw failure;
    },
    ended,
    close: () => stop.abort(),
  };
};
