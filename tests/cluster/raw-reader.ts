import { WebSocket } from 'ws';

/** A subscriber that counts what reaches it: WebSocket messages, bytes of them, and the events in them. */
export class RawReader {
  frames = 0;
  bytes = 0;
  events = 0;
  readonly #socket: WebSocket;
  readonly #heard = new Set<(text: string) => void>();

  private constructor(url: string, token: string, pack: boolean) {
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`);
    this.#socket.on('error', () => undefined);
    this.#socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text === '2') this.#socket.send('3');
      if (text.startsWith('0')) this.#socket.send(`40${JSON.stringify({ token, ...(pack && { pack: 1 }) })}`);
      if (text.startsWith('42')) this.#count(text);
      for (const hear of this.#heard) hear(text);
    });
  }

  static async open(url: string, token: string, options: { pack: boolean }): Promise<RawReader> {
    const reader = new RawReader(url, token, options.pack);
    await reader.#first('40');
    return reader;
  }

  async join(threadId: string): Promise<void> {
    this.#socket.send(`421${JSON.stringify(['join_thread', { thread_id: threadId }])}`);
    const answer = await this.#first('431');
    if (!answer.includes('"ok":true')) throw new Error(answer.slice(0, 200));
  }

  reset(): void {
    this.frames = 0;
    this.bytes = 0;
    this.events = 0;
  }

  close(): void {
    this.#socket.terminate();
  }

  #count(text: string): void {
    this.frames++;
    this.bytes += Buffer.byteLength(text);
    const [name, payload] = JSON.parse(text.slice(2)) as [string, [string, unknown][]];
    const names = name === 'batch' ? payload.map(([each]) => each) : [name];
    this.events += names.filter((each) => each === 'new_message').length;
  }

  #first(start: string): Promise<string> {
    return new Promise((resolve) => {
      const hear = (text: string): void => {
        if (!text.startsWith(start)) return;
        this.#heard.delete(hear);
        resolve(text);
      };
      this.#heard.add(hear);
    });
  }
}
