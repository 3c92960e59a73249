import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bounds } from '../../src/protocol/primitives.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { token } from '../cluster/people.js';
import { arrays, deep, unclosed } from './bombs.js';
import { Bystander } from './bystander.js';
import { operations } from './doors.js';
import { RawSocket } from './raw-socket.js';

describe('hostile frames', () => {
  let cluster: TestCluster;
  let url: string;
  let access: string;
  let bystander: Bystander;
  const sockets: RawSocket[] = [];

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    url = cluster.urls[0] as string;
    bystander = await Bystander.on(cluster.nodes[0] as TestCluster['nodes'][0]);
    access = await token(bystander.client);
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    await bystander.isUnharmed();
  });
  afterAll(async () => {
    bystander?.close();
    await cluster?.stop();
  });

  const entered = async (): Promise<RawSocket> => {
    const socket = new RawSocket(url);
    sockets.push(socket);
    expect(await socket.enter(access)).toMatch(/^40/);
    return socket;
  };
  /** Sends frames and waits until the server has taken them: it answers what follows, or has ended this connection. */
  const survives = async (frames: (string | Uint8Array)[], socket?: RawSocket): Promise<RawSocket> => {
    const attacker = socket ?? (await entered());
    for (const frame of frames) attacker.send(frame);
    await attacker.ask('set_presence', { state: 'online' }).catch(() => attacker.ended);
    expect(bystander.node.running).toBe(true);
    return attacker;
  };
  const refused = { ok: false, error: { code: 'validation_failed' } };

  it('28 nesting bombs by socket: events are answered, anything else ends that one connection', async () => {
    const socket = await entered();
    for (const bomb of deep) {
      for (const frame of [
        `["join_thread",${bomb}]`,
        `["join_thread",{"thread_id":${bomb}}]`,
        `["send_message",{"thread_id":"${bystander.thread.id}","content":"x","nonce":"x","attachments":${bomb}}]`,
        `[${bomb}]`,
        bomb.startsWith('[') ? bomb : `["x",${bomb}]`,
      ]) {
        expect(await socket.askRaw(frame)).toMatchObject(refused);
        await survives([`42${frame}`], socket);
      }
    }
    for (const bomb of [...deep, ...unclosed, '"'.repeat(9_999), '\\'.repeat(9_999)]) {
      for (const head of ['40', '41', '42', '421', '43', '431', '44', '451-', '461-1', '40/admin,', '42/admin,', '4', '']) {
        await survives([`${head}${bomb}`]);
      }
      await bystander.isUnharmed();
    }
    const unauthenticated = new RawSocket(url);
    sockets.push(unauthenticated);
    await unauthenticated.greeted();
    unauthenticated.send(`40{"token":${arrays(5_000)}}`);
    await Promise.race([
      unauthenticated.frame('a refusal', (frame) => frame.startsWith('44')).catch(() => undefined),
      unauthenticated.ended,
    ]);
    expect(unauthenticated.frames.filter((frame) => frame.startsWith('40'))).toEqual([]);
  });

  it('29 a frame of the limit is read, one of a byte more ends its connection', async () => {
    const padded = (bytes: number): string => {
      const [head, tail] = ['421["join_thread",{"thread_id":"', '"}]'];
      return `${head}${'x'.repeat(bytes - head.length - tail.length)}${tail}`;
    };
    const within = await entered();
    within.send(padded(bounds.frameBytes));
    expect(await within.acknowledged(1)).toMatchObject(refused);
    const over = await entered();
    over.send(padded(bounds.frameBytes + 1));
    expect(await over.ended).toBe(1009);
    expect(over.frames.filter((frame) => frame.startsWith('43'))).toEqual([]);
    const binary = await entered();
    binary.send(Buffer.alloc(bounds.frameBytes + 1));
    await binary.ended;
    // Also before anybody has said who they are.
    const nobody = await new RawSocket(url).greeted();
    nobody.send(`40{"token":"${'x'.repeat(bounds.frameBytes)}"}`);
    expect(await nobody.ended).toBe(1009);
  });

  it('30 binary: answered as refused, or the end of that one connection', async () => {
    const { version } = JSON.parse(readFileSync('node_modules/socket.io-parser/package.json', 'utf8')) as { version: string };
    const [major, minor, patch] = version.split('.').map(Number) as [number, number, number];
    expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(4_002_007);

    const bytes = Buffer.alloc(1_000, 1);
    const place = '{"_placeholder":true,"num":0}';
    const socket = await entered();
    socket.send(`451-9001["send_message",{"thread_id":"${bystander.thread.id}","content":${place},"nonce":"b"}]`);
    socket.send(bytes);
    expect(await socket.acknowledged(9001)).toMatchObject(refused);
    // And it goes on as if nothing had been.
    expect(await socket.ask('set_presence', { state: 'online' })).toMatchObject({ ok: true });

    const hostile: (string | Uint8Array)[][] = [
      [`451-["set_presence",${place}]`, bytes],
      [`451-["set_presence",${place}]`],
      [`451-["set_presence",${place}]`, '421["set_presence",{"state":"online"}]'],
      [`4510-7["set_presence",${place}]`, ...Array.from({ length: 10 }, () => bytes)],
      [`4511-["set_presence",${place}]`, bytes],
      [`459999-["set_presence",${place}]`, bytes],
      [`45999999999999999999-["set_presence",${place}]`],
      [`450-["set_presence",${place}]`],
      [`45-["set_presence",${place}]`],
      ['451-'],
      ['45'],
      [`451-1-["set_presence",${place}]`],
      [`451.5-["set_presence",${place}]`, bytes],
      [`45-1-["set_presence",${place}]`, bytes],
      ['451-["set_presence",{"_placeholder":true,"num":-1}]', bytes],
      ['451-["set_presence",{"_placeholder":true,"num":99}]', bytes],
      ['451-["set_presence",{"_placeholder":true,"num":"__proto__"}]', bytes],
      ['451-["set_presence",{"_placeholder":true}]', bytes],
      [`421["set_presence",${place}]`],
      [`451-[${place}]`, bytes],
      [`461-1[${place}]`, bytes],
      [`461-[${place}]`, bytes],
      [bytes],
      [Buffer.alloc(0)],
      ['bAAAA'],
      ['b!!!not base64'],
    ];
    for (const frames of hostile) await survives(frames);
    // Announced and never sent, on many connections.
    const idle = await Promise.all(Array.from({ length: 30 }, entered));
    for (const one of idle) one.send(`4510-["set_presence",${place}]`);
    await bystander.isUnharmed();
  });

  it('30 a flood of binary', async () => {
    const bytes = Buffer.alloc(10_000, 1);
    const socket = await entered();
    for (let i = 0; i < 2_000; i++) {
      await socket.sent(`451-["set_presence",{"_placeholder":true,"num":0}]`);
      await socket.sent(bytes);
    }
    await survives([], socket);
  });

  it('30 missing acknowledgements, strange payloads and packets', async () => {
    const socket = await entered();
    // With nothing more to say it is what it says: the end of this session.
    const names = operations.flatMap(({ name, also }) => [name, ...(also ?? [])]).filter((name) => name !== 'logout');
    for (const event of names) {
      for (const rest of [
        '',
        ',null',
        ',{}',
        ',[]',
        ',"x"',
        ',1',
        ',true',
        ',{},{}',
        ',null,null,null',
        ',{"$ne":null}',
        ',{"thread_id":{"$ne":null}}',
      ]) {
        socket.send(`42["${event}"${rest}]`);
      }
      expect(await socket.ask(event, null)).toMatchObject(refused);
    }
    await survives([], socket);
    expect(socket.open).toBe(true);
    const reserved = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener', 'error', 'connection'];
    for (const event of [...reserved, '', ' ', 'x'.repeat(100_000), '\u0000', 'refused frame', 'socket_ended']) {
      await survives([`42${JSON.stringify([event, { a: 1 }])}`, `4277${JSON.stringify([event])}`]);
    }
    const packets = [
      ...[
        '42[]',
        '42{}',
        '42null',
        '42"x"',
        '42[null]',
        '42[1]',
        '42[["a"]]',
        '42[{"a":1}]',
        '42[true]',
        '42',
        '4',
        '',
        '49',
        '4x',
        '47[]',
        '4-1',
      ],
      ...[
        '43[]',
        '431',
        '431[]',
        '43999[1]',
        '44{}',
        '44"x"',
        '41',
        '40',
        '40{}',
        '40null',
        '40[]',
        '40{"token":{"$ne":null}}',
        '40/',
        '40/x',
      ],
      ...[
        '40/admin,{}',
        '42/admin,["x"]',
        `42/${'x'.repeat(5_000)},["x"]`,
        '42/?a=b,["x"]',
        '42999999999999999999["x"]',
        '42-1["x"]',
        '421.5["x"]',
      ],
      ...['0{}', '1', '2', '2probe', '3', '3probe', '5', '6', '7', '8', 'x', '\u0000', '\ud800', '[]', '{}', 'null', '💥'],
      Buffer.from([0xff, 0xfe]),
    ];
    for (const packet of packets) await survives([packet]);
  });
});
