import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FeaturePorts } from '../../../src/catalogue/feature-ports.js';
import { Invoke } from '../../../src/catalogue/invoke.js';
import { type Door, type Operation, opensAt } from '../../../src/catalogue/operation.js';
import type { Work } from '../../../src/catalogue/work.js';
import { features } from '../../../src/features/index.js';
import { Overload } from '../../../src/gateway/limits/overload.js';
import { isShed, type Load, nextShed, nothingShed, type ShedState, shedOrder, shedRetryMs } from '../../../src/gateway/limits/shedding.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { caller } from '../catalogue/operations.js';

const idle: Load = { loopDelayMs: 0, waiting: 0, commitMs: 0 };
const loop = (loopDelayMs: number): Load => ({ ...idle, loopDelayMs });
const mail = (waiting: number): Load => ({ ...idle, waiting });
const commit = (commitMs: number): Load => ({ ...idle, commitMs });
const lookMs = 250;

/** The level after each look; the looks are 250 ms apart unless told. */
const levels = (loads: readonly Load[], from: ShedState = nothingShed, everyMs = lookMs): number[] => {
  let state = from;
  return loads.map((load, i) => {
    state = nextShed(state, load, i * everyMs);
    return state.level;
  });
};
const times = (n: number, load: Load): Load[] => Array.from({ length: n }, () => load);
const at = (level: number): ShedState => ({ ...nothingShed, level });

/** Any load at all, in sizes that matter. */
const anyLoad: fc.Arbitrary<Load> = fc.record({
  loopDelayMs: fc.integer({ min: 0, max: 4_000 }),
  waiting: fc.integer({ min: 0, max: 100_000 }),
  commitMs: fc.integer({ min: 0, max: 60_000 }),
});
/** Looks as they come: late when the loop is. */
const anyLooks = fc.array(fc.record({ load: anyLoad, afterMs: fc.integer({ min: 250, max: 5_000 }) }), { minLength: 1, maxLength: 60 });
const play = (looks: readonly { load: Load; afterMs: number }[], from = nothingShed): { states: ShedState[]; now: number } => {
  const states: ShedState[] = [];
  let state = from;
  let now = 0;
  for (const { load, afterMs } of looks) {
    now += afterMs;
    state = nextShed(state, load, now);
    states.push(state);
  }
  return { states, now };
};

