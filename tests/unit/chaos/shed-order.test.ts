import { describe, expect, it } from '@jest/globals';
import { refusedOutOfOrder } from '../../../proof/chaos/shed-order.js';

const step = (of: Record<string, Record<string, number>>) =>
  new Map(Object.entries(of).map(([node, labels]) => [node, new Map(Object.entries(labels))]));
const steps = (...of: Record<string, number>[]) => of.map((n1) => step({ n1 }));

describe('The order of what is refused', () => {
  it.each([
    ['nothing', steps({}, {}, {}), []],
    ['in order', steps({}, { signal: 1 }, { signal: 2, search: 1 }, { signal: 3, search: 2, history: 1 }), []],
    ['within one step', steps({}, { signal: 1, search: 1, history: 1, connect: 9 }), []],
    ['by a level that began in the middle of a step', steps({}, { connect: 1 }, { signal: 1, search: 1, history: 1, connect: 2 }), []],
    ['by what was counted before', steps({ send: 5 }, { send: 5, signal: 1 }), []],
    [
      'sends alone',
      steps({}, { send: 1 }, { send: 2 }),
      ['signal', 'search', 'history', 'connect'].map((w) => `n1 refused send before ${w}`),
    ],
    ['signals too late', steps({}, { search: 1 }, { search: 2 }, { search: 3, signal: 1 }), ['n1 refused search before signal']],
    ['one left out', steps({}, { signal: 1 }, { signal: 2, history: 1 }, { signal: 2, history: 2 }), ['n1 refused history before search']],
  ])('%s', (_name, given, wrong) => {
    expect(refusedOutOfOrder(given)).toEqual(wrong);
  });

  it('is of each node by itself, also of one that began anew', () => {
    const given = [
      step({ n1: {}, n2: { signal: 7 } }),
      step({ n1: { signal: 1 }, n2: { signal: 7 } }),
      step({ n1: { signal: 2 }, n2: { search: 1 } }),
      step({ n1: { signal: 2 }, n2: { search: 1 } }),
    ];
    expect(refusedOutOfOrder(given)).toEqual(['n2 refused search before signal']);
  });
});
