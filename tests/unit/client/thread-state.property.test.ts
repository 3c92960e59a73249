import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emptyThread, isBehind, nextThread, type ThreadAction, type ThreadState } from '../../../src/client/thread-state.js';
import { me, other, type Sent, ThreadModel } from './thread-model.js';

const who = fc.constantFrom(me, other);
const operation = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), who, text: fc.string({ maxLength: 3 }) }),
  fc.record({ kind: fc.constant('edit' as const), seq: fc.integer({ min: 1, max: 12 }), text: fc.string({ maxLength: 3 }) }),
  fc.record({ kind: fc.constant('remove' as const), seq: fc.integer({ min: 1, max: 12 }) }),
  fc.record({
    kind: fc.constant('react' as const),
    seq: fc.integer({ min: 1, max: 12 }),
    who,
    emoji: fc.constantFrom('a', 'b'),
    on: fc.boolean(),
  }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const carryOut = (model: ThreadModel, op: Operation): void => {
  if (op.kind === 'create') model.create(op.who, op.text);
  else if (op.kind === 'edit') model.edit(op.seq, op.text);
  else if (op.kind === 'remove') model.remove(op.seq);
  else model.react(op.seq, op.who, op.emoji, op.on);
};

const heard = (sent: Sent): ThreadAction => ({
  type: 'change',
  change: {
    message: sent.payload.message,
    reaction: sent.name === 'message_updated' ? sent.payload.reaction : undefined,
    marked: false,
  },
});

const caughtUp = (state: ThreadState, model: ThreadModel, page: number): ThreadState => {
  let next = state;
  for (let pages = 0; pages < 100; pages++) {
    const answer = model.changes(me, next.rev, page);
    next = nextThread(next, { type: 'page', ...answer });
    if (answer.complete) return next;
  }
  throw new Error('catching up does not end');
};

const same = (state: ThreadState, model: ThreadModel): void => {
  expect(state.rev).toBe(model.rev);
  expect(isBehind(state)).toBe(false);
  expect(state.early.size).toBe(0);
  expect(state.messages).toEqual(model.all(me).filter((message) => message.seq >= state.lowSeq));
};

describe('thread state, whatever becomes of the events', () => {
  it('equals a fresh look after one catching up, with any events lost, doubled and out of order', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 15 }),
        fc.array(operation, { maxLength: 25 }),
        // For each event, as it was sent: where it comes in the order of arrival (twice, or lost when there is no place).
        fc.array(fc.array(fc.nat({ max: 200 }), { minLength: 0, maxLength: 2 }), { minLength: 40, maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 6 }),
        (before, after, places, firstPage, syncPage) => {
          const model = new ThreadModel();
          for (const op of before) carryOut(model, op);
          let state = nextThread(emptyThread(me), { type: 'snapshot', ...model.join(me, firstPage) });
          for (const op of after) carryOut(model, op);
          const arrivals = model.sent.flatMap((sent, i) => (places[i] ?? []).map((place) => ({ sent, place })));
          arrivals.sort((a, b) => a.place - b.place);
          const half = Math.floor(arrivals.length / 2);
          for (const { sent } of arrivals.slice(0, half)) state = nextThread(state, heard(sent));
          // One page is fetched in the middle of it, complete or not.
          state = nextThread(state, { type: 'page', ...model.changes(me, state.rev, syncPage) });
          for (const { sent } of arrivals.slice(half)) state = nextThread(state, heard(sent));
          expect(state.rev).toBeLessThanOrEqual(model.rev);
          same(caughtUp(state, model, syncPage), model);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('equals a fresh look when changes, deliveries, syncs and older pages interleave', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: operation },
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('deliver' as const), back: fc.nat({ max: 6 }) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('sync_read' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('sync_answer' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('older_read' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('older_answer' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('rejoin' as const) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const model = new ThreadModel();
        for (let i = 0; i < 6; i++) model.create(i % 2 ? me : other, `${i}`);
        let state = nextThread(emptyThread(me), { type: 'snapshot', ...model.join(me, 2) });
        // Answers that have been read on the server and are under way; what they hold may be old when they arrive.
        let sync: ThreadAction | null = null;
        let older: ThreadAction | null = null;
        for (const one of steps) {
          if (one.kind === 'deliver') {
            const sent = model.sent.at(-1 - one.back);
            if (sent) state = nextThread(state, heard(sent));
          } else if (one.kind === 'sync_read') sync ??= { type: 'page', ...model.changes(me, state.rev, 3) };
          else if (one.kind === 'sync_answer') {
            if (sync) state = nextThread(state, sync);
            sync = null;
          } else if (one.kind === 'older_read') {
            if (older || !state.hasOlder) continue;
            state = nextThread(state, { type: 'older_asked' });
            older = { type: 'older', ticket: state.ticket, messages: model.before(me, state.lowSeq, 2), more: true };
          } else if (one.kind === 'older_answer') {
            if (older) state = nextThread(state, older);
            older = null;
          } else if (one.kind === 'rejoin') state = nextThread(state, { type: 'snapshot', ...model.join(me, 2) });
          else carryOut(model, one);
        }
        if (sync) state = nextThread(state, sync);
        if (older) state = nextThread(state, older);
        same(caughtUp(state, model, 3), model);
      }),
      { numRuns: 2_000 },
    );
  });
});
