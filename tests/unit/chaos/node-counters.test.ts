import { describe, expect, it } from '@jest/globals';
import { counted, countsIn, growth } from '../../../proof/chaos/node-counters.js';

const text = `# TYPE shed counter
shed{work="send",node="n1"} 3
shed{node="n1",work="signal"} 4
shed{work="send",node="x"} 1
shed_level 2
shedding{work="send"} 9
`;
const counts = (of: Record<string, Record<string, number>>) =>
  new Map(Object.entries(of).map(([node, labels]) => [node, new Map(Object.entries(labels))]));

describe('Counters of nodes', () => {
  it('are summed by one label', () => {
    expect(countsIn(text, 'shed', 'work')).toEqual(
      new Map([
        ['send', 4],
        ['signal', 4],
      ]),
    );
  });

  it('show what they grew by, from nothing where a node began anew', () => {
    const before = counts({ n1: { lost: 2, slow: 5 }, n2: { lost: 7 } });
    const after = counts({ n1: { lost: 3, slow: 5 }, n2: { lost: 4 }, n3: { behind: 1 } });
    expect(counted(growth(before, after))).toBe('behind 1, lost 5');
    expect(counted(growth(after, after))).toBe('nothing');
  });
});
