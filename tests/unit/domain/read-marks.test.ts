import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { UserActor } from '../../../src/actors/domain/user/actor.js';
import { memberLedger } from '../../../src/actors/ledger/names.js';
import { Stage } from './stage.js';

describe('a mark of how far one has read', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await new Stage().open();
    for (let i = 0; i < 10; i++) await stage.send(`news ${i}`);
    await stage.clock.advance(60_000);
  });
  afterEach(() => stage.actors.stop());

  const mark = (seq: number) => stage.ask<{ read_seq: number }>({ type: 'mark_read', by: stage.owner, seq });
  const commits = async () =>
    (await stage.base.ledgers.commitsAfter(memberLedger(stage.owner), 0, 100)).filter(({ changes }) => changes[0]?.kind === 'read');

  it('what one sends marks nothing and writes no ledger; the first mark after it tells of it, and the same again is nothing', async () => {
    expect([await stage.base.reads.untold(stage.owner, 5), await commits()]).toEqual([[], []]);
    expect(await stage.base.reads.get(stage.thread, stage.owner)).toMatchObject({ seq: 10, is_quiet: true });
    expect(await mark(10)).toEqual({ read_seq: 10 });
    await stage.clock.advance(31_000);
    const value = { community_id: stage.community, last_read_seq: 10 };
    expect((await commits()).map(({ changes }) => changes)).toEqual([[{ kind: 'read', key: stage.thread, value }]]);
    expect(stage.events('read_receipt')).toEqual([]);
    const [raise, untold] = [jest.spyOn(stage.base.reads, 'raise'), jest.spyOn(stage.base.reads, 'untold')];
    for (const seq of [10, 3, 10]) expect(await mark(seq)).toEqual({ read_seq: 10 });
    await stage.clock.advance(60_000);
    expect([raise.mock.calls, untold.mock.calls, (await commits()).length]).toEqual([[], [], 1]);
  });

  it('marks of two seconds are one hint, and whoever goes on reading is hinted at again', async () => {
    const received = jest.spyOn(UserActor.prototype, 'receive');
    const hints = () => received.mock.calls.filter(([message]) => message.type === 'has_untold' && message.kind === 'read').length;
    const writer = stage.thread.replace(/.$/, 'f');
    await stage.askCommunity({ type: 'join', by: writer });
    for (let i = 0; i < 30; i++) await stage.send(`more ${i}`, `${i}`.padStart(24, '0'), writer);
    received.mockClear();
    for (let seq = 11; seq <= 15; seq++) {
      await mark(seq);
      await stage.clock.advance(200);
    }
    expect(hints()).toBe(1);
    await stage.clock.advance(1_500);
    await mark(20);
    await mark(21);
    expect(hints()).toBe(2);
    await stage.clock.advance(60_000);
    expect((await commits()).at(-1)?.changes).toMatchObject([{ key: stage.thread, value: { last_read_seq: 21 } }]);
  });
});
