import { describe, expect, it } from '@jest/globals';
import { emptyThread, isBehind, maxHeld, nextThread, type ThreadAction, type ThreadState } from '../../../src/client/thread-state.js';
import { Fault } from '../../../src/kernel/errors.js';
import { contents, me, other, type Sent, ThreadModel } from './thread-model.js';

const run = (state: ThreadState, ...actions: ThreadAction[]): ThreadState => actions.reduce(nextThread, state);
const heard = (sent: Sent | null): ThreadAction => {
  if (!sent) throw new Error('the model refused');
  const reaction = sent.name === 'message_updated' ? sent.payload.reaction : undefined;
  return { type: 'change', change: { message: sent.payload.message, reaction, marked: false } };
};
const snapshotOf = (model: ThreadModel, page = 50): ThreadAction => ({ type: 'snapshot', ...model.join(me, page) });
const joined = (model: ThreadModel, page = 50): ThreadState => run(emptyThread(me), snapshotOf(model, page));
const reactionsOf = (state: ThreadState, seq: number) => {
  const message = state.messages.find((m) => m.seq === seq);
  return message && 'reactions' in message ? message.reactions : [];
};

describe('thread state', () => {
  it('applies events that come in order', () => {
    const model = new ThreadModel();
    const state = run(
      joined(model),
      heard(model.create(other, 'a')),
      heard(model.create(other, 'b')),
      heard(model.edit(1, 'A')),
      heard(model.remove(2)),
    );
    expect(contents(state.messages)).toEqual(['A', '-']);
    expect(state.rev).toBe(4);
    expect(isBehind(state)).toBe(false);
  });

  it('ignores what it has already', () => {
    const model = new ThreadModel();
    const created = heard(model.create(other, 'a'));
    const edited = heard(model.edit(1, 'A'));
    const state = run(joined(new ThreadModel()), created, edited);
    expect(run(state, created, edited, created)).toEqual(state);
  });

  it('waits at a hole and goes on when it is filled', () => {
    const model = new ThreadModel();
    const before = joined(model);
    const [a, b, c] = [heard(model.create(other, 'a')), heard(model.edit(1, 'A')), heard(model.create(other, 'b'))];
    const held = run(before, a, c);
    expect(contents(held.messages)).toEqual(['a']);
    expect(held.rev).toBe(1);
    expect(isBehind(held)).toBe(true);
    const filled = run(held, b);
    expect(contents(filled.messages)).toEqual(['A', 'b']);
    expect(filled.early.size).toBe(0);
    expect(isBehind(filled)).toBe(false);
  });

  it('keeps what comes before its first snapshot', () => {
    const model = new ThreadModel();
    model.create(other, 'a');
    const snapshot = snapshotOf(model);
    const late = heard(model.create(other, 'b'));
    const state = run(emptyThread(me), late, snapshot);
    expect(contents(state.messages)).toEqual(['a', 'b']);
    expect(state.rev).toBe(2);
  });

  it('takes the edit of a message that is not loaded, without making a gap', () => {
    const model = new ThreadModel();
    for (let i = 1; i <= 10; i++) model.create(other, `m${i}`);
    const state = run(joined(model, 3), heard(model.edit(2, 'changed')), heard(model.remove(1)), heard(model.create(other, 'new')));
    expect(contents(state.messages)).toEqual(['m8', 'm9', 'm10', 'new']);
    expect(state.rev).toBe(13);
    expect(isBehind(state)).toBe(false);
    const older: ThreadAction = { type: 'older', ticket: state.ticket + 1, messages: model.before(me, 8, 50), more: true };
    const whole = run(state, { type: 'older_asked' }, older);
    expect(contents(whole.messages)).toEqual(['-', 'changed', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9', 'm10', 'new']);
    expect(whole.hasOlder).toBe(false);
  });

  it('does not let an older page undo a change that overtook it', () => {
    const model = new ThreadModel();
    for (let i = 1; i <= 4; i++) model.create(other, `m${i}`);
    model.react(1, me, '👍', true);
    const state = run(joined(model, 2), { type: 'older_asked' });
    const stale = model.before(me, 3, 50);
    const edit = heard(model.edit(2, 'edited'));
    const reaction = heard(model.react(1, other, '👍', true));
    const whole = run(state, edit, reaction, { type: 'older', ticket: state.ticket, messages: stale, more: true });
    expect(whole.messages).toEqual(model.all(me));
  });

  it('ignores an older page that does not end where the loaded messages begin', () => {
    const model = new ThreadModel();
    for (let i = 1; i <= 10; i++) model.create(other, `m${i}`);
    const asked = run(joined(model, 6), { type: 'older_asked' });
    const page = model.before(me, 5, 2);
    const again = run(asked, snapshotOf(model, 2), { type: 'older', ticket: asked.ticket, messages: page, more: true });
    expect(contents(again.messages)).toEqual(['m9', 'm10']);
  });

  it("keeps one's own reaction marks although events have none", () => {
    const model = new ThreadModel();
    model.create(other, 'a');
    const mine = heard(model.react(1, me, '👍', true));
    const state = run(joined(new ThreadModel()), heard(model.sent[0]!), mine);
    expect(reactionsOf(state, 1)).toEqual([{ emoji: '👍', count: 1, me: true }]);
    const both = run(state, heard(model.react(1, other, '👍', true)), heard(model.react(1, other, '🎉', true)), heard(model.edit(1, 'A')));
    expect(reactionsOf(both, 1)).toEqual([
      { emoji: '👍', count: 2, me: true },
      { emoji: '🎉', count: 1, me: false },
    ]);
    expect(reactionsOf(run(both, heard(model.react(1, me, '👍', false))), 1)).toEqual([
      { emoji: '👍', count: 1, me: false },
      { emoji: '🎉', count: 1, me: false },
    ]);
  });

  it('catches up page by page', () => {
    const model = new ThreadModel();
    for (let i = 1; i <= 5; i++) model.create(other, `m${i}`);
    let state = joined(model);
    for (let i = 6; i <= 20; i++) model.create(other, `m${i}`);
    model.edit(7, 'edited');
    model.remove(3);
    state = run(state, heard(model.create(other, 'live')));
    let pages = 0;
    while (isBehind(state)) {
      state = run(state, { type: 'page', ...model.changes(me, state.rev, 4) });
      if (++pages > 10) throw new Error('it does not end');
    }
    expect(state.messages).toEqual(model.all(me));
  });

  it('lets changes wait between two pages, so that marks are not lost', () => {
    const model = new ThreadModel();
    const empty = joined(model);
    model.create(other, 'm1');
    model.react(1, me, '👍', true);
    for (let i = 2; i <= 4; i++) model.create(other, `m${i}`);
    const edited = heard(model.edit(1, 'edited'));
    // The first page ends before the message that was changed last; its event is there already and fits behind the page.
    const between = run(empty, edited, { type: 'page', ...model.changes(me, 0, 3) });
    expect(isBehind(between)).toBe(true);
    expect(run(between, { type: 'page', ...model.changes(me, between.rev, 3) }).messages).toEqual(model.all(me));
  });

  it('shows a send as pending until the thread has it, by its nonce', () => {
    const model = new ThreadModel();
    const pending = { content: 'mine', nonce: 'n1', created_at: 0, fault: null, rev: null };
    const strange = { ...pending, nonce: 'n2', fault: new Fault('timeout') };
    const waiting = run(joined(model), { type: 'pending', pending: [pending, strange] });
    expect(run(waiting, heard(model.create(other, 'not mine', 'n1'))).pending).toHaveLength(2);
    const shown = run(waiting, heard(model.sent[0]!), heard(model.create(me, 'mine', 'n1')));
    expect(shown.pending).toEqual([strange]);
    model.create(me, 'mine', 'n2');
    expect(run(shown, { type: 'page', ...model.changes(me, shown.rev, 200) }).pending).toEqual([]);
  });

  it('lets go of an acknowledged send even when its message was deleted meanwhile', () => {
    const model = new ThreadModel();
    const waiting = run(joined(model), {
      type: 'pending',
      pending: [{ content: 'mine', nonce: 'n1', created_at: 0, fault: null, rev: 2 }],
    });
    model.create(me, 'mine', 'n1');
    model.remove(1);
    expect(waiting.pending).toHaveLength(1);
    expect(run(waiting, { type: 'page', ...model.changes(me, 0, 200) }).pending).toEqual([]);
  });

  it('stays bounded', () => {
    const model = new ThreadModel();
    let state = joined(model);
    for (let i = 0; i <= maxHeld; i++) state = run(state, heard(model.create(other, 'x')));
    expect(state.messages.length).toBeLessThanOrEqual(maxHeld);
    expect(state.messages[0]?.seq).toBe(state.lowSeq);
    expect(state.hasOlder).toBe(true);
  });
});
