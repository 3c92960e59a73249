import { ParleyClient } from '../../src/client/client.js';
import type { Clock } from '../../src/client/clock.js';
import type { ThreadView } from '../../src/client/thread-view.js';
import { MemoryTokenStore } from '../../src/client/token-store.js';
import type { EventPayload } from '../../src/protocol/events.js';
import type { Message } from '../../src/protocol/resources.js';
import { followLedgers } from '../history/followed-ledgers.js';
import { namedThreads, wayOf } from '../history/named-threads.js';
import { beginning, type SimProcess } from './process.js';
import type { Random } from './random.js';
import type { Recorder } from './recorder.js';
import { type SimNode, tokenOf } from './sim-node.js';
import { simFetch } from './sim-rest.js';
import { type Road, SimConnection } from './sim-socket.js';

const changes = new Set(['new_message', 'message_updated', 'message_deleted']);
const lifetimeMs = 30 * 24 * 3_600_000;

export interface SimDeviceParts {
  name: string;
  memberId: string;
  sessionId: string;
  process: SimProcess;
  random: Random;
  recorder: Recorder;
  origins: readonly string[];
  nodeAt: (origin: string) => SimNode | undefined;
  /** A thread may be viewed from now on: it is opened. */
  heardOf: (communityId: string, thread: string) => void;
}

/** One member's device: the real client over a simulated network, with everything it is shown recorded. */
export class SimDevice implements Road {
  readonly name: string;
  readonly memberId: string;
  readonly process: SimProcess;
  readonly client: ParleyClient;
  readonly random: Random;
  readonly views = new Map<string, ThreadView>();
  readonly connections = new Set<SimConnection>();
  readonly #parts: SimDeviceParts;
  #connections = 0;
  /** Requests by REST that have been made. */
  requests = 0;

  constructor(parts: SimDeviceParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.memberId = parts.memberId;
    this.process = parts.process;
    this.random = parts.random;
    const store = new MemoryTokenStore();
    const token = tokenOf(parts.memberId, parts.sessionId);
    store.write({
      access_token: token,
      refresh_token: token,
      expires_at: beginning + lifetimeMs,
      lifetime_ms: lifetimeMs,
      member_id: parts.memberId,
    });
    this.client = new ParleyClient({
      urls: parts.origins,
      store,
      clock: parts.process.clock satisfies Clock,
      random: parts.random.next,
      fetch: this.#watched(simFetch(parts.process, parts.random, parts.nodeAt)),
      dial: (origin, tokenSource, listener) => new SimConnection(origin, tokenSource, listener, parts.process, this),
    });
  }

  /** Knows the member's ledgers, and says what it knows whenever nothing is missing. */
  followLedgers(): void {
    const told = { kind: 'ledger', client: this.name, member: this.memberId } as const;
    followLedgers(this.client, this.memberId, (known) => this.#parts.recorder.record({ ...told, ...known }));
  }

  /** Hears a community's events, on every connection. */
  follow(communityId: string): void {
    const join = (): void => void this.client.emit('join_community', { community_id: communityId }).catch(() => undefined);
    this.client.connection.onState(({ phase }) => {
      if (phase === 'online') join();
    });
  }

  /** Shows a thread; opened before it is the same view, unless that one has come to its end. */
  show(threadId: string): ThreadView {
    let view = this.views.get(threadId);
    if (view?.status === 'gone') this.hide(threadId);
    view = this.views.get(threadId);
    if (!view) {
      view = this.client.openThread(threadId);
      this.views.set(threadId, view);
    }
    return view;
  }

  hide(threadId: string): void {
    if (this.views.delete(threadId)) this.client.closeThread(threadId);
  }

  door(origin: string): SimNode | undefined {
    return this.#parts.nodeAt(origin);
  }

  opened(connection: SimConnection): void {
    this.connections.add(connection);
  }

  closed(connection: SimConnection): void {
    this.connections.delete(connection);
  }

  next(): number {
    return ++this.#connections;
  }

  heard(name: string, payload: unknown, { number }: SimConnection): void {
    const { recorder } = this.#parts;
    const client = this.name;
    if (name === 'thread_deleted') {
      this.#parted(number, { thread: (payload as EventPayload<'thread_deleted'>).thread_id });
      return;
    }
    this.#told(payload, wayOf(name, payload), { connection: number });
    if (name === 'new_thread') {
      const { id, community_id } = (payload as EventPayload<'new_thread'>).thread;
      // Once the client itself has heard of it.
      this.process.clock.after(1, () => this.#parts.heardOf(community_id, id));
    }
    if (changes.has(name)) this.#seen((payload as EventPayload<'new_message'>).message, name as 'new_message');
    else if (name === 'read_receipt') {
      const { thread_id, member_id, seq } = payload as EventPayload<'read_receipt'>;
      recorder.record({ kind: 'receipt', client, thread: thread_id, member: member_id, seq });
    } else if (name === 'presence') {
      const { member_id, presence } = payload as EventPayload<'presence'>;
      recorder.record({ kind: 'presence', client, member: member_id, state: presence.state });
    } else if (name === 'member_left') {
      const { community_id, member_id } = payload as EventPayload<'member_left'>;
      if (member_id === this.memberId) this.#parted(number, { community: community_id });
    }
  }

  answered(event: string, answer: unknown, asked: number, { number }: SimConnection): void {
    const { ok, data } = answer as { ok: boolean; data?: { messages: Message[] } };
    if (!ok) return;
    this.#told(data, event, { connection: number, asked });
    if (event !== 'join_thread' && event !== 'sync_thread') return;
    for (const message of data?.messages ?? []) this.#seen(message, 'page');
  }

  /** Everything that REST tells is recorded. */
  #watched(fetched: typeof fetch): typeof fetch {
    return async (input, init) => {
      this.requests++;
      const asked = this.process.time.now;
      const response = await fetched(input, init);
      if (!response.ok) return response;
      const text = await response.text();
      const way = `${init?.method ?? 'GET'} ${new URL(input as string).pathname}`;
      if (text !== '') this.#told(JSON.parse(text), way, { asked });
      return { ...response, text: async () => text };
    };
  }

  #told(payload: unknown, by: string, way: { connection?: number; asked?: number }): void {
    for (const thread of namedThreads(payload)) {
      this.#parts.recorder.record({ kind: 'told', client: this.name, member: this.memberId, thread, by, ...way });
    }
  }

  #parted(connection: number, what: { thread?: string; community?: string }): void {
    this.#parts.recorder.record({ kind: 'parted', client: this.name, member: this.memberId, connection, ...what });
  }

  #seen(message: Message, by: 'new_message' | 'message_updated' | 'message_deleted' | 'page'): void {
    const { recorder } = this.#parts;
    recorder.record({ kind: 'seen', client: this.name, member: this.memberId, thread: message.thread_id, by, message });
  }
}
