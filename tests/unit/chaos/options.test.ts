import { describe, expect, it } from '@jest/globals';
import { faultNames } from '../../../proof/chaos/fault-names.js';
import { BadArguments, parseChaosArguments } from '../../../proof/chaos/options.js';

describe('Arguments of a chaos run', () => {
  it('has its usual values', () => {
    expect(parseChaosArguments([], 1_234_567)).toMatchObject({ minutes: 5, nodes: 3, seed: 234_567, faults: faultNames });
  });

  it('takes what is given', () => {
    const given = parseChaosArguments(
      ['--minutes', '0.7', '--nodes', '2', '--seed', '9', '--out', 'r', '--faults', 'redis-killed,overload'],
      0,
    );
    expect(given).toMatchObject({ minutes: 0.7, nodes: 2, seed: 9, out: 'r', faults: ['redis-killed', 'overload'] });
  });

  it('refuses faults by name that do not fit, and says how long they need', () => {
    expect(() => parseChaosArguments(['--faults', 'mongodb-stopped,node-killed', '--minutes', '0.5'], 0)).toThrow(/need --minutes 1\.3 /);
    expect(parseChaosArguments(['--faults', 'mongodb-stopped,node-killed', '--minutes', '1.3'], 0)).toMatchObject({ minutes: 1.3 });
    expect(parseChaosArguments(['--minutes', '0.5'], 0)).toMatchObject({ faults: faultNames });
  });

  it('refuses what it cannot do, and says what it can', () => {
    for (const args of [['--minutes', '0'], ['--nodes', '1'], ['--nodes', '2.5'], ['--seed', 'x'], ['--what'], ['extra']])
      expect(() => parseChaosArguments(args, 0)).toThrow(BadArguments);
    expect(() => parseChaosArguments(['--faults', 'earthquake'], 0)).toThrow(/earthquake.*node-killed/);
    expect(parseChaosArguments(['--help'], 0)).toBeNull();
  });
});
