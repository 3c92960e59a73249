import { beforeEach, describe, expect, it } from '@jest/globals';
import { Overload } from '../../../src/gateway/limits/overload.js';
import { isShed, type Load, nextShed, nothingShed, type ShedState, shedOrder, shedRetryMs } from '../../../src/gateway/limits/shedding.js';
import { workOfEvent, workOfRoute } from '../../../src/gateway/limits/work.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { type ClientEventName, clientEvents } from '../../../src/protocol/events.js';
import { routes } from '../../../src/protocol/routes.js';

const idle: Load = { loopDelayMs: 0, waiting: 0 };
const loop = (loopDelayMs: number): Load => ({ loopDelayMs, waiting: 0 });
const mail = (waiting: number): Load => ({ loopDelayMs: 0, waiting });

/** One look each 250 ms. */
const levels = (loads: readonly Load[], from: ShedState = nothingShed): number[] => {
  let state = from;
  return loads.map((load, i) => {
    state = nextShed(state, load, i * 250);
    return state.level;
  });
};
const times = (n: number, load: Load): Load[] => Array.from({ length: n }, () => load);

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

  it('grows by one step at a look, as far as the load calls for', () => {
    expect(levels(times(7, loop(5_000)))).toEqual([1, 2, 3, 4, 5, 5, 5]);
    expect(levels(times(4, loop(500)))).toEqual([1, 2, 2, 2]);
    expect(levels(times(4, mail(20_000)))).toEqual([1, 2, 3, 3]);
    expect(levels(times(3, loop(199)))).toEqual([0, 0, 0]);
  });

  it('shrinks by one step after each calm time, and not while the load is over half of what began it', () => {
    const at = (level: number): ShedState => ({ level, calmSince: undefined });
    expect(levels(times(20, loop(200)), at(2))).toEqual(times(20, idle).map(() => 2));
    expect(levels(times(20, loop(199)), at(2)).slice(7, 20)).toEqual([2, ...times(12, idle).map(() => 1)]);
    expect(levels(times(18, idle), at(2))).toEqual([...times(8, idle).map(() => 2), ...times(8, idle).map(() => 1), 0, 0]);
    const swinging = Array.from({ length: 40 }, (_x, i) => (i % 4 === 0 ? loop(300) : idle));
    expect(new Set(levels(swinging).slice(1))).toEqual(new Set([1]));
  });

  it('says when to ask again: later the more is shed, never at one moment', () => {
    expect([shedRetryMs(1, 0), shedRetryMs(1, 0.5), shedRetryMs(5, 0), shedRetryMs(5, 0.999)]).toEqual([500, 750, 2_500, 4_998]);
  });

  it('knows every event and every route', () => {
    const events = Object.keys(clientEvents) as ClientEventName[];
    expect(events.filter((event) => workOfEvent(event) === null)).toEqual(['leave_community', 'leave_thread']);
    for (const route of Object.values(routes)) expect(shedOrder).toContain(workOfRoute(route));
    expect([
      workOfRoute(routes.sendMessage),
      workOfRoute(routes.history),
      workOfRoute(routes.searchMessages),
      workOfRoute(routes.login),
    ]).toEqual(['send', 'history', 'search', 'connect']);
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
    await clock.advance(500);
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
