import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Caller } from '../../../src/catalogue/caller.js';
import { noShedding } from '../../../src/gateway/limits/overload.js';
import { Admission, type ConnectionBounds, connectionBounds } from '../../../src/gateway/socket/admission.js';
import type { Passage } from '../../../src/gateway/socket/passage.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';

let clock: FakeClock;
let spent: { limit: string; address: string }[];
let ended: Passage[];
let telemetry: Telemetry;
/** How long the look at a token takes. */
let takesMs: number;

beforeEach(() => {
  clock = new FakeClock();
  telemetry = new Telemetry();
  spent = [];
  ended = [];
  takesMs = 10;
});

const admission = (bounds: Partial<ConnectionBounds> | null = {}): Admission =>
  new Admission({
    authenticator: {
      authenticate: async (token, from): Promise<Caller> => {
        await clock.sleep(takesMs);
        if (token === 'wrong') throw new Fault('unauthenticated');
        return { member_id: token, session_id: 's', is_admin: false, token_expires_at: 1e15, ...from };
      },
    },
    limiter: {
      spend: async (limit, { address }) => {
        spent.push({ limit, address });
        return null;
      },
    },
    clock,
    origins: [],
    bounds: bounds && { ...connectionBounds, ...bounds },
    shedder: noShedding,
    telemetry,
    end: (passage) => void ended.push(passage),
  });
const request = new IncomingMessage(new Socket());
const arrived = (door: Admission, address = '10.0.0.1'): Passage => {
  const passage = door.arrive(request, address);
  if (typeof passage === 'string') throw new Error(passage);
  return passage;
};
/** The codes with which they were answered. */
const enter = async (door: Admission, passages: readonly Passage[], token = 'ada'): Promise<string[]> => {
  const answers = passages.map((passage) =>
    door.authenticate({ token }, '10.0.0.1', passage).then(
      () => 'in',
      (thrown: unknown) => Fault.from(thrown).code,
    ),
  );
  await clock.advance(10_000);
  return Promise.all(answers);
};
const count = (outcomes: string[], outcome: string): number => outcomes.filter((one) => one === outcome).length;

describe('admission', () => {
  test.each([0, 1, 10, 500])('as many of one member as may be, though all ask at once and a look takes %s ms', async (ms) => {
    takesMs = ms;
    const door = admission({ perMember: 50, entering: { total: 1_000, perAddress: 1_000, perSite: 1_000 } });
    const passages = Array.from({ length: 300 }, () => arrived(door));
    const outcomes = await enter(door, passages);
    expect([count(outcomes, 'in'), count(outcomes, 'overloaded')]).toEqual([50, 250]);
    // Others are let in, and a place that is given up is free again, once.
    expect(await enter(door, [arrived(door)], 'bob')).toEqual(['in']);
    const within = passages[outcomes.indexOf('in')]!;
    door.left(within);
    door.left(within);
    const again = await enter(door, [arrived(door), arrived(door)]);
    expect(count(again, 'in')).toBe(1);
  });

  test('one that has ended before its turn takes no place', async () => {
    const door = admission({ perMember: 1 });
    const gone = arrived(door);
    const outcome = door.authenticate({ token: 'ada' }, '10.0.0.1', gone).catch((thrown: unknown) => Fault.from(thrown).code);
    door.left(gone);
    await clock.advance(1_000);
    expect([await outcome, await enter(door, [arrived(door)])]).toEqual(['unavailable', ['in']]);
  });

  test('a wrong token is counted by address, as at the other door', async () => {
    const door = admission();
    expect(await enter(door, [arrived(door)], 'wrong')).toEqual(['unauthenticated']);
    expect(await enter(door, [arrived(door)])).toEqual(['in']);
    expect(spent).toEqual([{ limit: 'probe', address: '10.0.0.1' }]);
  });

  test('all connections of an address and of a site are counted from before they are made until they end', async () => {
    const door = admission({ perAddress: 3, perSite: 5 });
    const first = Array.from({ length: 3 }, () => arrived(door, '2001:db8:1:1::1'));
    expect(door.arrive(request, '2001:db8:1:1::2')).toBe('Too many connections from this address');
    await enter(door, first);
    expect(door.arrive(request, '2001:db8:1:1::2')).toBe('Too many connections from this address');
    for (let n = 0; n < 2; n++) arrived(door, '2001:db8:1:2::1');
    expect(door.arrive(request, '2001:db8:1:3::1')).toBe('Too many connections from this address');
    arrived(door, '2001:db8:2:1::1');
    door.left(first[0]!);
    arrived(door, '2001:db8:1:3::1');
  });

  test('who is in does not stand in the way of those who are not', async () => {
    const door = admission({ entering: { total: 10, perAddress: 4, perSite: 4 } });
    expect(
      await enter(
        door,
        Array.from({ length: 4 }, () => arrived(door)),
      ),
    ).toEqual(['in', 'in', 'in', 'in']);
    for (let n = 0; n < 4; n++) arrived(door);
    expect(door.arrive(request, '10.0.0.1')).toBe('Too many connections at once');
    for (let n = 0; n < 6; n++) arrived(door, `10.0.1.${n}`);
    expect(ended).toEqual([]);
    arrived(door, '10.0.2.1');
    expect(ended.map(({ block }) => block)).toEqual(['10.0.0.1']);
  });

  test('what a connection owed when it ended is looked at when its member comes again', async () => {
    const door = admission({ allowance: { perSecond: 1, burst: 10, end: 20 } });
    const flooded = arrived(door);
    await enter(door, [flooded]);
    flooded.paidOffAt = clock.monotonic() + 21_000;
    door.left(flooded);
    const next = arrived(door);
    const refused = door.authenticate({ token: 'ada' }, '10.0.0.1', next).catch((thrown: unknown) => thrown);
    await clock.advance(10);
    const { retry_after_ms = 0 } = Fault.from(await refused);
    expect(retry_after_ms).toBeGreaterThan(10_000);
    await clock.advance(retry_after_ms);
    expect(await enter(door, [arrived(door)])).toEqual(['in']);
  });

  test('connections that are begun and ended again and again are counted too', () => {
    const door = admission({ begun: { perSecond: 1, burst: 100, end: 100 } });
    for (let n = 0; n < 100; n++) door.left(arrived(door));
    expect(door.arrive(request, '10.0.0.1')).toBe('Too many connections were begun from this address');
    door.left(arrived(door, '10.0.0.2'));
  });

  test('without bounds one address and one member may have all there is', async () => {
    const door = admission(null);
    const passages = Array.from({ length: connectionBounds.entering.total }, () => arrived(door));
    expect(door.arrive(request, '10.0.0.1')).toBe('Too many connections at once');
    expect(count(await enter(door, passages.slice(0, 700)), 'in')).toBe(700);
  });
});
