import { CommunityView } from '../../../src/client/community-view.js';
import { Ledgers } from '../../../src/client/ledgers/ledgers.js';
import { Listeners } from '../../../src/client/listeners.js';
import { permissionsBy } from '../../../src/client/own-permissions.js';
import type { CommunityPort } from '../../../src/client/port.js';
import { onReadItems } from '../../../src/client/read-items.js';
import { Fault } from '../../../src/kernel/errors.js';
import type { Community, CommunityRole, Role, Thread } from '../../../src/protocol/resources.js';
import { FakePort, FakeServer } from '../client-ledgers/fake-port.js';
import { hexId, ThreadModel } from './thread-model.js';

export const communityId = hexId(0xc);
export const myself = '0'.repeat(23).concat('1');
const others = hexId(2);

/**
 * A community as the server has it, with its ledger and the member's: what a view makes of all that may be lost or
 * late.
 */
export class CommunityStage {
  readonly server = new FakeServer();
  readonly port = new FakePort(this.server);
  readonly ledgers = new Ledgers(this.port);
  readonly clock = this.server.clock;
  readonly #heard = new Map<string, Listeners<[never]>>();
  readonly #read = new Listeners<[string, number]>();
  readonly loads: string[] = [];
  name = 'Garden';
  ownerId = others;
  role: Role = 'member';
  unreadSince = '2025-01-01T00:00:00.000Z';
  held: string[] = [];
  isMember = true;
  roles = [{ id: communityId, name: 'everyone', color: null, permissions: ['view'], mentionable: false }] as Omit<
    CommunityRole,
    'position'
  >[];
  readonly threads = new Map<string, Thread>();
  readonly view: CommunityView;
  /** Ids are never given again. */
  readonly #unmade = new Set<string>();
  #at = 0;

