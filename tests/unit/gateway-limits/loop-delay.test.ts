import { beforeEach, describe, expect, it } from '@jest/globals';
import { LoopDelay } from '../../../src/gateway/limits/loop-delay.js';
import { FakeClock } from '../../../src/kernel/clock.js';

/** Its timers cannot fire while the loop is held up. */
class HeldUpClock extends FakeClock {
  #held = 0;

  override monotonic(): number {
    return super.monotonic() + this.#held;
  }

  holdUp(ms: number): void {
    this.#held += ms;
  }
}

describe('loop delay', () => {
  let clock: HeldUpClock;
  let delay: LoopDelay;

  beforeEach(() => {
    clock = new HeldUpClock();
    delay = new LoopDelay(clock);
    delay.start();
  });

  it('is nothing while timers fire in time', async () => {
    await clock.advance(1_000);
    expect(delay.read()).toBe(0);
    expect(delay.read()).toBe(0);
  });

  it.each([1, 250, 1_000, 60_000])('tells of a hold-up of %i ms once, whether the reading or the tick comes first after it', async (ms) => {
    await clock.advance(1_000);
    clock.holdUp(ms + 20);
    expect(delay.read()).toBe(ms);
    await clock.advance(1_000);
    expect(delay.read()).toBe(0);
    clock.holdUp(ms);
    await clock.advance(20);
    expect(delay.read()).toBe(ms);
    expect(delay.read()).toBe(0);
  });

  it('tells the longest of several', async () => {
    for (const ms of [30, 300, 3]) {
      clock.holdUp(ms);
      await clock.advance(20);
    }
    expect(delay.read()).toBe(300);
  });

  it('sees a loop that is held up from each reading to the next', async () => {
    const seen: number[] = [];
    for (let look = 0; look < 5; look++) {
      clock.holdUp(1_000);
      await clock.advance(20);
      seen.push(delay.read());
    }
    expect(seen).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
  });

  it('knows nothing of the time for which it was stopped', async () => {
    delay.stop();
    clock.holdUp(5_000);
    expect(delay.read()).toBe(0);
    delay.start();
    await clock.advance(100);
    expect(delay.read()).toBe(0);
  });
});
