import { io, type Socket } from 'socket.io-client';
import { ParleyClient } from '../../src/client/index.js';

const hearLimitMs = 20_000;

/** Somebody who behaves, on one connection that never comes back: whatever is done to the node, it must stay and hear. */
export class Bystander {
  readonly #client: ParleyClient;
  readonly #socket: Socket;
  readonly #threadId: string;
  #count = 0;
  #lost: string | null = null;

  private constructor(client: ParleyClient, socket: Socket, threadId: string) {
    this.#client = client;
    this.#socket = socket;
    this.#threadId = threadId;
    socket.on('disconnect', (reason) => {
      this.#lost ??= reason;
    });
  }

  static async on(url: string): Promise<Bystander> {
    const client = new ParleyClient({ urls: [url] });
    const username = `bystander_${process.pid.toString(36)}${Math.random().toString(36).slice(2, 8)}`;
    await client.register({ username, email: `${username}@example.org`, password: 'correct horse battery' });
    const community = await client.operations.createCommunity({ name: username });
    const thread = await client.operations.createThread({ community_id: community.id, title: 'Quiet' });
    const token = await client.session.token();
    const socket: Socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: false, auth: { token } });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
    const answer = (await socket.emitWithAck('join_thread', { thread_id: thread.id })) as { ok: boolean };
    if (!answer.ok) throw new Error('the bystander may not hear its own thread');
    return new Bystander(client, socket, thread.id);
  }

  /** Says something and hears it; throws with what is wrong. */
  async isUnharmed(): Promise<void> {
    const content = `still here ${++this.#count}`;
    let late: NodeJS.Timeout | undefined;
    const heard = new Promise<void>((resolve, reject) => {
      late = setTimeout(() => reject(new Error('the bystander does not hear what it says')), hearLimitMs);
      this.#socket.on('new_message', ({ message }: { message: { content?: string } }) => {
        if (message.content === content) resolve();
      });
    });
    try {
      if (this.#lost !== null) throw new Error(`the bystander lost its connection: ${this.#lost}`);
      const said = (await this.#socket
        .timeout(hearLimitMs)
        .emitWithAck('send_message', { thread_id: this.#threadId, content, nonce: `n${this.#count}` })) as {
        ok: boolean;
      };
      if (!said.ok) throw new Error(`the bystander may not speak: ${JSON.stringify(said)}`);
      await heard;
    } finally {
      clearTimeout(late);
      heard.catch(() => undefined);
      this.#socket.off('new_message');
    }
  }

  leave(): void {
    this.#socket.disconnect();
    this.#client.close();
  }
}