describe('what is shed', () => {
  it('is signals first and sends last', () => {
    expect(shedOrder.map((work) => [1, 2, 3, 4, 5].filter((level) => isShed(level, work)))).toEqual([
      [1, 2, 3, 4, 5],
      [2, 3, 4, 5],
      [3, 4, 5],
      [4, 5],
      [5],
    ]);
    expect(shedOrder.some((work) => isShed(0, work))).toBe(false);
  });

  it.each([
    ['a loop just below the first mark', loop(249), 0, []],
    ['a loop at the first mark', loop(250), 1, [500]],
    ['a loop at the second', loop(400), 2, [500, 500]],
    ['a loop at the third', loop(700), 3, [500, 500, 750]],
    ['a loop at the fourth', loop(1_200), 4, [500, 500, 750, 1_000]],
    ['a loop at the last', loop(2_000), 5, [500, 500, 750, 1_000, 2_000]],
    ['mail below the first mark', mail(4_999), 0, []],
    ['mail at the first mark', mail(5_000), 1, [500]],
    ['mail at the third', mail(20_000), 3, [500, 500, 750]],
    ['mail at the last', mail(80_000), 5, [500, 500, 750, 1_000, 2_000]],
    ['writes below the first mark', commit(749), 0, []],
    ['writes at the first mark', commit(750), 1, [500]],
    ['writes at the third', commit(3_000), 3, [500, 500, 750]],
    ['a store that is away', commit(60_000), 3, [500, 500, 750]],
  ])('%s: so much is shed, each level after its time', (_name, load, most, begins) => {
    const seen = levels(times(20, load));
    expect(Math.max(...seen)).toBe(most);
    expect(begins.map((_ms, i) => seen.findIndex((level) => level > i) * lookMs)).toEqual(begins);
  });

  it('shrinks by one step after each calm time, and not while the load is over half of what began it', () => {
    expect(levels(times(20, loop(200)), at(2))).toEqual(times(20, idle).map(() => 2));
    expect(levels(times(20, loop(199)), at(2)).slice(7, 20)).toEqual([2, ...times(12, idle).map(() => 1)]);
    expect(levels(times(18, idle), at(2))).toEqual([...times(8, idle).map(() => 2), ...times(8, idle).map(() => 1), 0, 0]);
    const swinging = Array.from({ length: 40 }, (_x, i) => (i % 4 === 0 ? loop(300) : idle));
    expect(new Set(levels(swinging, at(1)))).toEqual(new Set([1]));
  });

  it('sheds nothing for one pause, however long it was and whatever waited meanwhile', () => {
    const pause = fc.record({ load: anyLoad, afterMs: fc.integer({ min: 250, max: 60_000 }) });
    const calm = fc.array(fc.constant({ load: idle, afterMs: lookMs }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fc.tuple(calm, pause), { maxLength: 10 }), (pauses) => {
        const { states } = play(pauses.flatMap(([before, one]) => [...before, one]));
        expect(states.every(({ level }) => level === 0)).toBe(true);
      }),
    );
  });

  it('never refuses connections and sends for the store alone', () => {
    fc.assert(
      fc.property(anyLooks, (looks) => {
        const { states } = play(looks.map(({ load: { commitMs }, afterMs }) => ({ load: commit(commitMs), afterMs })));
        expect(states.some(({ level }) => isShed(level, 'connect') || isShed(level, 'send'))).toBe(false);
      }),
    );
  });

  it('refuses sends only after 2 s in which every look has called for it', () => {
    fc.assert(
      fc.property(anyLooks, (looks) => {
        const { states } = play(looks);
        let since: number | undefined;
        let now = 0;
        for (const [i, { load, afterMs }] of looks.entries()) {
          now += afterMs;
          const calls = load.loopDelayMs >= 2_000 || load.waiting >= 80_000;
          since = calls ? (since ?? now) : undefined;
          const before = i === 0 ? 0 : states[i - 1]!.level;
          if (states[i]!.level === 5 && before < 5) expect(since !== undefined && now - since >= 2_000).toBe(true);
        }
      }),
    );
  });

  it('more load never sheds less, and an idle node sheds nothing after five calm times', () => {
    fc.assert(
      fc.property(anyLooks, anyLoad, (looks, more) => {
        const { states } = play(looks);
        const greater = looks.map(({ load, afterMs }) => ({
          load: {
            loopDelayMs: load.loopDelayMs + more.loopDelayMs,
            waiting: load.waiting + more.waiting,
            commitMs: load.commitMs + more.commitMs,
          },
          afterMs,
        }));
        const under = play(greater).states;
        expect(states.every(({ level }, i) => level <= under[i]!.level)).toBe(true);
        const after = play(
          Array.from({ length: 48 }, () => ({ load: idle, afterMs: lookMs })),
          {
            ...states.at(-1)!,
            calledSince: nothingShed.calledSince,
            calmSince: undefined,
          },
        );
        expect(after.states.at(-1)!.level).toBe(0);
        for (const [i, { level }] of after.states.entries()) expect((after.states[i - 1]?.level ?? level) - level).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('says when to ask again: later the more is shed, never at one moment', () => {
    expect([shedRetryMs(1, 0), shedRetryMs(1, 0.5), shedRetryMs(5, 0), shedRetryMs(5, 0.999)]).toEqual([500, 750, 2_500, 4_998]);
  });

  const all: Operation[] = features.flatMap(({ operations }) => operations.map(({ operation }) => operation));

  /** What an operation was to the load when it was asked for; null: nothing that is shed. */
  const workOf = async (operation: Operation, door: Door): Promise<Work | null> => {
    const demanded: Work[] = [];
    const stop = new Fault('unavailable');
    const invoke = new Invoke({
      limiter: { spend: () => Promise.reject(stop) },
      shedder: { demand: (work) => void demanded.push(work), sheds: () => false, onEased: () => undefined },
      places: { enter: () => undefined, standing: () => Promise.reject(stop) },
      clock: new FakeClock(),
      ports: {} as FeaturePorts,
    });
    const asked = invoke.carryOut(
      { operation, run: () => Promise.reject(new Error('is never run')) },
      { door, origin: { address: 'a', request_id: 'r', user_agent: null }, identify: () => caller, read: () => ({}) },
    );
    await expect(asked).rejects.toBe(stop);
    expect(demanded.length).toBeLessThanOrEqual(1);
    return demanded[0] ?? null;
  };

  it('is said by every operation, the same at every door; only leaving is never shed', async () => {
    const never: string[] = [];
    for (const operation of all) {
      const doors = (['rest', 'socket'] as const).filter((door) => opensAt(operation, door));
      const [work, ...others] = await Promise.all(doors.map((door) => workOf(operation, door)));
      for (const other of others) expect([operation.name, other]).toEqual([operation.name, work]);
      if (work === null) never.push(operation.name);
      else expect(shedOrder).toContain(work);
    }
    expect(never).toEqual(['leave_community', 'leave_thread']);
  });

  it.each<[Work, string[]]>([
    ['signal', ['typing', 'stop_typing', 'set_presence']],
    ['search', ['search_messages', 'search_threads']],
    ['history', ['list_messages', 'get_thread', 'list_communities', 'preview_invite']],
    ['connect', ['join_community', 'join_thread', 'sync_thread', 'login', 'reopen_account', 'register', 'change_password']],
    [
      'send',
      ['send_message', 'edit_message', 'delete_message', 'add_reaction', 'remove_reaction', 'mark_read', 'mark_all_read', 'refresh'],
    ],
  ])('%s is what these are', async (work, names) => {
    for (const name of names) {
      const operation = all.find((one) => one.name === name)!;
      expect([name, await workOf(operation, opensAt(operation, 'rest') ? 'rest' : 'socket')]).toEqual([name, work]);
    }
  });
});

describe('overload', () => {
  let clock: FakeClock;
  let load: Load;
  let telemetry: Telemetry;
  let overload: Overload;

  beforeEach(() => {
    clock = new FakeClock();
    load = idle;
    telemetry = new Telemetry();
    const logger = createLogger({ level: 'silent', node: 'test' });
    overload = new Overload({ load: () => load, clock, telemetry, logger, random: () => 0.5 });
    overload.start();
  });

  it('refuses what is shed, with a time to come back, and counts it', async () => {
    overload.demand('signal');
    load = mail(10_000);
    await clock.advance(750);
    for (const work of ['signal', 'search'] as const) {
      expect(() => overload.demand(work)).toThrow(new Fault('overloaded'));
      expect(overload.sheds(work)).toBe(true);
    }
    for (const work of ['history', 'connect', 'send'] as const) overload.demand(work);
    try {
      overload.demand('search');
    } catch (thrown) {
      expect(Fault.from(thrown)).toMatchObject({ code: 'overloaded', retry_after_ms: 1_500 });
    }
    const { values } = await telemetry.shed.get();
    expect(Object.fromEntries(values.map((v) => [v.labels.work, v.value]))).toEqual({ signal: 1, search: 2 });
  });

  it('tells once when nothing is shed any more, and looks no more when stopped', async () => {
    let eased = 0;
    overload.onEased(() => eased++);
    load = loop(500);
    await clock.advance(1_000);
    load = idle;
    await clock.advance(10_000);
    expect([eased, overload.sheds('signal')]).toEqual([1, false]);
    overload.stop();
    load = loop(9_000);
    await clock.advance(1_000);
    expect(overload.sheds('signal')).toBe(false);
  });
});
