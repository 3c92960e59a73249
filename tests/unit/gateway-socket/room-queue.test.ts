import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Frames } from '../../../src/gateway/socket/frames.js';
import { RoomAct } from '../../../src/gateway/socket/room-act.js';
import { mostTogether, RoomDelivery, type RoomPort } from '../../../src/gateway/socket/room-delivery.js';
import type { RoomEvent } from '../../../src/gateway/socket/room-mail.js';
import { bounds, RoomQueue } from '../../../src/gateway/socket/room-queue.js';
import { FakeClock, systemClock } from '../../../src/kernel/clock.js';

/** Rooms with members who write down what they are given. */
class Rooms implements RoomPort {
  readonly sets = new Map<string, Set<string>>();
  readonly heard = new Map<string, string[]>();
  /** Calls, in order. */
  readonly writes: { id: string; room: string; events: string[] }[] = [];
  onWrite: (id: string) => void = () => undefined;

  fill(room: string, size: number): this {
    this.sets.set(room, new Set(Array.from({ length: size }, (_x, i) => `${room}${i}`)));
    return this;
  }

  members(room: string): ReadonlySet<string> | undefined {
    return this.sets.get(room);
  }

  write(id: string, events: readonly RoomEvent[], _frames: Frames, room: string): void {
    const names = events.map((e) => e.name);
    this.writes.push({ id, room, events: names });
    this.heard.set(id, [...(this.heard.get(id) ?? []), ...names]);
    this.onWrite(id);
  }

