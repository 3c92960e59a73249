import { describe, expect, it } from '@jest/globals';
import { emptyCommunity, withCommunity, withMembers } from '../../../src/client/community-state.js';
import { CommunityView } from '../../../src/client/community-view.js';
import type { CommunityPort } from '../../../src/client/port.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import type { Membership, Role, Thread } from '../../../src/protocol/resources.js';
import { noLedgers } from './no-ledgers.js';
import { hexId, ThreadModel } from './thread-model.js';

const community = {
  id: hexId(1),
  name: 'c',
  description: null,
  created_by: hexId(2),
  owner_id: hexId(2),
  created_at: '',
  member_count: 1,
  is_public: true,
  tags: [],
  avatar_url: null,
};
const thread = (n: number, head: number, me?: Thread['me']): Thread => ({
  ...new ThreadModel().thread,
  id: hexId(n),
  community_id: hexId(1),
  last_seq: head,
  message_count: head,
  head_rev: head,
  me,
});

describe('a community view', () => {
  it('knows from the community alone who owns it, for oneself and in the list', () => {
    const [founder, heir, other] = [hexId(2), hexId(3), hexId(4)];
    const membership = (id: string, role: Role): Membership =>
      ({ member: { id }, role, roles: [], joined_at: '', muted_until: null, is_banned: false }) as unknown as Membership;
    const listed = withMembers(emptyCommunity, [membership(founder, 'owner'), membership(heir, 'member'), membership(other, 'moderator')]);
    const rolesSeenBy = (myself: string, role: Role, owner_id: string) => {
      const before = withCommunity(listed, { ...community, me: { role, joined_at: '', roles: [], permissions: [] } }, myself);
      const after = withCommunity(before, { ...community, owner_id }, myself);
      return [after.community?.me?.role, ...[...after.members.values()].map((one) => one.role)];
    };
    expect(rolesSeenBy(founder, 'owner', heir)).toEqual(['moderator', 'moderator', 'owner', 'moderator']);
    expect(rolesSeenBy(heir, 'member', heir)).toEqual(['owner', 'moderator', 'owner', 'moderator']);
    expect(rolesSeenBy(other, 'moderator', heir)).toEqual(['moderator', 'moderator', 'owner', 'moderator']);
    // Something else about it has changed.
    expect(rolesSeenBy(founder, 'owner', founder)).toEqual(['owner', 'owner', 'member', 'moderator']);
  });

  it('keeps what events told while its first pages were on their way, though those are older', async () => {
    let view!: CommunityView;
    const listeners = new Map<string, (payload: unknown) => void>();
    let answerThreads: (page: unknown) => void = () => undefined;
    const asked = new Promise<void>((listAsked) => {
      const nothing = () => () => undefined;
      const port = {
        isOnline: true,
        memberId: hexId(2),
        clock: new FakeClock(),
        random: () => 0.5,
        emit: async () => ({ community }),
        operations: {
          listCommunityMembers: async () => ({ items: [], next_cursor: null }),
          listThreads: () => {
            listAsked();
            return new Promise((resolve) => {
              answerThreads = resolve;
            });
          },
        },
        on: (event: string, listener: (payload: unknown) => void) => {
          listeners.set(event, listener);
          return () => undefined;
        },
        onOnline: nothing,
        onRead: nothing,
        onAllRead: nothing,
        ledgers: noLedgers,
      };
      view = new CommunityView(hexId(1), port as unknown as CommunityPort);
    });
    await asked;
    listeners.get('thread_updated')?.({ thread: thread(5, 7) });
    listeners.get('new_thread')?.({ thread: thread(6, 0) });
    listeners.get('thread_deleted')?.({ community_id: hexId(1), thread_id: hexId(4) });
    answerThreads({
      items: [thread(5, 6, { read_seq: 6, unread_count: 0 }), thread(4, 1, { read_seq: 0, unread_count: 1 })],
      next_cursor: null,
    });
    await view.ready();
    const byId = new Map(view.state.threads.map((t) => [t.id, t]));
    expect([...byId.keys()].sort()).toEqual([hexId(5), hexId(6)].sort());
    expect(byId.get(hexId(5))).toMatchObject({ last_seq: 7, me: { read_seq: 6, unread_count: 1 } });
  });

  it('looks again which threads there are when oneself holds other roles', async () => {
    const listeners = new Map<string, (payload: unknown) => void>();
    const clock = new FakeClock();
    const me = (...roles: string[]) => ({ role: 'member', joined_at: '', roles, permissions: ['view'] });
    let own = me(hexId(9));
    let seen = [thread(5, 0)];
    let lists = 0;
    const nothing = () => () => undefined;
    const port = {
      isOnline: true,
      memberId: hexId(2),
      clock,
      random: () => 0.5,
      emit: async () => ({ community: { ...community, member_count: 100, me: own } }),
      operations: {
        listCommunityMembers: async () => ({ items: [], next_cursor: null }),
        listThreads: async () => {
          lists++;
          return { items: seen, next_cursor: null };
        },
      },
      on: (event: string, listener: (payload: unknown) => void) => {
        listeners.set(event, listener);
        return () => undefined;
      },
      onOnline: nothing,
      onRead: nothing,
      onAllRead: nothing,
      ledgers: noLedgers,
    };
    const view = new CommunityView(hexId(1), port as unknown as CommunityPort);
    const shows = (ids: readonly string[]): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (view.state.threads.map(({ id }) => id).join() === ids.join()) resolve();
        };
        view.subscribe(look);
        look();
      });
    const told = (event: string, payload: object): void => listeners.get(event)?.({ community_id: hexId(1), ...payload });
    const given = (member_id: string, roles: string[]): void =>
      told('member_roles_changed', { member_id, role: 'member', roles, permissions: ['view'] });
    await view.ready();

    seen = [thread(5, 0), thread(6, 0)];
    given(hexId(3), []);
    await clock.advance(60_000);
    expect(lists).toBe(1);
    own = me(hexId(9), hexId(8));
    given(hexId(2), own.roles);
    await clock.advance(0);
    await shows([hexId(5), hexId(6)]);

    // One that is deleted takes from all who held it at once: they do not all ask at once.
    seen = [thread(5, 0)];
    own = me(hexId(9));
    told('roles_changed', {
      roles: [
        { id: hexId(9), position: 1, permissions: [] },
        { id: hexId(1), position: 0, permissions: ['view'] },
      ],
    });
    await clock.advance(99);
    expect(lists).toBe(2);
    await clock.advance(1);
    await shows([hexId(5)]);
    expect(lists).toBe(3);
  });
});
