import { expect, test } from '@jest/globals';
import { Silence } from '../../../src/client/silence.js';

/** A host whose timers fire when the test says so, however late. */
class Host {
  time = 0;
  timer: (() => void) | undefined;
  now = (): number => this.time;
  after = (_ms: number, run: () => void): { cancel(): void } => {
    this.timer = run;
    return { cancel: () => undefined };
  };

  fire(at: number): void {
    this.time = at;
    const run = this.timer;
    this.timer = undefined;
    run?.();
  }
}

test('a host that slept first reads what arrived meanwhile', () => {
  const host = new Host();
  let broken = 0;
  const silence = new Silence(host, () => broken++);
  silence.alive();
  host.fire(60_000);
  expect(broken).toBe(0);
  silence.alive();
  host.fire(61_000);
  expect(broken).toBe(0);
  host.fire(100_000);
  host.fire(101_000);
  expect(broken).toBe(1);
  expect(host.timer).toBeUndefined();
});

test('a wire that never told of a packet is not missed, unless an answer is', () => {
  const host = new Host();
  let broken = 0;
  const silence = new Silence(host, () => broken++);
  silence.heard();
  expect(host.timer).toBeUndefined();
  host.time = 5_999;
  silence.unanswered();
  expect(broken).toBe(0);
  host.time = 6_000;
  silence.unanswered();
  expect(broken).toBe(1);
});
