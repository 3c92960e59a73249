import { beforeEach, describe, expect, test } from '@jest/globals';
import { Line } from '../../../proof/simulation/line.js';
import { SimProcess } from '../../../proof/simulation/process.js';
import { Random } from '../../../proof/simulation/random.js';
import { SimTime } from '../../../proof/simulation/sim-time.js';

let time: SimTime;
let seen: string[];
const note = (what: string) => (): void => void seen.push(`${what} at ${time.now}`);

beforeEach(() => {
  time = new SimTime();
  seen = [];
});

const pass = (ms: number): Promise<void> => time.drive(time.sleep(ms), Number.POSITIVE_INFINITY);

describe('the time', () => {
  test('runs what is due in order of its time, ties in order of creation', async () => {
    const random = new Random('order');
    const due = Array.from({ length: 200 }, (_, i) => ({ i, at: random.int(1, 20) }));
    for (const { i, at } of due) time.after(at, note(`${i}`));
    await pass(30);
    const expected = [...due].sort((a, b) => a.at - b.at || a.i - b.i).map(({ i, at }) => `${i} at ${at}`);
    expect(seen).toEqual(expected);
  });

  test('lets promises settle between two of them', async () => {
    time.after(
      1,
      () =>
        void Promise.resolve()
          .then(() => Promise.resolve())
          .then(note('settled')),
    );
    time.after(1, note('next'));
    await pass(2);
    expect(seen).toEqual(['settled at 1', 'next at 1']);
  });

  test('forgets what was cancelled', async () => {
    time.after(1, note('never')).cancel();
    await pass(2);
    expect(seen).toEqual([]);
  });

  test('says so when nothing is left that could happen, or it takes too long', async () => {
    await expect(time.drive(new Promise(() => undefined), 1_000)).rejects.toThrow('stands still');
    await expect(time.drive(time.sleep(2_000), 1_000)).rejects.toThrow('did not end');
  });
});

describe('a process', () => {
  test('that is halted gets everything late and in order, each interval once, and its clock has jumped', async () => {
    const process = new SimProcess('p', time);
    process.clock.after(10, note('timer'));
    process.clock.every(10, note('beat'));
    time.after(15, () => process.deliver(note('packet')));
    time.after(5, () => process.pause());
    time.after(100, () => process.resume());
    await pass(105);
    expect(seen).toEqual(['timer at 100', 'beat at 100', 'packet at 100']);
    await pass(10);
    expect(seen.slice(3)).toEqual(['beat at 110']);
  });

  test('that was killed gets nothing any more', async () => {
    const process = new SimProcess('p', time);
    process.clock.after(10, note('timer'));
    process.onDeath(note('death'));
    time.after(5, () => process.kill());
    time.after(15, () => process.deliver(note('packet')));
    await pass(20);
    expect(seen).toEqual(['death at 5']);
  });

  test('has a wall clock of its own that can be wrong', () => {
    const process = new SimProcess('p', time);
    const right = process.clock.now();
    process.wallOffset = -5_000;
    expect(process.clock.now()).toBe(right - 5_000);
    expect(process.clock.monotonic()).toBe(0);
  });
});

test('a line keeps the order of what goes into it, and two lines do not', async () => {
  const random = new Random('lines');
  const [a, b] = [new Line(time, random, 1, 50), new Line(time, random, 1, 50)];
  for (let i = 0; i < 50; i++) {
    a.carry(() => seen.push(`a${i}`));
    b.carry(() => seen.push(`b${i}`));
  }
  await pass(100);
  const of = (name: string) => seen.filter((it) => it.startsWith(name));
  expect(of('a')).toEqual(Array.from({ length: 50 }, (_, i) => `a${i}`));
  expect(of('b')).toEqual(Array.from({ length: 50 }, (_, i) => `b${i}`));
  expect(seen).not.toEqual(Array.from({ length: 100 }, (_, i) => `${i % 2 === 0 ? 'a' : 'b'}${Math.floor(i / 2)}`));
});

describe('random numbers', () => {
  test('follow from the seed, and a fork from its name alone', () => {
    const [one, other] = [new Random('s'), new Random('s')];
    expect(Array.from({ length: 20 }, one.next)).toEqual(Array.from({ length: 20 }, other.next));
    one.next();
    expect(one.fork('x').next()).toBe(other.fork('x').next());
    expect(one.fork('x').next()).not.toBe(one.fork('y').next());
  });

  test('are spread evenly', () => {
    const random = new Random('even');
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 10_000; i++) counts[random.int(0, 4)]!++;
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(250);
  });
});
