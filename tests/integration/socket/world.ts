import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Socket as ClientSocket, io } from 'socket.io-client';
import type { Access } from '../../../src/actors/domain/community/messages.js';
import type { Message as ActorMessage, ActorSystem, Address } from '../../../src/actors/runtime/actor.js';
import type { Caller } from '../../../src/catalogue/caller.js';
import { unlimitedGuesses } from '../../../src/gateway/limits/guesses.js';
import { noShedding } from '../../../src/gateway/limits/overload.js';
import type { Authenticator, Limiter, Shedder } from '../../../src/gateway/ports.js';
import { createFanoutClients, type FanoutClients } from '../../../src/gateway/redis/fanout-clients.js';
import type { ConnectionBounds } from '../../../src/gateway/socket/admission.js';
import type { HeadCheck } from '../../../src/gateway/socket/head-check.js';
import type { Hub } from '../../../src/gateway/socket/hub.js';
import type { ReaderMarks } from '../../../src/gateway/socket/reader-stage.js';
import type { SocketServer } from '../../../src/gateway/socket/server.js';
import { ShardedChannels } from '../../../src/gateway/socket/sharded-channels.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { idFromName, newId, randomToken } from '../../../src/kernel/ids.js';
import type { Lifecycle } from '../../../src/kernel/lifecycle.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import type { Ack } from '../../../src/protocol/events.js';
import type { LiveMessage, Thread } from '../../../src/protocol/resources.js';
import { threadRoom } from '../../../src/protocol/rooms.js';
import { compose } from '../../../src/roles/compose.js';
import type { MessageRepository, SessionRecord, SessionRepository, Store, ThreadRecord } from '../../../src/store/contracts.js';
import { anAccess } from '../../access.js';
import { testRedisUrl } from '../../services-env.js';

const at = new Date(0).toISOString();

/** One community with its threads, as the actors of any node see it. Publishes through the node that is called its owner. */
export class Truth implements ActorSystem {
  readonly communityId = idFromName('community', 'c');
  readonly members = new Set<string>();
  readonly threads = new Map<string, LiveMessage[]>();
  readonly told: { to: Address; message: ActorMessage }[] = [];
  readonly sessions = new Map<string, SessionRecord>();
  owner: Hub | undefined;
  /** Commits reach no subscriber while this is set. */
  mute = false;
  beforeOpen: (() => Promise<void>) | undefined;
  /** Of closed threads those who may view them. */
  readonly closed = new Map<string, Set<string>>();
  beforeAudience: (() => Promise<void>) | undefined;

  thread(name: string): string {
    const id = idFromName('thread', name);
    if (!this.threads.has(id)) this.threads.set(id, []);
    return id;
  }

  tell<M extends ActorMessage>(to: Address, message: M): void {
    this.told.push({ to, message });
  }

  async ask<M extends ActorMessage>(to: Address, message: M): Promise<never> {
    return (await this.#answer(to, message as unknown as ActorMessage & Record<string, never>)) as never;
  }

  async #answer(to: Address, message: ActorMessage & Record<string, unknown>): Promise<unknown> {
    await new Promise((resolve) => setImmediate(resolve));
    if (to.kind === 'user') return { state: message.state, text: message.text ?? null, last_active_at: null };
    if (to.kind === 'community') return message.type === 'access' ? this.#access(to.key, String(message.member_id)) : this.#community();
    const thread = this.threads.get(to.key);
    if (!thread) throw new Fault('not_found');
    const viewers = this.closed.get(to.key);
    const head = { head_rev: thread.length, last_seq: thread.length };
    if (message.type === 'head') return { ...head, ...(viewers && { closed_in: this.communityId }) };
    if (message.type === 'audience') {
      const members = (message.members as string[]).filter((member) => viewers?.has(member) ?? true);
      await this.beforeAudience?.();
      return { members, access_rev: 1 };
    }
    if (viewers && !viewers.has(String(message.by))) {
      await this.beforeOpen?.();
      throw new Fault('not_found');
    }
    if (!this.members.has(String(message.by))) throw new Fault('forbidden');
    switch (message.type) {
      case 'open': {
        await this.beforeOpen?.();
        const messages = thread.slice(Number(message.after_rev ?? 0));
        return { thread: { ...this.threadOf(to.key), ...(viewers && { is_closed: true }) }, ...head, messages, complete: true };
      }
      case 'sync':
        return { messages: thread.slice(Number(message.after_rev)), head_rev: thread.length, complete: true };
      case 'send':
        return { message: this.commit(to.key, String(message.by), String(message.content)), created: true };
      case 'mark_read':
        return { read_seq: message.seq };
      default:
        return null;
    }
  }

