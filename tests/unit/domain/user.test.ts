import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { userAddress } from '../../../src/actors/domain/user/messages.js';
import { newId } from '../../../src/kernel/ids.js';
import { Stage } from './stage.js';

describe('a member', () => {
  let stage: Stage;
  let ada: string;

  beforeEach(async () => {
    stage = await new Stage().open();
    ada = newId(stage.clock.now());
    await stage.base.members.insert({
      id: ada,
      username: 'ada',
      email: 'ada@example.org',
      password_hash: null,
      full_name: null,
      avatar_url: null,
      bio: null,
      joined_at: 0,
      is_active: true,
      presence: { state: 'offline', text: null, last_active_at: null, fresh_until: 0 },
    });
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
