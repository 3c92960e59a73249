import { afterEach, describe, expect, test } from '@jest/globals';
import { type Beating, Heartbeat } from '../../../src/gateway/socket/heartbeat.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { until } from '../../until.js';
import { RawClient } from './raw-client.js';
import { World, type WorldNode } from './world.js';

/** Pings by turns, to real connections. */
const everyMs = 5_000;

let world: World;
let node: WorldNode;
let clock: FakeClock;
let heartbeat: Heartbeat;

/** A node whose connections ping by themselves until ours takes them. */
const start = async (): Promise<void> => {
  world = new World();
  node = await world.addNode({ directWrites: false });
  clock = new FakeClock();
  heartbeat = new Heartbeat(clock, everyMs);
  heartbeat.start();
};
afterEach(async () => {
  heartbeat.stop();
  await world.stop();
});

/** Both ends of a new connection. */
const connected = async (): Promise<{ client: RawClient; engine: Beating }> => {
  const made = new Promise<Beating>((resolve) => node.hub.io.engine.once('connection', resolve));
  const client = await RawClient.open(node);
  return { client, engine: await made };
};
const pings = (client: RawClient): number => client.everything.filter((frame) => frame === '2').length;

describe('heartbeat', () => {
  test('what is reached into is there', async () => {
    await start();
    const { engine } = await connected();
    expect(engine.protocol).toBe(4);
    expect(engine.pingIntervalTimer).toBeTruthy();
    expect(engine.pingTimeoutTimer).toBeNull();
    expect([typeof engine.resetPingTimeout, typeof engine.sendPacket]).toEqual(['function', 'function']);
    engine.sendPacket('ping');
    engine.resetPingTimeout();
    expect(engine.pingTimeoutTimer).toBeTruthy();
    expect(engine.hasRefreshedPingTimeout).toBe(false);
  });

  test('each connection is pinged once an interval, and again only after it has answered', async () => {
    await start();
    const all = [await connected(), await connected(), await connected()];
    for (const { engine } of all) heartbeat.take(engine);
    expect(all.map(({ engine }) => engine.pingIntervalTimer)).toEqual([null, null, null]);
    const [silent, ...others] = all;
    silent!.client.answersPings = false;
    await clock.advance(everyMs);
    await until('all are pinged', () => all.every(({ client }) => pings(client) === 1));
    await until('their answers are taken', () => others.every(({ engine }) => engine.pingTimeoutTimer === null));
    await clock.advance(everyMs);
    await until('those who answered are pinged again', () => others.every(({ client }) => pings(client) === 2));
    expect(pings(silent!.client)).toBe(1);
    expect(silent!.engine.pingTimeoutTimer).toBeTruthy();
  });

  test('a connection that hears from us anyway is pinged every other interval, one that heard long before its turn each time', async () => {
    await start();
    const [busy, early] = [await connected(), await connected()];
    for (const { engine } of [busy, early]) heartbeat.take(engine);
    const write = async ({ engine, client }: typeof busy, text: string): Promise<void> => {
      (engine as unknown as { write(text: string): void }).write(text);
      await until('it has arrived', () => client.everything.includes(`4${text}`));
    };
    const interval = async (n: number): Promise<void> => {
      // The one's turn is at the end of each interval, the other's at the beginning.
      await clock.advance(everyMs / 2);
      await write(early, `early ${n}`);
      await clock.advance(everyMs / 2 - 500);
      await write(busy, `busy ${n}`);
      await clock.advance(500);
      await until('the first is pinged', () => pings(early.client) === n);
      await until('its answer is taken', () => early.engine.pingTimeoutTimer === null);
    };
    await interval(1);
    expect(pings(busy.client)).toBe(0);
    await interval(2);
    await until('the other is pinged', () => pings(busy.client) === 1);
    await until('its answer is taken', () => busy.engine.pingTimeoutTimer === null);
    await interval(3);
    expect(pings(busy.client)).toBe(1);
    await clock.advance(everyMs);
    await until('it is pinged, since nothing else came', () => pings(busy.client) === 2);
  });

  test('a ping waits behind what waits, and a connection that is gone is left alone', async () => {
    await start();
    const [crowded, gone] = [await connected(), await connected()];
    for (const { engine } of [crowded, gone]) heartbeat.take(engine);
    gone.client.close();
    await until('it is gone', () => gone.engine.readyState === 'closed');
    // All in one turn of the event loop, so that nothing of it has left when the ping comes.
    const engine = crowded.engine as unknown as { write(text: string): void };
    for (const text of ['first', 'second']) engine.write(text);
    expect(crowded.engine.transport?.writable && crowded.engine.writeBuffer.length === 0).toBe(false);
    await clock.advance(everyMs);
    await until('it is pinged', () => pings(crowded.client) === 1);
    expect(crowded.client.everything.slice(-3)).toEqual(['4first', '4second', '2']);
    expect(gone.engine.pingTimeoutTimer).toBeFalsy();
  });

  test('a node takes its connections, unless it writes past nothing', async () => {
    await start();
    const { engine: left } = await connected();
    expect(left.pingIntervalTimer).toBeTruthy();
    node = await world.addNode({ directWrites: true });
    const { engine: taken } = await connected();
    expect(taken.pingIntervalTimer).toBeNull();
  });
});
