import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import { userAddress } from '../../../src/actors/domain/user/messages.js';
import { newId } from '../../../src/kernel/ids.js';
import { bounds } from '../../../src/protocol/primitives.js';
import { aMember } from './a-member.js';
import { Stage } from './stage.js';

describe('a member', () => {
  let stage: Stage;
  let ada: string;

  beforeEach(async () => {
    stage = await new Stage().open();
    ada = newId(stage.clock.now());
    await stage.base.members.insert(aMember(ada, 'ada'));
    await stage.askCommunity({ type: 'join', by: ada });
  });
  afterEach(() => stage.actors.stop());

  const tell = (message: { type: string; [key: string]: unknown }) => stage.actors.tell(userAddress(ada), message);
  /** Its first device is connected to a node, and that has been shown. */
  const comesBy = async (node: string): Promise<void> => {
    tell({ type: 'device_seen', device: 'd1', node });
    await stage.clock.advance(1_500);
  };
  const presence = () => stage.actors.ask(userAddress(ada), { type: 'presence' } as never) as Promise<{ state: string }>;
  const shown = () => stage.published.filter((p) => p.event === 'presence').map((p) => (p.payload.presence as { state: string }).state);

  it('is online while one device is, and shown to the communities, coalesced', async () => {
    tell({ type: 'device_seen', device: 'd1', node: 'n1' });
    tell({ type: 'device_seen', device: 'd2', node: 'n2' });
    await stage.clock.advance(1_500);
    expect(shown()).toEqual(['online']);
    tell({ type: 'device_gone', device: 'd1' });
    await stage.clock.advance(1_500);
    expect((await presence()).state).toBe('online');
    tell({ type: 'device_gone', device: 'd2' });
    await stage.clock.advance(1_500);
    expect(shown()).toEqual(['online', 'offline']);
  });

  it('is not shown anew when it comes back to another node while its presence stands', async () => {
    await comesBy('n1');
    const { fresh_until } = (await stage.base.members.byId(ada))!.presence;
    await stage.actors.catalog.evacuate(({ kind }) => kind === 'user', 'handoff');
    tell({ type: 'device_seen', device: 'd2', node: 'n2' });
    await stage.clock.advance(1_500);
    expect(shown()).toEqual(['online']);
    // And is kept up all the same.
    await stage.clock.advance(60_000);
    expect((await stage.base.members.byId(ada))!.presence.fresh_until).toBeGreaterThan(fresh_until);
  });

  it('loses the devices of a node that died', async () => {
    await comesBy('n1');
    tell({ type: 'node_down', node: 'n1' });
    await stage.clock.advance(14_000);
    expect([shown(), (await presence()).state]).toEqual([['online'], 'online']);
    await stage.clock.advance(2_500);
    expect([shown(), (await presence()).state]).toEqual([['online', 'offline'], 'offline']);
    expect((await stage.base.members.byId(ada))!.presence.state).toBe('offline');
  });

  it('is not shown anew when it comes back in time from a node that died', async () => {
    await comesBy('n1');
    tell({ type: 'node_down', node: 'n1' });
    await stage.clock.advance(10_000);
    tell({ type: 'device_seen', device: 'd2', node: 'n2' });
    await stage.clock.advance(30_000);
    expect([shown(), (await presence()).state]).toEqual([['online'], 'online']);
    tell({ type: 'device_gone', device: 'd2' });
    await stage.clock.advance(1_500);
    expect(shown()).toEqual(['online', 'offline']);
  });

  it('sent to another node, is shown as offline only when it does not come back, also by an actor that never saw it', async () => {
    await comesBy('n1');
    tell({ type: 'device_gone', device: 'd1', returns: true });
    await stage.clock.advance(5_000);
    tell({ type: 'device_seen', device: 'd2', node: 'n2' });
    await stage.clock.advance(30_000);
    expect(shown()).toEqual(['online']);
    await stage.actors.catalog.evacuate(({ kind }) => kind === 'user', 'handoff');
    tell({ type: 'device_gone', device: 'd2', returns: true });
    await stage.clock.advance(14_000);
    expect([shown(), (await presence()).state]).toEqual([['online'], 'online']);
    await stage.clock.advance(2_500);
    expect([shown(), (await presence()).state]).toEqual([['online', 'offline'], 'offline']);
  });

  it('keeps a device whose node was taken for dead and is heard of again', async () => {
    await comesBy('n1');
    tell({ type: 'node_down', node: 'n1' });
    await stage.clock.advance(5_000);
    tell({ type: 'device_seen', device: 'd1', node: 'n1-again' });
    await stage.clock.advance(30_000);
    expect(shown()).toEqual(['online']);
  });

  it('goes offline when nothing is heard of its devices, also in the store when all nodes died', async () => {
    await comesBy('n1');
    const stored = (await stage.base.members.byId(ada))?.presence;
    expect(stored?.state).toBe('online');
    expect(stored?.fresh_until).toBeLessThan(stage.clock.now() + 200_000);
    await stage.clock.advance(200_000);
    expect((await presence()).state).toBe('offline');
  });

  it('shows what was chosen, and keeps it over reconnects', async () => {
    tell({ type: 'device_seen', device: 'd1', node: 'n1' });
    await stage.actors.ask(userAddress(ada), { type: 'set_presence', state: 'dnd', text: 'thinking' } as never);
    await stage.clock.advance(1_500);
    tell({ type: 'device_gone', device: 'd1' });
    await stage.clock.advance(1_500);
    tell({ type: 'device_seen', device: 'd2', node: 'n1' });
    await stage.clock.advance(1_500);
    expect(shown()).toEqual(['dnd', 'offline', 'dnd']);
    expect(await presence()).toMatchObject({ state: 'dnd', text: 'thinking' });
  });
});