  /** A message is stored and published by the owner's node. */
  commit(threadId: string, author: string, content: string): LiveMessage {
    const thread = this.threads.get(threadId)!;
    const rev = thread.length + 1;
    const message: LiveMessage = {
      ...{ id: newId(Date.now()), thread_id: threadId, seq: rev, rev, content, author, created_at: at, edited_at: null },
      ...{ is_edited: false, reply_to: null, attachments: [], mentions: [], reactions: [], nonce: null },
    };
    thread.push(message);
    if (!this.mute) this.owner?.fanout.publish(threadRoom(threadId), 'new_message', { message });
    this.owner?.fanout.reached(threadId, rev);
    return message;
  }

  #access(communityId: string, memberId: string): Access {
    if (communityId !== this.communityId) throw new Fault('not_found');
    const role = this.members.has(memberId) ? 'member' : null;
    return anAccess({ community_id: communityId, member_id: memberId, is_public: true, role });
  }

  #community(): unknown {
    return {
      ...{ id: this.communityId, name: 'c', description: null, created_by: this.communityId, created_at: at },
      ...{ member_count: this.members.size, is_public: true, tags: [], avatar_url: null },
    };
  }

  threadOf(id: string): Thread {
    const length = this.threads.get(id)?.length ?? 0;
    return {
      ...{ id, community_id: this.communityId, title: 't', content: null, created_by: this.communityId, created_at: at, updated_at: at },
      ...{ message_count: length, last_activity: at, is_pinned: false, tags: [], last_seq: length, head_rev: length },
    };
  }

  get store() {
    const threads = {
      byId: async (id: string): Promise<ThreadRecord | null> =>
        this.threads.has(id)
          ? {
              ...{ id, community_id: this.communityId, title: 't', content: null, created_by: '', created_at: 0, updated_at: 0 },
              ...{ last_activity: 0, is_pinned: false, tags: [], deleted_at: null, message_count: 0, last_seq: 0, head_rev: 0 },
              ...{ floor_seq: 0, floor_rev: 0 },
            }
          : null,
    };
    const sessions = { byId: async (id: string) => this.sessions.get(id) ?? null };
    const messages = { byId: async () => null } as unknown as MessageRepository;
    const members = { idsByUsernames: async () => new Map<string, string>() };
    return { threads, sessions, messages, members } as never as {
      threads: { byId: typeof threads.byId } & never;
      sessions: SessionRepository;
      messages: MessageRepository;
      members: never;
    };
  }
}

export interface NodeOptions {
  origins?: string[];
  connections?: ConnectionBounds | null;
  limiter?: Limiter;
  marks?: ReaderMarks;
  shedder?: Shedder;
  authenticator?: Authenticator;
  entering?: number;
  redisUrl?: string;
  directWrites?: boolean;
}

export interface WorldNode {
  url: string;
  parts: Lifecycle;
  hub: Hub;
  headCheck: HeadCheck;
  sockets: SocketServer;
  channels: ShardedChannels;
  clients: FanoutClients;
  http: HttpServer;
  telemetry: Telemetry;
}

const silent = createLogger({ level: process.env.TEST_LOG ?? 'silent', node: 'test' });

/** Several nodes in one process on one Redis, with one truth behind them. Tokens are `member:session`. */
export class World {
  readonly truth = new Truth();
  readonly nodes: WorldNode[] = [];
  readonly prefix = `test:${randomToken(6)}`;
  readonly #clients: ClientSocket[] = [];

  static redisUrl(): string {
    const url = testRedisUrl();
    return url;
  }

