import { describe, expect, test } from '@jest/globals';
import { check } from '../../../proof/history/check.js';
import { everything, Story, shownAs } from './story.js';

const thread = 't1';
const verdictOf = (story: Story) => check(story.end());

describe('a healthy history', () => {
  test('of everything that can happen to a thread passes, and is counted', () => {
    const { violations, counted } = verdictOf(everything());
    expect(violations).toEqual([]);
    expect(counted).toMatchObject({ acknowledgedSends: 4, caughtUpViews: 2, removals: 1, oldEpochCommits: 0 });
  });

  test('nothing at all passes', () => {
    expect(verdictOf(new Story()).violations).toEqual([]);
  });

  test('an unknown send may be stored, or not', () => {
    const story = new Story('ada');
    const stored = story.call('ada', { do: 'send', thread, nonce: 'n1', content: 'kept' });
    story.show(story.place('ada', 'n1', 'kept'), 'new_message');
    story.answer(stored, { outcome: 'unknown' });
    story.call('ada', { do: 'send', thread, nonce: 'n2', content: 'never answered' });
    const { violations, counted } = verdictOf(story);
    expect(violations).toEqual([]);
    expect(counted).toMatchObject({ unacknowledgedStored: 1, unacknowledgedNotStored: 1 });
  });

  test('a retry under the same nonce is answered with the first message', () => {
    const story = new Story('ada');
    const act = { do: 'send', thread, nonce: 'n1', content: 'once' } as const;
    story.answer(story.call('ada', act), { outcome: 'unknown' });
    const message = story.place('ada', 'n1', 'once');
    story.answer(story.call('ada', act), { message: shownAs(message) });
    expect(verdictOf(story).violations).toEqual([]);
  });

  test('a send that the sender was removed during may have gone through before its refusal', () => {
    const story = new Story('ada');
    const op = story.call('bob', { do: 'send', thread, nonce: 'n1', content: 'late' });
    story.remove('bob');
    story.place('bob', 'n1', 'late');
    story.answer(op, { outcome: 'refused', code: 'forbidden' });
    expect(verdictOf(story).violations).toEqual([]);
  });

  test('a send within 10 s of the sender’s removal may have gone through before its refusal, and not after that', () => {
    for (const [ms, invariants] of [
      [9_000, []],
      [11_000, [3]],
    ] as const) {
      const story = new Story('ada');
      story.remove('bob');
      story.tick(ms);
      const op = story.call('bob', { do: 'send', thread, nonce: 'n1', content: 'late' });
      story.place('bob', 'n1', 'late');
      story.answer(op, { outcome: 'refused', code: 'not_found' });
      expect([ms, verdictOf(story).violations.map(({ invariant }) => invariant)]).toEqual([ms, invariants]);
    }
  });

  test('a removal that was refused excuses nothing', () => {
    const story = new Story('ada');
    story.answer(story.call('mod', { do: 'remove', community: 'c1', whom: 'bob', how: 'kick' }), { outcome: 'refused', code: 'forbidden' });
    const op = story.call('bob', { do: 'send', thread, nonce: 'n1', content: 'late' });
    story.place('bob', 'n1', 'late');
    story.answer(op, { outcome: 'refused', code: 'not_found' });
    expect(verdictOf(story).violations).toMatchObject([{ invariant: 3 }]);
  });

  test('a send that was refused may go through by another try of it once the sender has come back', () => {
    const story = new Story('ada');
    story.remove('bob');
    const op = story.call('bob', { do: 'send', thread, nonce: 'n1', content: 'late' });
    story.answer(op, { outcome: 'refused', code: 'forbidden' });
    story.answer(story.call('bob', { do: 'join', community: 'c1', whom: 'bob' }));
    story.place('bob', 'n1', 'late');
    expect(verdictOf(story).violations).toEqual([]);
  });

  test('a send or an edit that was refused may have gone through before a removal, or after a join, that was under way', () => {
    for (const how of ['removed', 'joined'] as const) {
      const story = new Story('ada', 'bob');
      const message = story.send('bob', 'first');
      const change =
        how === 'removed'
          ? story.call('mod', { do: 'remove', community: 'c1', whom: 'bob', how: 'kick' })
          : story.call('bob', { do: 'join', community: 'c1', whom: 'bob' });
      if (how === 'removed') story.answer(change, { outcome: 'unknown' });
      const send = story.call('bob', { do: 'send', thread, nonce: 'n1', content: 'late' });
      const edit = story.call('bob', { do: 'edit', thread, message: message.id, content: 'edited' });
      for (const op of [send, edit]) story.answer(op, { outcome: 'refused', code: 'forbidden' });
      if (how === 'joined') story.answer(change);
      story.place('bob', 'n1', 'late');
      message.content = 'edited';
      story.commit(message);
      expect([how, verdictOf(story).violations]).toEqual([how, []]);
    }
  });

  test('a join that was under way at a removal may come after it', () => {
    const story = new Story('ada', 'bob');
    const join = story.call('bob', { do: 'join', community: 'c1', whom: 'bob' });
    const remove = story.call('bob', { do: 'remove', community: 'c1', whom: 'bob', how: 'leave' });
    story.answer(remove);
    story.answer(join);
    story.tick(20_000);
    story.send('ada', 'hello');
    expect(verdictOf(story).violations).toEqual([]);
  });

  test('an old owner’s write that finds a rev free again, and is brought forward before anyone is shown it', () => {
    const story = new Story('ada');
    const one = story.send('ada', 'one');
    const two = story.send('ada', 'two');
    story.move('n1', 'n2');
    story.edit(two, 'two 2');
    story.edit(two, 'two 3');
    one.content = 'one 2';
    story.add({ kind: 'commit', at: story.tick(), thread, message: one.id, seq: one.seq, rev: 3, epoch: 1 });
    story.answer(story.call('ada', { do: 'edit', thread, message: one.id, content: 'one 2' }), { outcome: 'unknown' });
    story.commit(one);
    story.show(one, 'message_updated');
    expect(verdictOf(story).violations).toEqual([]);
  });

  test('a tombstone and messages from before the run are nobody’s sends', () => {
    const story = new Story('ada');
    Object.assign(story.place('nobody', '', ''), { nonce: null, deleted: true });
    Object.assign(story.place('old', '', 'from before'), { nonce: null });
    story.send('ada', 'new');
    const told = story.end();
    expect(check(told).violations).toEqual([]);
  });

  test('of two edits at the same time either may stand, and of an unknown one after them, too', () => {
    for (const [content, winner] of [
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ] as const) {
      const story = new Story('ada');
      const message = story.send('ada', 'first');
      const ops = ['a', 'b', 'c'].map((text) => story.call('ada', { do: 'edit', thread, message: message.id, content: text }));
      message.content = content;
      story.commit(message);
      const answers = ops.map((_op, i) => (i === 2 ? { outcome: 'unknown' as const } : {}));
      for (const [i, op] of ops.entries()) story.answer(op, answers[i]);
      expect([winner, verdictOf(story).violations]).toEqual([winner, []]);
    }
  });

  test('a write of an old epoch at a free seq is counted and no breach', () => {
    const story = new Story('ada');
    story.epoch = 3;
    story.send('ada', 'new owner');
    story.epoch = 2;
    story.send('ada', 'old owner');
    const { violations, counted } = verdictOf(story);
    expect(violations).toEqual([]);
    expect(counted.oldEpochCommits).toBe(1);
  });

  test('an old version may come late to who has not seen the deletion, and a page shortly after it', () => {
    const story = new Story('ada');
    const message = story.send('ada', 'gone soon');
    const before = shownAs(message);
    const delivered = { kind: 'seen', client: 'client-bob', member: 'bob', thread, message: before } as const;
    story.delete(message);
    story.add({ ...delivered, at: story.tick(), by: 'page' });
    story.add({ ...delivered, at: story.tick(30_000), by: 'new_message' });
    expect(verdictOf(story).violations).toEqual([]);
  });

  test('events within the bound after a removal, and after a return, are no breach', () => {
    const story = new Story('ada', 'bob');
    const message = story.send('ada', 'one');
    const seen = { kind: 'seen', client: 'client-bob', member: 'bob', thread, by: 'new_message', message: shownAs(message) } as const;
    story.remove('bob');
    story.add({ ...seen, at: story.tick(9_000) });
    story.tick(30_000);
    story.join('bob');
    story.send('ada', 'two');
    expect(verdictOf(story).violations).toEqual([]);
  });

  test('a long history', () => {
    const story = new Story('ada', 'bob', 'cyd');
    for (let i = 0; i < 2_000; i++) {
      const message = story.send('ada', `text ${i}`);
      if (i % 5 === 0) story.edit(message, `better ${i}`);
      if (i % 7 === 0) story.react('bob', message, '+1');
    }
    expect(verdictOf(story).violations).toEqual([]);
  });
});
