import { expect } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import type { ParleyClient } from '../../src/client/index.js';
import type { Ack, ServerToClient } from '../../src/protocol/events.js';
import type { Thread } from '../../src/protocol/resources.js';
import type { TestNode } from '../cluster/harness.js';
import { found, signUp, token } from '../cluster/people.js';

/** By any name with anything. */
type ClientToServer = Record<string, (input: unknown, answered: (answer: Ack<unknown>) => void) => void>;
type RawClient = Socket<ServerToClient, ClientToServer>;

/**
 * Somebody else on the node under attack: one connection, subscribed to one thread, that never reconnects. Whatever is done to
 * the node, it must keep this very connection and keep getting events.
 */
export class Bystander {
  readonly #pid: number;
  readonly #id: string;
  #count = 0;
  #lost = '';
  readonly #others: ParleyClient[] = [];

  private constructor(
    readonly node: TestNode,
    readonly client: ParleyClient,
    readonly thread: Thread,
    readonly socket: RawClient,
  ) {
    this.#pid = node.pid;
    this.#id = socket.id as string;
    socket.once('disconnect', (why) => {
      this.#lost = why;
    });
  }

  static async on(node: TestNode): Promise<Bystander> {
    const client = await signUp([node.url], 'bystander');
    const { thread } = await found(client);
    const socket = await openSocket(node.url, await token(client));
    const answer = await socket.emitWithAck('join_thread', { thread_id: thread.id });
    expect(answer.ok).toBe(true);
    return new Bystander(node, client, thread, socket);
  }

  /** A message goes round by this connection; the process and the connection are the same as ever. */
  async isUnharmed(): Promise<void> {
    const content = `still here ${++this.#count}`;
    const arrived = new Promise<void>((resolve, reject) => {
      const gone = (why: string): void => reject(new Error(`the bystander lost its connection: ${why}`));
      this.socket.once('disconnect', gone);
      const hear: ServerToClient['new_message'] = ({ message }) => {
        if (!('content' in message) || message.content !== content) return;
        this.socket.off('new_message', hear);
        this.socket.off('disconnect', gone);
        resolve();
      };
      this.socket.on('new_message', hear);
      if (!this.socket.connected) gone(`before, by ${this.#lost}`);
    });
    await Promise.all([arrived, this.client.operations.sendMessage({ thread_id: this.thread.id, content })]);
    expect(this.node.running).toBe(true);
    expect(this.node.pid).toBe(this.#pid);
    expect(this.socket.id).toBe(this.#id);
  }

  /** Somebody who is nobody's friend, on the same node. */
  async another(): Promise<ParleyClient> {
    const client = await signUp([this.node.url], 'another');
    this.#others.push(client);
    return client;
  }

  close(): void {
    this.socket.disconnect();
    this.client.close();
    for (const other of this.#others) other.close();
  }
}

/** A Socket.IO connection that does not come back by itself; rejects with the refusal's `data` when it is turned away. */
export const openSocket = (url: string, accessToken: string | null): Promise<RawClient> => {
  const socket: RawClient = io(url, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: accessToken === null ? {} : { token: accessToken },
  });
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', (error: Error & { data?: unknown }) => {
      socket.disconnect();
      reject(error.data ?? error);
    });
  });
};
