import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maxExcerpt } from '../../../src/client/excerpt.js';
import { emptyThread, nextThread, type ThreadAction, type ThreadState } from '../../../src/client/thread-state.js';
import { me, other, type Sent, ThreadModel } from './thread-model.js';

const heard = (sent: Sent): ThreadAction => ({
  type: 'change',
  change: { message: sent.payload.message, reaction: sent.name === 'message_updated' ? sent.payload.reaction : undefined, marked: false },
});

/** A thread of so many messages of which the newest ten are held. */
const opened = (count: number): { model: ThreadModel; state: ThreadState } => {
  const model = new ThreadModel();
  for (let i = 0; i < count; i++) model.create(other, 'x');
  return { model, state: nextThread(emptyThread(me), { type: 'snapshot', ...model.join(me, 10) }) };
};

type Part = Extract<ThreadAction, { type: 'excerpt' }>['part'];

const read = (state: ThreadState, model: ThreadModel, part: Part, from: number, to: number, meanwhile: Sent[] = []): ThreadState => {
  const asked = nextThread(state, { type: 'older_asked' });
  const messages = model.all(me).filter(({ seq }) => seq >= from && seq <= to);
  const after = meanwhile.reduce((now, sent) => nextThread(now, heard(sent)), asked);
  return nextThread(after, { type: 'excerpt', ticket: asked.ticket, part, messages, more: from > 1 });
};

const seqs = (state: ThreadState): number[] => (state.excerpt?.messages ?? []).map(({ seq }) => seq);

describe('an excerpt of a thread', () => {
  it('stands far from the newest, which stay held and live', () => {
    const { model, state } = opened(100);
    const now = nextThread(read(state, model, 'around', 20, 24), heard(model.create(other, 'new')));
    expect(seqs(now)).toEqual([20, 21, 22, 23, 24]);
    expect(now.excerpt?.hasOlder).toBe(true);
    expect([now.lowSeq, now.messages.at(-1)?.seq]).toEqual([91, 101]);
  });

  it('goes on at both ends, and joins the newest where it reaches them', () => {
    const { model, state } = opened(100);
    let now = read(state, model, 'around', 20, 24);
    now = read(now, model, 'older', 15, 19);
    now = read(now, model, 'newer', 25, 89);
    expect([seqs(now)[0], seqs(now).at(-1), now.excerpt?.messages.length]).toEqual([15, 89, 75]);
    now = read(now, model, 'newer', 90, 100);
    expect(now.excerpt).toBeNull();
    expect(now.messages).toEqual(model.all(me).filter(({ seq }) => seq >= 15));
    expect([now.lowSeq, now.hasOlder]).toEqual([15, true]);
  });

  it('lets go of the end from which one reads away', () => {
    const { model, state } = opened(2_000);
    let now = read(state, model, 'around', 601, 700);
    for (let from = 551; from >= 1; from -= 50) now = read(now, model, 'older', from, from + 49);
    expect([seqs(now)[0], seqs(now).length]).toEqual([1, maxExcerpt]);
    expect(now.excerpt?.hasOlder).toBe(false);
    for (let from = maxExcerpt + 1; from < 1_000; from += 50) now = read(now, model, 'newer', from, from + 49);
    expect([seqs(now).at(-1), seqs(now).length]).toEqual([1_000, maxExcerpt]);
    expect(now.excerpt?.hasOlder).toBe(true);
  });

  it('is dropped when it is left, and what comes late for it too', () => {
    const { model, state } = opened(100);
    const left = nextThread(read(state, model, 'around', 20, 24), { type: 'excerpt_left' });
    expect(left.excerpt).toBeNull();
    expect(read(left, model, 'older', 15, 19).excerpt).toBeNull();
    const late: ThreadAction = {
      type: 'excerpt',
      ticket: left.ticket - 1,
      part: 'around',
      messages: model.all(me).slice(0, 5),
      more: true,
    };
    expect(nextThread(left, late)).toBe(left);
  });

  it('is as a fresh look would have it, whatever changes before, while and after it is read, also in pages of catching up', () => {
    const change = fc.record({
      kind: fc.constantFrom('edit', 'remove', 'react', 'create'),
      seq: fc.integer({ min: 1, max: 40 }),
      who: fc.constantFrom(me, other),
    });
    type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;
    const make = (model: ThreadModel, { kind, seq, who }: Change): Sent | null => {
      if (kind === 'create') return model.create(who, 'c');
      if (kind === 'remove') return model.remove(seq);
      return kind === 'edit' ? model.edit(seq, `edited ${model.rev}`) : model.react(seq, who, 'a', true);
    };
    const sent = (model: ThreadModel, changes: Change[]): Sent[] => changes.flatMap((one) => make(model, one) ?? []);
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 6 }),
        fc.array(change, { maxLength: 6 }),
        fc.array(change, { maxLength: 6 }),
        (early, mid, lost) => {
          const { model, state } = opened(40);
          const before = sent(model, early).reduce((now, one) => nextThread(now, heard(one)), state);
          // The page was read before what came meanwhile.
          const asked = nextThread(before, { type: 'older_asked' });
          const messages = model.all(me).slice(4, 24);
          const after = sent(model, mid).reduce((now, one) => nextThread(now, heard(one)), asked);
          const there = nextThread(after, { type: 'excerpt', ticket: asked.ticket, part: 'around', messages, more: true });
          expect(there.excerpt?.messages).toEqual(model.all(me).slice(4, 24));
          sent(model, lost);
          const caught = nextThread(there, { type: 'page', ...model.changes(me, there.rev, 1_000) });
          expect(caught.excerpt?.messages).toEqual(model.all(me).slice(4, 24));
        },
      ),
    );
  });
});
