import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UnreadStage } from './unread-stage.js';

type Act =
  | { do: 'say'; who: number }
  | { do: 'remove'; which: number }
  | { do: 'read'; who: number; share: number }
  | { do: 'read_thread' | 'read_community' | 'read_everything' | 'leave' | 'join' | 'look' | 'list'; who: number }
  | { do: 'end'; how: 'handoff' | 'lost' };

const who = fc.nat(2);
const acts = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('say' as const), who: fc.nat(3) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('remove' as const), which: fc.nat(50) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), who, share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom('read_thread', 'read_community', 'read_everything', 'leave', 'join', 'look', 'list', 'join', 'look', 'list'),
        who,
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), how: fc.constantFrom('handoff' as const, 'lost' as const) }) },
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
) as fc.Arbitrary<Act[]>;

/** What is unread, counted message by message from all that ever happened. */
class Recount {
  readonly messages: { id: string; deleted: boolean }[] = [];
  readonly marks = new Map<string, number>();

  raise(member: string, seq = this.messages.length): void {
    this.marks.set(member, Math.max(seq, this.marks.get(member) ?? 0));
  }

  unread(member: string): number {
    return this.messages.slice(this.marks.get(member) ?? 0).filter(({ deleted }) => !deleted).length;
  }
}

it('whatever is said, deleted, read, left and joined: unread is what a recount gives, by every way', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (list) => {
      const u = await UnreadStage.open();
      const recount = new Recount();
      const people = [await u.join('a'), await u.join('b'), await u.join('c')];
      const isIn = new Set(people);
      const say = async (author?: string): Promise<void> => {
        recount.messages.push({ id: await u.say('x', author), deleted: false });
        if (author) recount.raise(author);
      };
      for (const act of list) {
        const member = 'who' in act ? people[act.who] : undefined;
        if (act.do === 'end') {
          // What one's own message moves is stored a little later, and may be lost till then.
          await u.settle();
          await u.stage.changeOwner(act.how);
        } else if (act.do === 'remove') {
          const message = recount.messages[act.which % Math.max(1, recount.messages.length)];
          if (message) await u.remove(message.id);
          if (message) message.deleted = true;
        } else if (member === undefined) await say();
        else if (act.do === 'join') {
          if (isIn.has(member)) continue;
          await u.comeBack(member);
          isIn.add(member);
          recount.raise(member);
        } else if (!isIn.has(member)) continue;
        else if (act.do === 'say') await say(member);
        else if (act.do === 'read') {
          const seq = Math.floor(act.share * recount.messages.length);
          await u.markRead(member, seq);
          recount.raise(member, seq);
        } else if (act.do === 'look') expect([act, (await u.get(member)).me?.unread_count]).toEqual([act, recount.unread(member)]);
        else if (act.do === 'list') expect([act, await u.unread(member)]).toEqual([act, recount.unread(member)]);
        else if (act.do === 'leave') {
          await u.leave(member);
          isIn.delete(member);
        } else {
          if (act.do === 'read_thread') await u.markRead(member);
          else await u.markAllRead(member, act.do === 'read_community' ? u.stage.community : undefined);
          recount.raise(member);
        }
      }
      for (const member of isIn) expect([member, await u.unread(member)]).toEqual([member, recount.unread(member)]);
      await u.stop();
    }),
    { numRuns: 60 },
  );
});
