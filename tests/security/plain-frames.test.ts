import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { opensAt } from '../../src/catalogue/operation.js';
import { features } from '../../src/features/index.js';
import { bounds } from '../../src/protocol/primitives.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { token } from '../cluster/people.js';
import { PlainClient } from '../plain-client.js';
import { arrays, deep, unclosed } from './bombs.js';
import { Bystander } from './bystander.js';
import { rawAnswer } from './raw-answer.js';
import { knock } from './rest-door.js';

/** Those that ask for a field. */
const actions = features
  .flatMap((feature) => feature.operations.map(({ operation }) => operation))
  .filter((operation) => opensAt(operation, 'websocket') && !operation.input.safeParse({}).success)
  .map(({ name }) => name);

describe('hostile frames at the plain WebSocket door', () => {
  let cluster: TestCluster;
  let url: string;
  let access: string;
  let bystander: Bystander;
  const clients: PlainClient[] = [];

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    url = cluster.urls[0] as string;
    bystander = await Bystander.on(cluster.nodes[0] as TestCluster['nodes'][0]);
    access = await token(bystander.client);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await bystander.isUnharmed();
  });
  afterAll(async () => {
    bystander?.close();
    await cluster?.stop();
  });

  const opened = (options: ConstructorParameters<typeof PlainClient>[1] = {}): PlainClient => {
    const client = new PlainClient(url, options);
    clients.push(client);
    return client;
  };
  const entered = async (): Promise<PlainClient> => {
    const client = opened({ token: access });
    expect(await client.ask('set_presence', { state: 'online' })).toMatchObject({ ok: true });
    return client;
  };
  /** Sends frames and waits until the server has taken them: it answers what follows, or has ended this connection. */
  const survives = async (frames: (string | Uint8Array)[], client?: PlainClient): Promise<PlainClient> => {
    const attacker = client ?? (await entered());
    for (const frame of frames) await attacker.send(frame);
    await attacker.ask('set_presence', { state: 'online' }).catch(() => attacker.ended);
    expect(bystander.node.running).toBe(true);
    return attacker;
  };
  const refused = { ok: false, error: { code: 'validation_failed' } };

  it('nesting bombs are answered by their ref, and nothing of them is echoed', async () => {
    const client = await entered();
    let ref = 1_000;
    for (const bomb of deep) {
      for (const frame of [
        (n: number) => `{"action":"join_thread","ref":${n},"thread_id":${bomb}}`,
        (n: number) => `{"ref":${n},"action":${bomb}}`,
        (n: number) => `{"ref":${n},"x":${bomb},"action":"join_thread"}`,
        (n: number) => `{"action":"send_message","ref":${n},"thread_id":"${bystander.thread.id}","attachments":${bomb}}`,
      ]) {
        await client.send(frame(++ref));
        const answer = await client.answer(ref);
        expect(answer).toMatchObject(refused);
        expect(JSON.stringify(answer).length).toBeLessThan(500);
      }
    }
    for (const bomb of [...deep, ...unclosed, '"'.repeat(9_999), '\\'.repeat(9_999)]) {
      for (const head of ['', '{', '{"action":', '{"action":"join_thread","ref":', '{"action":"x","ref":1,"x":', '[', '42', '42["x",']) {
        const attacker = await survives([`${head}${bomb}`]);
        expect(attacker.end).toBeUndefined();
      }
    }
    const nobody = opened();
    await nobody.send(`{"action":"authenticate","token":${arrays(5_000)}}`);
    expect((await nobody.ended).code).toBe(1008);
  });

  it('a frame of the limit is read, one of a byte more ends its connection', async () => {
    const padded = (bytes: number): string => {
      const [head, tail] = ['{"action":"join_thread","ref":"a","thread_id":"', '"}'];
      return `${head}${'x'.repeat(bytes - head.length - tail.length)}${tail}`;
    };
    const within = await entered();
    await within.send(padded(bounds.frameBytes));
    expect(await within.answer('a')).toMatchObject(refused);
    const over = await entered();
    await over.send(padded(bounds.frameBytes + 1));
    expect((await over.ended).code).toBe(1009);
    // Also before anybody has said who they are.
    const nobody = opened();
    await nobody.send(padded(100_000));
    expect((await nobody.ended).code).toBe(1009);
  });

  it('binary ends its connection', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(1_000, 1), Buffer.from('{"action":"set_presence","state":"online"}')]) {
      const client = await entered();
      await client.send(bytes);
      expect(await client.ended).toEqual({ code: 1003, reason: 'binary' });
      const nobody = opened();
      await nobody.send(bytes);
      expect(await nobody.ended).toEqual({ code: 1003, reason: 'binary' });
    }
    const large = await entered();
    await large.send(Buffer.alloc(bounds.frameBytes + 1));
    expect((await large.ended).code).toBe(1009);
  });

  it('strange payloads, actions and refs are answered, and the connection goes on', async () => {
    for (const action of actions) {
      // Each refusal costs ten frames: one connection would be closed before the end.
      const client = await entered();
      for (const fields of [
        {},
        { thread_id: null },
        { thread_id: { $ne: null }, message_id: { $ne: null }, community_id: { $ne: null } },
        { thread_id: [bystander.thread.id] },
        { thread_id: bystander.thread.id, extra: 1 },
        { payload: { thread_id: bystander.thread.id } },
      ]) {
        expect([action, await client.ask(action, fields)]).toMatchObject([action, refused]);
      }
      client.close();
    }
    const client = await entered();
    // Nothing of Socket.IO's own words means anything here.
    const reserved = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener', 'error', 'connection'];
    for (const action of [...reserved, ' ', '\u0000', 'refused frame', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'batch']) {
      expect([action, await client.ask(action, { a: 1 })]).toMatchObject([action, refused]);
    }
    for (const frame of [
      '0{}',
      '1',
      '2',
      '2probe',
      '3',
      '40',
      '41',
      '42["x"]',
      '421["set_presence",{"state":"online"}]',
      '43[]',
      '6',
      'x',
      '',
    ]) {
      await survives([frame], client);
    }
    for (const key of ['__proto__', '__\\u0070roto__']) {
      await client.send(`{"action":"set_presence","ref":"${key}","state":"online","${key}":{"x":1}}`);
      expect(await client.answer(JSON.parse(`"${key}"`) as string)).toMatchObject(refused);
    }
    expect(client.end).toBeUndefined();
    expect(client.frames.every((frame) => frame.event !== undefined || frame.ok !== undefined)).toBe(true);
    for (const frame of ['\ud800', '{"action":"\ud800"}', '💥']) await survives([frame]);
    const notUtf8 = await entered();
    await notUtf8.send(Buffer.from([0xff, 0xfe]));
    await notUtf8.ended;
  });

  it('many who do not say who they are take no place for long, and harm nobody', async () => {
    const nobodies = Array.from({ length: 100 }, () => opened());
    for (const { code, reason } of await Promise.all(nobodies.map(({ ended }) => ended))) {
      expect([code, reason]).toEqual([1008, 'unauthenticated']);
    }
    for (const { frames } of nobodies) expect(frames).toMatchObject([{ ok: false, error: { code: 'unauthenticated' } }]);
  });

  it('what is no WebSocket is refused in words', async () => {
    const member = bystander.client.memberId as string;
    for (const [path, status] of [
      ['/ws', 426],
      [`/ws?token=${access}`, 426],
      [`/ws/${member}`, 426],
      ['/ws/x', 400],
      ['/ws?token=a&token=b', 400],
      ['/ws/', 404],
      ['/wsx', 404],
    ] as const) {
      const answer = await knock(url, path);
      expect([path, answer.status, answer.text.includes(access)]).toEqual([path, status, false]);
    }
    expect((await knock(url, '/ws', { json: {} })).status).toBe(405);
    const { host } = new URL(url);
    const head = ['Connection: Upgrade', 'Upgrade: websocket', `Host: ${host}`].join('\r\n');
    for (const [line, status] of [
      ['GET /ws', 400],
      ['GET /ws/x', 400],
      ['POST /ws', 405],
      ['GET /ws/', 404],
      ['GET /wsx', 404],
    ] as const) {
      const answer = await rawAnswer(url, `${line} HTTP/1.1\r\n${head}\r\n\r\n`);
      expect([line, answer.split('\r\n')[0]]).toEqual([line, expect.stringContaining(` ${status} `)]);
      expect(answer).toMatch(/^x-content-type-options: nosniff$/im);
    }
    expect((await opened({ token: access, headers: { host: 'evil.example' } }).ended).code).toBe(403);
    expect((await opened({ token: access, origin: 'https://evil.example' }).ended).code).toBe(403);
    expect((await opened({ token: access, origin: 'null' }).ended).code).toBe(403);
  });
});
