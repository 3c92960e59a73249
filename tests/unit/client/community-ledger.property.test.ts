import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CommunityStage, communityId, myself } from './community-stage.js';
import { noLedgers } from './no-ledgers.js';
import { hexId } from './thread-model.js';

const roleIds = [hexId(0xa1), hexId(0xa2), hexId(0xa3)];
const threadIds = [hexId(0xb1), hexId(0xb2), hexId(0xb3)];

/**
 * What becomes of what is told of a change: of the ledger's event, and of version 1's, which may come again at any
 * later time.
 */
const fate = { isLost: fc.boolean(), again: fc.nat(3) };
const acts = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('call' as const), what: fc.constantFrom('One', 'Two', 'Three'), ...fate }),
    fc.record({ do: fc.constant('own' as const), what: fc.constantFrom(myself, hexId(2)), ...fate }),
    fc.record({ do: fc.constant('make' as const), what: fc.constantFrom(...roleIds), administrator: fc.boolean(), ...fate }),
    fc.record({ do: fc.constant('unmake' as const), what: fc.constantFrom(...roleIds), ...fate }),
    fc.record({ do: fc.constant('hold' as const), what: fc.subarray(roleIds), ...fate }),
    fc.record({ do: fc.constant('belong' as const), what: fc.boolean(), ...fate }),
    fc.record({
      do: fc.constant('put' as const),
      what: fc.constantFrom(...threadIds),
      is_pinned: fc.boolean(),
      title: fc.string(),
      ...fate,
    }),
    fc.record({ do: fc.constant('drop' as const), what: fc.constantFrom(...threadIds), ...fate }),
    fc.record({ do: fc.constant('online' as const), what: fc.boolean() }),
    fc.record({ do: fc.constant('wait' as const), what: fc.constantFrom(1, 12, 30, 2_000) }),
  ),
  { maxLength: 40, size: 'max' },
);

it('a community’s view is what a fresh one is, whatever of ledgers and events is lost, doubled, late or out of order', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (list) => {
      const stage = new CommunityStage();
      for (const id of threadIds.slice(0, 2)) stage.put(id, { title: id });
      await stage.clock.advance(100);
      /** Events of version 1 that are on their way, each as many times as it comes. */
      const late: (() => void)[] = [];
      const event = (again: number, name: string, payload: object): void => {
        // What is told while one is away never comes.
        for (let n = 0; n < again && stage.port.isOnline; n++)
          late.splice((late.length * 7 + n) % (late.length + 1), 0, () => stage.tell(name, payload));
      };
      for (const act of list) {
        switch (act.do) {
          case 'call':
            stage.call(act.what, act.isLost);
            event(act.again, 'community_updated', { community: { ...stage.community(), me: undefined } });
            break;
          case 'own':
            stage.own(act.what, act.isLost);
            event(act.again, 'community_updated', { community: { ...stage.community(), me: undefined } });
            break;
          case 'make':
            stage.make(act.what, act.administrator ? ['administrator'] : ['post'], act.isLost);
            event(act.again, 'roles_changed', { community_id: communityId, roles: stage.placed() });
            break;
          case 'unmake':
            stage.unmake(act.what, act.isLost);
            event(act.again, 'roles_changed', { community_id: communityId, roles: stage.placed() });
            break;
          case 'hold':
            stage.hold(act.what, act.isLost);
            break;
          case 'belong':
            stage.belong(act.what, act.isLost);
            // Whoever is in its room is told of it, on the way out.
            if (!act.what) stage.tell('member_left', { community_id: communityId, member_id: myself });
            break;
          case 'put': {
            const thread = stage.put(act.what, { title: act.title, is_pinned: act.is_pinned }, act.isLost);
            // Of one that is new the event is the only word.
            stage.tell('new_thread', { thread: { ...thread, me: undefined } });
            event(act.again, 'thread_updated', { thread: { ...thread, me: undefined } });
            break;
          }
          case 'drop':
            stage.drop(act.what, act.isLost);
            stage.tell('thread_deleted', { community_id: communityId, thread_id: act.what });
            break;
          case 'online':
            stage.port.connect(act.what);
            late.length = 0;
            break;
          case 'wait':
            await stage.clock.advance(act.what);
            for (const tell of late.splice(0, late.length / 2)) tell();
        }
      }
      if (!stage.port.isOnline) stage.port.connect(true);
      await stage.clock.advance(1_000);
      for (const tell of late) tell();
      await stage.settle();
      const fresh = stage.open(noLedgers);
      await stage.clock.advance(1_000);
      const expected = CommunityStage.shown(fresh);
      const shown = CommunityStage.shown(stage.view);
      if (expected !== 'gone') expected.roles = stage.placed().map(({ id, permissions, position }) => [id, permissions, position]);
      expect(shown).toEqual(expected);
      stage.view.close();
      fresh.close();
      stage.ledgers.close();
    }),
    { numRuns: 300 },
  );
});
