import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Copies, type CopySource } from '../../../../src/actors/ledger/copies.js';
import type { Draft } from '../../../../src/actors/ledger/ledger.js';
import { FakeClock } from '../../../../src/kernel/clock.js';

const clock = new FakeClock();

/** One record that shows what the ledger has already. */
const copiesOf = (context: { isLost: boolean }, lookAt: () => void) => {
  const told: string[] = [];
  const committed: Draft[] = [];
  const source: CopySource = {
    kind: 'k',
    records: {
      untold: async () => [{ key: 'a', mark: 'm1', record: 'as it is' }],
      told: async (_memberId, those) => void told.push(...those.map(({ key, mark }) => `${key} ${mark}`)),
      untoldMembers: async () => null,
    },
    shown: async () => ({ values: new Map([['a', 'as it is']]) }),
  };
  const copies = new Copies({
    ...{ subject: 'x', sources: [source], turnIn: () => undefined, isDoubtful: () => false },
    context: {
      ...context,
      clock,
      logger: pino({ level: 'silent' }),
      get isLost() {
        return context.isLost;
      },
    },
    ledger: {
      itemsOf: async () => {
        lookAt();
        return new Map([['a', 'as it is']]);
      },
      commit: async (decide) => {
        const draft = await decide();
        if (draft && draft.changes.length > 0) committed.push(draft);
        return null;
      },
    },
  });
  return { copies, told, committed };
};

it('what the ledger shows already is told without a commit', async () => {
  const { copies, told, committed } = copiesOf({ isLost: false }, () => undefined);
  copies.hint('k');
  await clock.advance(100);
  await copies.turn();
  expect([told, committed]).toEqual([['a m1'], []]);
});

it('an owner that has lost its place tells nothing: it may not know what the ledger shows by now', async () => {
  const context = { isLost: false };
  const { copies, told, committed } = copiesOf(context, () => {
    context.isLost = true;
  });
  copies.hint('k');
  await clock.advance(100);
  await copies.turn();
  expect([told, committed]).toEqual([[], []]);
});