  async addNode(options: NodeOptions = {}): Promise<WorldNode> {
    const clock = systemClock;
    const logger = silent;
    const telemetry = new Telemetry();
    const http = createServer((_request, response) => response.end('rest'));
    const authenticator: Authenticator = options.authenticator ?? {
      authenticate: async (token, from): Promise<Caller> => {
        const [member, session] = token.split(':');
        if (!member || !session || token.startsWith('bad')) throw new Fault('unauthenticated');
        return { member_id: member, session_id: session, is_admin: false, token_expires_at: Number.MAX_SAFE_INTEGER, ...from };
      },
    };
    const { truth } = this;
    const store = truth.store as unknown as Store;
    const clients = createFanoutClients(options.redisUrl ?? World.redisUrl(), { clock, logger }, { silenceMs: 3_000 });
    const channels = new ShardedChannels({ pub: clients.pub, sub: clients.sub, clock, logger });
    const { marks, directWrites, limiter = { spend: async () => null }, shedder = noShedding } = options;
    const { parts, hub, headCheck, sockets } = compose({
      ...{ name: `node-${this.nodes.length}`, clock, logger, telemetry, store },
      bounds: () => ({ shedder, limiter, guesses: unlimitedGuesses }),
      live: (list) => {
        list.use(clients);
        return { channels, prefix: this.prefix, ...(marks && { marks }), ...(directWrites !== undefined && { directWrites }) };
      },
      actors: () => ({ system: truth }),
      doors: () => ({
        http,
        sockets: {
          authenticator,
          origins: options.origins ?? [],
          connections: options.connections ?? null,
          entering: options.entering,
        },
        listen: () => new Promise((resolve) => void http.listen(0, '127.0.0.1', resolve)),
        close: () => {
          http.closeAllConnections();
          return new Promise((resolve) => void http.close(() => resolve()));
        },
      }),
    });
    await parts.start();
    const { port } = http.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const node = { url, parts, hub: hub!, headCheck: headCheck!, sockets: sockets!, channels, clients, http, telemetry };
    this.nodes.push(node);
    this.truth.owner ??= node.hub;
    return node;
  }

  /** A connected client of a member of the community; the session's id is `session`. */
  async client(node: WorldNode, name: string, session = randomToken(6), options: { member?: boolean } = {}): Promise<Client> {
    const member = idFromName('member', name);
    if (options.member !== false) this.truth.members.add(member);
    this.truth.sessions.set(session, {
      ...{
        id: session,
        member_id: member,
        created_at: 0,
        last_used_at: 0,
        expires_at: Number.MAX_SAFE_INTEGER,
        ends_at: Number.MAX_SAFE_INTEGER,
      },
      ...{ user_agent: null, ip: null, ended_at: null },
    });
    const socket = this.dial(node, { token: `${member}:${session}` });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    return new Client(socket, member, session);
  }

  dial(node: WorldNode, auth: Record<string, unknown>, options: object = {}): ClientSocket {
    const socket = io(node.url, { auth, transports: ['websocket'], reconnection: false, forceNew: true, ...options });
    this.#clients.push(socket);
    return socket;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await Promise.all(this.nodes.map(({ parts }) => parts.stop()));
  }
}

export class Client {
  readonly heard: { event: string; payload: Record<string, unknown> }[] = [];

  constructor(
    readonly socket: ClientSocket,
    readonly member: string,
    readonly session: string,
  ) {
    socket.onAny((event: string, payload: Record<string, unknown>) => this.heard.push({ event, payload }));
  }

  /** The acknowledgement of an event, whatever it says. */
  async ask(event: string, ...args: unknown[]): Promise<Ack<Record<string, unknown>>> {
    return (await this.socket.timeout(10_000).emitWithAck(event, ...args)) as Ack<Record<string, unknown>>;
  }

  /** The data of an acknowledgement that says ok. */
  async get(event: string, payload: object): Promise<Record<string, unknown>> {
    const answer = await this.ask(event, payload);
    if (!answer.ok) throw new Error(`${event}: ${answer.error.code}`);
    return answer.data;
  }

  events(name: string): Record<string, unknown>[] {
    return this.heard.filter((h) => h.event === name).map((h) => h.payload);
  }

  contents(): unknown[] {
    return this.events('new_message').map((p) => (p.message as { content: string }).content);
  }
}
