import { describe, expect, it } from '@jest/globals';
import { longestSilence, type SendSpan, silences } from '../../../proof/chaos/silence.js';

const span = (from: number, to: number, ok = true, thread = 'a'): SendSpan => ({ thread, from, to, ok });

describe('Silence of a thread', () => {
  it('is the time from the first pending send to the next acknowledgement', () => {
    expect(silences([span(1_000, 4_000)])).toEqual([{ thread: 'a', from: 1_000, to: 4_000 }]);
  });

  it('is broken by any acknowledgement', () => {
    expect(silences([span(0, 6_000), span(1_000, 2_000), span(3_000, 3_500)])).toEqual([
      { thread: 'a', from: 0, to: 2_000 },
      { thread: 'a', from: 2_000, to: 3_500 },
      { thread: 'a', from: 3_500, to: 6_000 },
    ]);
  });

  it('does not count while nobody wants to send', () => {
    expect(silences([span(0, 50), span(60_000, 60_050)])).toEqual([]);
  });

  it('goes on over a send that was given up while others wait', () => {
    expect(silences([span(0, 5_000, false), span(4_000, 9_000)])).toEqual([{ thread: 'a', from: 0, to: 9_000 }]);
    expect(silences([span(0, 5_000, false), span(5_000, 9_000)])).toEqual([{ thread: 'a', from: 0, to: 9_000 }]);
  });

  it('ends with the last send that was given up', () => {
    expect(silences([span(0, 5_000, false)])).toEqual([{ thread: 'a', from: 0, to: 5_000 }]);
  });

  it('is of each thread by itself', () => {
    expect(silences([span(0, 3_000), span(500, 600, true, 'b')])).toEqual([{ thread: 'a', from: 0, to: 3_000 }]);
  });

  it('counts for a fault from its time on, until the next one begins', () => {
    const all = silences([span(0, 3_000), span(8_000, 20_000, true, 'b'), span(30_000, 60_000, true, 'c')]);
    expect(longestSilence(all, 1_000, 30_000)).toEqual({ ms: 12_000, thread: 'b' });
    expect(longestSilence(all, 15_000, 30_000)).toEqual({ ms: 5_000, thread: 'b' });
    expect(longestSilence(all, 21_000, 30_000)).toEqual({ ms: 0, thread: null });
  });

  it('is the next fault’s when that struck a send on its way, and no sooner', () => {
    const all = silences([span(29_900, 60_000)]);
    expect(longestSilence(all, 10_000, 30_000)).toEqual({ ms: 0, thread: null });
    expect(longestSilence(all, 30_000, 90_000)).toEqual({ ms: 30_000, thread: 'a' });
    expect(longestSilence(silences([span(28_000, 60_000)]), 10_000, 30_000)).toEqual({ ms: 32_000, thread: 'a' });
  });
});