  constructor() {
    this.server.commit('me', []);
    this.server.commit(this.ledger, []);
    this.#membership();
    this.#commit('community', communityId, this.#value());
    for (const role of this.roles) this.#commit('role', role.id, role);
    this.#commit('role_order', 'order', { role_ids: [] });
    onReadItems(this.ledgers, (id, seq) => this.#read.tell(id, seq));
    this.view = this.open(this.ledgers);
  }

  get ledger(): string {
    return `community:${communityId}`;
  }

  /** Another view of the same connection; one without ledgers follows from events and answers alone. */
  open(ledgers: CommunityPort['ledgers']): CommunityView {
    const { port } = this;
    const on = (event: string, listener: (payload: never) => void): (() => void) => {
      const all = this.#heard.get(event) ?? new Listeners<[never]>();
      this.#heard.set(event, all);
      return all.add(listener);
    };
    const answer = async <T>(of: string, read: () => T): Promise<T> => {
      this.loads.push(of);
      const it = read();
      await this.clock.sleep(15);
      if (!port.isOnline) throw new Fault('timeout');
      return it;
    };
    return new CommunityView(communityId, {
      ...{ clock: this.clock, random: () => 0.5, memberId: myself, ledgers, on },
      get isOnline() {
        return port.isOnline;
      },
      onOnline: (listener: (online: boolean) => void) => port.onOnline(listener),
      onRead: (listener: (id: string, seq: number) => void) => this.#read.add(listener),
      onAllRead: () => () => undefined,
      emit: () =>
        answer('join', () => {
          if (!this.isMember) throw new Fault('forbidden');
          return { community: this.community() };
        }),
      operations: {
        listThreads: () => answer('threads', () => ({ items: [...this.threads.values()], next_cursor: null })),
        listCommunityMembers: () => answer('members', () => ({ items: [], next_cursor: null })),
        getThread: ({ thread_id }: { thread_id: string }) =>
          answer('thread', () => {
            const thread = this.threads.get(thread_id);
            if (!thread) throw new Fault('not_found');
            return thread;
          }),
      },
    } as unknown as CommunityPort);
  }

  tell(event: string, payload: object): void {
    if (this.port.isOnline) this.#heard.get(event)?.tell(payload as never);
  }

  /** The highest first. */
  placed(): CommunityRole[] {
    return this.roles.map((role, at) => ({ ...role, position: this.roles.length - 1 - at }));
  }

  community(): Community {
    const permissions = permissionsBy(this.placed(), this.ownerId === myself, this.held);
    const me = { role: this.#roleShown(), joined_at: '2025-01-01T00:00:00.000Z', roles: [...this.held], permissions };
    return { ...this.#value(), member_count: 2, me };
  }

  call(name: string, isLost = false): void {
    this.name = name;
    this.#commit('community', communityId, this.#value(), isLost);
  }

  own(ownerId: string, isLost = false): void {
    this.ownerId = ownerId;
    this.#commit('community', communityId, this.#value(), isLost);
    this.#membership(isLost);
  }

  make(id: string, permissions: CommunityRole['permissions'], isLost = false): void {
    const role = { id, name: id.slice(-2), color: null, permissions, mentionable: false };
    if (this.#unmade.has(id)) return;
    const is = this.roles.some((one) => one.id === id);
    this.roles = is ? this.roles.map((one) => (one.id === id ? role : one)) : [role, ...this.roles];
    this.server.commit(
      this.ledger,
      [
        { kind: 'role', key: id, value: role },
        { kind: 'role_order', key: 'order', value: this.#order() },
      ],
      isLost,
    );
  }

  unmake(id: string, isLost = false): void {
    if (id === communityId || this.roles.every((one) => one.id !== id)) return;
    this.#unmade.add(id);
    this.roles = this.roles.filter((one) => one.id !== id);
    this.held = this.held.filter((one) => one !== id);
    this.server.commit(
      this.ledger,
      [
        { kind: 'role', key: id, value: null },
        { kind: 'role_order', key: 'order', value: this.#order() },
      ],
      isLost,
    );
  }

  hold(held: readonly string[], isLost = false): void {
    this.held = this.roles.map(({ id }) => id).filter((id) => id !== communityId && held.includes(id));
    this.#membership(isLost);
  }

  readAll(unreadSince: string): void {
    this.unreadSince = unreadSince;
    this.#membership();
  }

  belong(isMember: boolean, isLost = false): void {
    this.isMember = isMember;
    this.#membership(isLost);
  }

  put(id: string, more: Partial<Thread>, isLost = false): Thread {
    const updated_at = new Date(Date.UTC(2026, 0, 1) + ++this.#at).toISOString();
    const held = this.threads.get(id) ?? { ...new ThreadModel().thread, id, community_id: communityId };
    const thread: Thread = { ...held, ...more, updated_at, me: { read_seq: 0, unread_count: more.last_seq ?? held.last_seq } };
    this.threads.set(id, thread);
    const { message_count: _, last_activity: __, last_seq: ___, head_rev: ____, me: _____, ...value } = thread;
    this.#commit('thread', id, value, isLost);
    return thread;
  }

  drop(id: string, isLost = false): void {
    if (this.threads.delete(id)) this.#commit('thread', id, null, isLost);
  }

  read(threadId: string, last_read_seq: number): void {
    this.server.commit('me', [{ kind: 'read', key: threadId, value: { community_id: communityId, last_read_seq } }]);
  }

  /** Whoever missed something is told of the heads, as within half a minute. */
  async settle(): Promise<void> {
    for (const name of ['me', this.ledger]) this.server.tell({ ...this.server.model(name).hint(), ledger: name });
    await this.clock.advance(60_000);
  }

  /** What of a view follows from ledgers. */
  static shown({ state, status }: CommunityView) {
    if (status === 'gone') return status;
    const { community, roles, threads } = state;
    const { updated_at: _, ...me } = { updated_at: '', ...community?.me };
    return {
      name: community?.name,
      owner: community?.owner_id,
      me,
      roles: roles.map(({ id, permissions, position }) => [id, permissions, position]),
      threads: threads.map(({ id, title, is_pinned, tags }) => [id, title, is_pinned, tags]),
    };
  }

  #order() {
    return { role_ids: this.roles.slice(0, -1).map(({ id }) => id) };
  }

  #roleShown(): Role {
    return this.ownerId === myself ? 'owner' : this.role;
  }

  #value() {
    const { name, ownerId: owner_id } = this;
    return {
      ...{ id: communityId, name, owner_id, description: null, created_by: others, created_at: '' },
      is_public: true,
      tags: [],
      avatar_url: null,
    };
  }

  #membership(isLost = false): void {
    const times = { joined_at: '2025-01-01T00:00:00.000Z', muted_until: null, unread_since: this.unreadSince };
    const value = this.isMember ? { community_id: communityId, role: this.#roleShown(), roles: [...this.held], ...times } : null;
    this.server.commit('me', [{ kind: 'membership', key: communityId, value }], isLost);
  }

  #commit(kind: string, key: string, value: unknown, isLost = false): void {
    this.server.commit(this.ledger, [{ kind, key, value }], isLost);
  }
}