describe('a member of many communities', () => {
  let stage: Stage;
  let ada: string;
  const count = 300;

  /** Written past the actors, as imports do. */
  const putInto = async (communities: number): Promise<void> => {
    for (let c = 0; c < communities; c++) {
      const id = newId(1_000 + c);
      await stage.base.communities.insert({ id, kind: 'community', created_by: stage.owner, owner_id: stage.owner, ...plain });
      await stage.base.memberships.put({
        community_id: id,
        member_id: ada,
        roles: [],
        state: 'active',
        joined_at: 0,
        muted_until: null,
        version: 1,
      });
    }
  };
  const dates = { created_at: 0, updated_at: 0, deleted_at: null };
  const owned = { ledger_rev: 1, handed_over_by: null };
  const plain = { ...owned, name: 'c', description: null, member_count: 1, is_public: true, tags: [], avatar_url: null, ...dates };

  beforeEach(async () => {
    stage = await new Stage().open();
    ada = newId(stage.clock.now());
    await stage.base.members.insert(aMember(ada, 'ada'));
  });
  afterEach(() => stage.actors.stop());

  const presences = () => stage.published.filter((p) => p.event === 'presence').length;
  /** Of how many presences each step of a millisecond tells, for so long. */
  const publishedIn = async (ms: number): Promise<number[]> => {
    const steps: number[] = [];
    for (let i = 0; i < ms; i++) {
      const before = presences();
      await stage.clock.advance(1);
      if (presences() > before) steps.push(presences() - before);
    }
    return steps;
  };
  const states = () => stage.published.filter((p) => p.event === 'presence').map((p) => (p.payload.presence as { text: string }).text);

  it('is shown to some of them in a turn of the event loop, and ten changes at once are one', async () => {
    await putInto(count);
    stage.actors.tell(userAddress(ada), { type: 'device_seen', device: 'd1', node: 'n1' });
    for (let i = 0; i < 10; i++)
      void stage.actors.ask(userAddress(ada), { type: 'set_presence', state: 'online', text: `text ${i}` } as never);
    expect(await publishedIn(1_500)).toEqual([50, 50, 50, 50, 50, 50]);
    expect(states()).toEqual(Array.from({ length: count }, () => 'text 9'));
    expect((await stage.base.members.byId(ada))?.presence.text).toBe('text 9');
  });

  it('is shown to the rest of them when its actor is handed over meanwhile', async () => {
    await putInto(count);
    stage.actors.tell(userAddress(ada), { type: 'device_seen', device: 'd1', node: 'n1' });
    expect(await publishedIn(1_001)).toEqual([50, 50]);
    await stage.actors.catalog.evacuate(({ kind }) => kind === 'user', 'handoff');
    expect(new Set(stage.published.filter((p) => p.event === 'presence').map((p) => p.room)).size).toBe(count);
  });

  it('joins no more than the bound, however many joins are under way at once', async () => {
    await putInto(bounds.communities - 3);
    const communities = Array.from({ length: 12 }, (_x, i) => newId(5_000 + i));
    const make = { type: 'create', name: 'c', description: null, is_public: true, tags: [], avatar_url: null };
    for (const id of communities) await stage.actors.ask(communityAddress(id), { ...make, by: stage.owner } as never);
    const codes = await Promise.all(
      communities.map((id, i) =>
        stage.actors
          .ask(
            i === 3 ? communityAddress(newId(6_000 + i)) : communityAddress(id),
            (i === 3 ? { ...make, by: ada } : { type: 'join', by: ada }) as never,
          )
          .then(
            () => 'joined',
            (error: { code: string }) => error.code,
          ),
      ),
    );
    expect(codes.filter((code) => code === 'joined')).toHaveLength(3);
    expect(codes.filter((code) => code === 'conflict')).toHaveLength(9);
    expect(await stage.base.memberships.listByMember(ada)).toHaveLength(bounds.communities);
    // Again is harmless where the member is in; and whoever leaves one may join another.
    // Not the one that was to be made.
    const found = (wanted: string): string => communities[codes.findIndex((code, i) => code === wanted && i !== 3)]!;
    const [inside, outside] = [found('joined'), found('conflict')];
    await stage.actors.ask(communityAddress(inside), { type: 'join', by: ada } as never);
    await expect(
      stage.actors.ask(communityAddress(outside), {
        type: 'change_membership',
        by: stage.owner,
        is_admin: true,
        member_id: ada,
        role: 'member',
      } as never),
    ).rejects.toMatchObject({ code: 'conflict' });
    await stage.actors.ask(communityAddress(inside), { type: 'leave', by: ada } as never);
    await stage.actors.ask(communityAddress(outside), { type: 'join', by: ada } as never);
  });
});