  /** Those of a room who have heard exactly this. */
  having(room: string, ...events: string[]): number {
    return [...this.sets.get(room)!].filter((id) => (this.heard.get(id) ?? []).join() === events.join()).length;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let rooms: Rooms;
let queue: RoomQueue<RoomDelivery | RoomAct>;
const push = (room: string, names: string[], except?: string, to = queue): void => {
  const events = names.map((name) => ({ name, text: '', change: undefined }));
  to.push(room, new RoomDelivery(rooms, room, { events, except }));
};
const through = async (): Promise<number> => {
  queue.run();
  let turns = 1;
  for (; queue.size > 0; turns++) await turn();
  return turns;
};

beforeEach(() => {
  rooms = new Rooms();
  // None is so large that it is left waiting for what comes close behind.
  queue = new RoomQueue({ clock: systemClock, membersOf: (room) => Math.min(255, rooms.sets.get(room)?.size ?? 0) });
});

describe('order', () => {
  it('is that of the calls within a room, for each of its members', async () => {
    rooms.fill('a', 700).fill('b', 300);
    push('a', ['1']);
    push('b', ['1']);
    queue.run();
    push('a', ['2', '3']);
    push('b', ['2']);
    await turn();
    push('a', ['4']);
    await through();
    expect([rooms.having('a', '1', '2', '3', '4'), rooms.having('b', '1', '2')]).toEqual([700, 300]);
    expect(queue.weight).toBe(0);
  });

  it('holds when what goes to all and what spares somebody alternate', async () => {
    rooms.fill('a', 3).sets.set('spared', new Set(['a1']));
    push('a', ['1']);
    push('a', ['2'], 'spared');
    push('a', ['3'], 'spared');
    push('a', ['4']);
    await through();
    expect(rooms.heard).toEqual(
      new Map([
        ['a0', ['1', '2', '3', '4']],
        ['a1', ['1', '4']],
        ['a2', ['1', '2', '3', '4']],
      ]),
    );
  });
});

describe('fairness', () => {
  it('serves a room of ten in the first turn, beside one of 5,000 that came before', async () => {
    rooms.fill('big', 5_000).fill('small', 10);
    push('big', ['x']);
    push('small', ['y']);
    queue.run();
    expect(rooms.having('small', 'y')).toBe(10);
    expect(rooms.having('big', 'x')).toBe(bounds.large);
    await through();
    expect(rooms.having('big', 'x')).toBe(5_000);
  });

  it('serves small rooms whole and in one turn, up to a bound, beside the large one’s share', async () => {
    const count = Math.ceil(bounds.small / bounds.room) + 1;
    const small = Array.from({ length: count }, (_x, i) => `small ${i} `);
    rooms.fill('big', 5_000);
    push('big', ['x']);
    for (const room of small) {
      rooms.fill(room, bounds.room);
      push(room, ['y']);
    }
    queue.run();
    expect(small.map((room) => rooms.having(room, 'y'))).toEqual([...small.slice(1).map(() => bounds.room), 0]);
    expect(rooms.having('big', 'x')).toBe(bounds.large);
    await turn();
    expect(rooms.having(small.at(-1)!, 'y')).toBe(bounds.room);
    await through();
  });

  it('gives the event loop its turn after so many sockets, and another run in between does not add to it', async () => {
    rooms.fill('big', 2_000);
    push('big', ['x']);
    queue.run();
    queue.run();
    expect(rooms.writes).toHaveLength(bounds.large);
    await turn();
    expect(rooms.writes).toHaveLength(2 * bounds.large);
    expect(await through()).toBe(Math.ceil(2_000 / bounds.large) - 1);
  });

  it('comes to an end with rooms that have nobody', async () => {
    for (let i = 0; i < 3_000; i++) push(`nobody ${i}`, ['x']);
    expect(await through()).toBe(Math.ceil(3_000 / bounds.small));
    expect([rooms.writes.length, queue.weight]).toEqual([0, 0]);
  });
});

describe('going together', () => {
  it('is what follows while nothing has been written, up to a bound', async () => {
    rooms.fill('a', 2);
    for (let i = 0; i < mostTogether + 1; i++) push('a', [String(i)]);
    await through();
    expect(rooms.writes.map((w) => w.events.length)).toEqual([mostTogether, mostTogether, 1, 1]);
  });

  it('is not what follows once some have been written to', async () => {
    rooms.fill('a', 600);
    push('a', ['1']);
    queue.run();
    push('a', ['2']);
    push('a', ['3']);
    await through();
    expect(rooms.having('a', '1', '2', '3')).toBe(600);
    expect(new Set(rooms.writes.map((w) => w.events.join()))).toEqual(new Set(['1', '2,3']));
  });
});

describe('members who come and go', () => {
  it('spares whoever has left when its turn comes, and nobody else', async () => {
    rooms.fill('a', 1_000);
    push('a', ['x']);
    queue.run();
    for (let i = 0; i < 1_000; i += 2) rooms.sets.get('a')!.delete(`a${i}`);
    await through();
    expect(rooms.writes.filter((w) => w.id === 'a999')).toHaveLength(1);
    expect(rooms.writes).toHaveLength(bounds.large + (1_000 - bounds.large) / 2);
    expect(rooms.having('a', 'x')).toBe(500);
  });

  it('comes to an end though somebody comes with every write', async () => {
    rooms.fill('a', 600);
    let n = 0;
    rooms.onWrite = () => rooms.sets.get('a')!.add(`new ${n++}`);
    push('a', ['x']);
    expect(await through()).toBe(Math.ceil(600 / bounds.large));
    expect(rooms.writes).toHaveLength(600);
  });

  it('gives those who come before it begins what is published after they came', async () => {
    rooms.fill('a', 1);
    push('a', ['1']);
    rooms.sets.get('a')!.add('late');
    push('a', ['2']);
    await through();
    expect(rooms.heard.get('late')).toContain('2');
  });

  it('forgets what waits for a room that the last one leaves', async () => {
    rooms.fill('a', 600);
    push('a', ['1']);
    queue.run();
    push('a', ['2']);
    rooms.sets.get('a')!.clear();
    rooms.sets.delete('a');
    await through();
    expect([rooms.writes.length, queue.size, queue.weight]).toEqual([bounds.large, 0, 0]);
  });
});

describe('flush', () => {
  it('gives out everything at once', async () => {
    rooms.fill('a', 5_000).fill('b', 10);
    push('a', ['1']);
    push('b', ['1']);
    queue.run();
    push('a', ['2']);
    queue.flush();
    expect([rooms.having('a', '1', '2'), rooms.having('b', '1'), queue.size, queue.weight]).toEqual([5_000, 10, 0, 0]);
    await turn();
    expect(rooms.writes).toHaveLength(10_010);
  });

  it('gives out what some rooms have, and leaves the others to their turns', async () => {
    rooms.fill('a', 1_000).fill('b', 1_000);
    push('a', ['1']);
    push('b', ['1']);
    push('b', ['2'], 'nobody');
    queue.flush(['b', 'unknown']);
    expect([rooms.having('a', '1'), rooms.having('b', '1', '2')]).toEqual([0, 1_000]);
    await through();
    expect(rooms.having('a', '1')).toBe(1_000);
  });
});

describe('what waits', () => {
  it('is bounded: the rest is given out at once', async () => {
    rooms.fill('a', 2_000).fill('b', 2_000);
    const small = new RoomQueue<RoomDelivery>({ clock: systemClock, membersOf: () => 0, most: 10 });
    for (let i = 0; i < 50; i++) {
      push('a', [String(i)], undefined, small);
      push('b', [String(i)], undefined, small);
      small.run();
      expect(small.weight).toBeLessThanOrEqual(10);
    }
    small.flush();
    const all = Array.from({ length: 50 }, (_x, i) => String(i));
    expect([rooms.having('a', ...all), rooms.having('b', ...all)]).toEqual([2_000, 2_000]);
  });

  it('keeps what is pushed while its room is being served', async () => {
    rooms.fill('a', 600);
    let pushed = false;
    rooms.onWrite = () => {
      if (pushed) return;
      pushed = true;
      push('a', ['2']);
    };
    push('a', ['1']);
    await through();
    expect(rooms.having('a', '1', '2')).toBe(600);
  });
});

describe('large rooms', () => {
  it('wait for what comes close behind, for a time that goes by their size, and hold up nobody', async () => {
    const clock = new FakeClock();
    queue = new RoomQueue({ clock, membersOf: (room) => rooms.sets.get(room)!.size });
    rooms.fill('large', 1_000).fill('small', 10);
    push('large', ['1']);
    push('small', ['a']);
    queue.run();
    expect(rooms.having('small', 'a')).toBe(10);
    expect(rooms.writes).toHaveLength(10);
    await clock.advance(9);
    push('large', ['2', '3']);
    queue.run();
    expect(rooms.writes).toHaveLength(10);
    await clock.advance(1);
    await through();
    expect(rooms.having('large', '1', '2', '3')).toBe(1_000);
    expect(rooms.writes).toHaveLength(1_010);
  });

  it('wait no longer for one that is larger still', async () => {
    const clock = new FakeClock();
    queue = new RoomQueue({ clock, membersOf: (room) => rooms.sets.get(room)!.size });
    rooms.fill('huge', 6_000).fill('large', 400);
    push('huge', ['1']);
    queue.run();
    push('large', ['a']);
    queue.run();
    await clock.advance(4);
    await turn();
    expect(rooms.having('large', 'a')).toBe(400);
    expect(rooms.having('huge', '1')).toBe(0);
    await clock.advance(46);
    await through();
    expect(rooms.having('huge', '1')).toBe(6_000);
  });

  it('are given at once what must be through, and what is too much to wait', () => {
    queue = new RoomQueue({ clock: new FakeClock(), membersOf: () => 1_000, most: 2 });
    rooms.fill('a', 3).fill('b', 3);
    push('a', ['1']);
    queue.flush(['a']);
    expect(rooms.having('a', '1')).toBe(3);
    push('b', ['1', '2', '3']);
    queue.run();
    expect(rooms.having('b', '1', '2', '3')).toBe(3);
  });
});

describe('holding', () => {
  let go: () => void;
  const hold = (room: string, to = queue): void =>
    to.push(room, new RoomAct((givenUp) => Promise.race([new Promise<void>((resolve) => (go = resolve)), givenUp.happens])));
  const released = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) await turn();
    await through();
  };

  it('keeps what follows in its room until it is over, in order, while other rooms go on', async () => {
    rooms.fill('a', 1).fill('b', 1);
    push('a', ['1']);
    hold('a');
    push('a', ['2']);
    push('b', ['1']);
    await through();
    push('a', ['3']);
    await through();
    expect([rooms.heard.get('a0'), rooms.heard.get('b0')]).toEqual([['1'], ['1']]);
    expect([queue.held, queue.weight, queue.size]).toEqual([1, 0, 0]);
    go();
    await released();
    expect(rooms.heard.get('a0')).toEqual(['1', '2', '3']);
    expect([queue.held, queue.weight, queue.size]).toEqual([0, 0, 0]);
  });

  it('is not broken by a flush, which gives what stands before it', async () => {
    rooms.fill('a', 1);
    push('a', ['1']);
    hold('a');
    push('a', ['2']);
    queue.flush();
    queue.flush(['a']);
    expect(rooms.heard.get('a0')).toEqual(['1']);
    go();
    await released();
    expect(rooms.heard.get('a0')).toEqual(['1', '2']);
  });

  it('happens once more for the next one that needs it', async () => {
    rooms.fill('a', 1);
    hold('a');
    hold('a');
    push('a', ['1']);
    await through();
    go();
    for (let i = 0; i < 3; i++) await turn();
    expect([queue.held, rooms.heard.get('a0')]).toEqual([1, undefined]);
    go();
    await released();
    expect(rooms.heard.get('a0')).toEqual(['1']);
  });

  it('ends when too much waits behind it', async () => {
    rooms.fill('a', 1);
    hold('a');
    await through();
    for (let i = 0; i < 999; i++) push('a', ['x']);
    await released();
    expect([queue.held, queue.weight]).toEqual([1, 0]);
    push('a', ['x']);
    await released();
    expect([queue.held, queue.weight, rooms.heard.get('a0')?.length]).toEqual([0, 0, 1_000]);
  });

  it('ends when too much waits in all rooms that are held', async () => {
    for (let n = 0; n < 11; n++) {
      rooms.fill(`r${n}`, 1);
      hold(`r${n}`);
    }
    await through();
    for (let n = 0; n < 11; n++) for (let i = 0; i < 950; i++) push(`r${n}`, ['x']);
    await released();
    expect(queue.held).toBe(10);
  });

  it('does not take what waits behind it for what is to be given out', async () => {
    const small = new RoomQueue<RoomDelivery | RoomAct>({ clock: systemClock, membersOf: () => 1, most: 2 });
    rooms.fill('a', 1);
    hold('a', small);
    small.run();
    for (let i = 0; i < 10; i++) push('a', ['x'], undefined, small as never);
    small.run();
    expect([small.held, small.weight]).toEqual([1, 0]);
  });
});
