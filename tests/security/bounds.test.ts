import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { metricsOf, startCluster, type TestCluster } from '../cluster/harness.js';
import { token } from '../cluster/people.js';
import { PlainClient } from '../plain-client.js';
import { until } from '../until.js';
import { Bystander } from './bystander.js';
import { RawSocket } from './raw-socket.js';

/** What anybody can do on a connection again and again, before and after signing in, from addresses of their own. */
describe('bounds of one node', () => {
  let cluster: TestCluster;
  let url: string;
  let port: number;
  let access: string;
  let bystander: Bystander;
  const sockets: RawSocket[] = [];
  const raw: Socket[] = [];
  const agents: Agent[] = [];

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1, env: { RATE_LIMITS: 'on' } });
    url = cluster.urls[0] as string;
    port = Number(new URL(url).port);
    bystander = await Bystander.on(cluster.nodes[0] as TestCluster['nodes'][0]);
    access = await token(bystander.client);
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    for (const socket of raw.splice(0)) socket.destroy();
    for (const agent of agents.splice(0)) agent.destroy();
    await bystander.isUnharmed();
  });
  afterAll(async () => {
    bystander?.close();
    await cluster?.stop();
  });

  const dial = (options: { localAddress?: string; sid?: string } = {}): RawSocket => {
    const socket = new RawSocket(url, options);
    sockets.push(socket);
    return socket;
  };
  /** A way to poll over connections of its own; each address of 127.0.0.0/8 is one of this machine. */
  const poller = (localAddress = '127.0.0.1') => {
    const agent = new Agent({ keepAlive: true, maxSockets: 50 });
    agents.push(agent);
    const ask = (query: string, body?: string): Promise<{ status: number; text: string }> =>
      new Promise((resolve) => {
        const sent = request(
          {
            agent,
            localAddress,
            port,
            host: '127.0.0.1',
            path: `/socket.io/?EIO=4&transport=polling${query}`,
            method: body ? 'POST' : 'GET',
          },
          (answer) => {
            let text = '';
            answer.setEncoding('utf8');
            answer.on('data', (part: string) => {
              text += part;
            });
            answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
            answer.on('error', () => resolve({ status: 0, text }));
          },
        );
        sent.on('error', () => resolve({ status: 0, text: '' }));
        sent.end(body);
      });
    const handshake = async (): Promise<string | undefined> => {
      const { status, text } = await ask('');
      return status === 200 ? (JSON.parse(text.slice(1)) as { sid: string }).sid : undefined;
    };
    return { ask, handshake };
  };
  const unknownSid = { status: 400, text: JSON.stringify({ code: 1, message: 'Session ID unknown' }) };
  const metric = async (line: string): Promise<number> => {
    const text = await metricsOf(url);
    return Number(
      text
        .split('\n')
        .find((one) => one.startsWith(`${line} `))
        ?.split(' ')[1] ?? 0,
    );
  };
  const residentKb = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${bystander.node.pid}/status`, 'utf8'))?.[1]);
  const connects = (socket: RawSocket): string[] => socket.frames.filter((frame) => frame.startsWith('40') || frame.startsWith('44'));

  it('53 packets in one polling payload are counted before it is taken apart', async () => {
    for (const [packet, separator] of [
      ['40{}', '\x1e'],
      ['40{"token":"x"}', '\x1e'],
      ['42["typing",{}]', '\x1e'],
      ['3', '\x1e'],
      ['', '\x1e'],
      ['6', '\x1e'],
      ['bAAAA', '\x1e'],
    ] as const) {
      for (const bytes of [10_000, 60_000, 990_000]) {
        const { ask, handshake } = poller();
        const sid = await handshake();
        const each = packet.length + separator.length;
        const { status } = await ask(`&sid=${sid}`, Array.from({ length: bytes / each }, () => packet).join(separator));
        // Too large is not read, too many is the end.
        if (bytes > 16_384) expect([0, 413]).toContain(status);
        else expect([packet, await ask(`&sid=${sid}`)]).toEqual([packet, unknownSid]);
      }
      await bystander.isUnharmed();
    }
  });

  it('53 after signing in too, with a bound that a client who catches up does not meet', async () => {
    const { ask, handshake } = poller();
    const sid = await handshake();
    await ask(`&sid=${sid}`, `40${JSON.stringify({ token: access })}`);
    const join = (n: number): string => `42${n}["join_thread",{"thread_id":"${bystander.thread.id}"}]`;
    expect((await ask(`&sid=${sid}`)).text).toContain('40{"sid"');
    expect((await ask(`&sid=${sid}`, Array.from({ length: 500 }, (_x, n) => join(n)).join('\x1e'))).status).toBe(200);
    let answers = '';
    while ((answers.match(/\[\{"ok":/g) ?? []).length < 500) answers += (await ask(`&sid=${sid}`)).text;
    expect([answers.includes('"ok":true'), answers.includes('rate_limited')]).toEqual([true, false]);
    await ask(`&sid=${sid}`, Array.from({ length: 5_000 }, (_x, n) => join(n)).join('\x1e'));
    expect(await ask(`&sid=${sid}`)).toEqual(unknownSid);
  });

  it('53 JSONP, which hides how many packets there are, is not offered', async () => {
    expect((await poller().ask('&j=0')).status).toBe(403);
  });

  it('53 one CONNECT a transport, whatever becomes of it', async () => {
    const second = (first: string) => async (): Promise<RawSocket> => {
      const socket = await dial().greeted();
      for (let n = 0; n < 20; n++) socket.send(n === 0 ? first : `40${JSON.stringify({ token: n % 2 ? access : `wrong ${n}` })}`);
      await socket.ended;
      return socket;
    };
    const firsts = ['40{"token":"wrong"}', '40{}', '40', '40/other,', '40/other,{"token":"x"}', `40${JSON.stringify({ token: access })}`];
    for (const first of firsts) {
      const socket = await second(first)();
      // The first may have been answered by then, and that alone.
      const entered = socket.frames.filter((frame) => frame.startsWith('40{"sid"')).length;
      expect([first, connects(socket).length <= 1, entered <= (first.includes(access) ? 1 : 0)]).toEqual([first, true, true]);
    }
    const entered = dial();
    expect(await entered.enter(access)).toMatch(/^40/);
    entered.send('40/other,{}');
    await entered.ended;
    expect(connects(entered)).toHaveLength(1);
    // Anything before it ends the connection likewise.
    for (const frame of ['42["typing",{}]', '41', '43[]', '421["x"]']) {
      const early = await dial().greeted();
      early.send(frame);
      await early.ended;
    }
  });

  it('53 a wrong token is the last word of its connection', async () => {
    const socket = dial();
    expect(await socket.enter('wrong')).toMatch(/^44/);
    await socket.ended;
    const { ask, handshake } = poller();
    const sid = await handshake();
    await ask(`&sid=${sid}`, '40{"token":"wrong"}');
    expect((await ask(`&sid=${sid}`)).text).toContain('44{"message"');
    await ask(`&sid=${sid}`);
    expect(await ask(`&sid=${sid}`)).toEqual(unknownSid);
  });

  it('53 one CONNECT also where polling becomes a WebSocket', async () => {
    const { ask, handshake } = poller();
    const sid = (await handshake()) as string;
    await ask(`&sid=${sid}`, `40${JSON.stringify({ token: access })}`);
    expect((await ask(`&sid=${sid}`)).text).toContain('40{"sid"');
    const socket = await dial({ sid }).connected();
    socket.send('2probe');
    await socket.frame('the probe answered', (frame) => frame === '3probe');
    socket.send('5');
    expect(await socket.ask('set_presence', { state: 'online' })).toMatchObject({ ok: true });
    socket.send(`40${JSON.stringify({ token: access })}`);
    await socket.ended;
  });

  it('53 what has left its one namespace does not stay', async () => {
    const socket = dial();
    await socket.enter(access);
    socket.send('41');
    await socket.ended;
  });

  it('53 a flood of plain frames ends, whatever it is of', async () => {
    for (const frame of [
      '{"action":"leave_thread","ref":1,"thread_id":"x"}',
      '{',
      `{"action":"no_such_thing","x":"${'x'.repeat(10_000)}"}`,
    ]) {
      const client = await bystander.another();
      const flood = new PlainClient(url, { token: await token(client) });
      expect(await flood.ask('set_presence', { state: 'online' })).toMatchObject({ ok: true });
      for (let n = 0; n < 20_000 && !flood.end; n++) {
        flood.now(frame);
        if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await flood.ended;
      // Its debt is its member's.
      const again = new PlainClient(url, { token: await token(client) });
      expect(await again.ended).toEqual({ code: 1013, reason: 'rate_limited' });
      await bystander.isUnharmed();
    }
  });

  it('54 a million pings whose pongs nobody reads', async () => {
    const before = residentKb();
    const closed: boolean[] = [];
    for (const frame of [pingFrame(125), pingFrame(0)]) {
      const socket = connect(port, '127.0.0.1');
      raw.push(socket);
      let isOver = false;
      socket.on('error', () => undefined);
      socket.on('close', () => {
        isOver = true;
      });
      socket.write(upgradeRequest(port));
      socket.pause();
      const thousand = Buffer.concat(Array.from({ length: 1_000 }, () => frame));
      for (let n = 0; n < 1_000 && !isOver; n++) {
        await new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
          if (socket.destroyed) resolve();
          else socket.write(thousand, () => resolve());
        });
      }
      closed.push(isOver || socket.destroyed);
    }
    await bystander.isUnharmed();
    expect(closed).toEqual([true, true]);
    expect(residentKb() - before).toBeLessThan(100_000);
    expect(await metric('parley_gateway_bounds_total{bound="flood"}')).toBeGreaterThanOrEqual(2);
  });

  it('58 places for those who are not in yet cannot be filled from a few addresses', async () => {
    const hold = async (localAddress: string, count: number): Promise<number> => {
      const { handshake } = poller(localAddress);
      const all = await Promise.all(Array.from({ length: count }, () => handshake()));
      return all.filter((sid) => sid !== undefined).length;
    };
    expect(await hold('127.0.0.2', 800)).toBeLessThan(700);
    expect(await hold('127.0.0.3', 800)).toBeLessThan(700);
    for (const address of ['127.0.0.4', '127.0.0.5', '127.0.0.6']) expect(await hold(address, 500)).toBeGreaterThan(400);
    // More than all places are asked for: it is shared, and whoever comes from elsewhere gets one.
    expect(await hold('127.0.0.7', 500)).toBeGreaterThan(400);
    for (let n = 10; n < 30; n++) expect(await poller(`127.0.1.${n}`).handshake()).toBeDefined();
    const socket = dial({ localAddress: '127.0.1.99' });
    expect(await socket.enter(access)).toMatch(/^40/);
    expect(await metric('parley_gateway_bounds_total{bound="entering"}')).toBeGreaterThan(0);
    expect(await metric('parley_gateway_bounds_total{bound="evicted"}')).toBeGreaterThan(0);
  });

  it('58 nor can connections that never send a request', async () => {
    const open = new Set<Socket>();
    const hold = (localAddress: string): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect({ port, host: '127.0.0.1', localAddress });
        raw.push(socket);
        socket.on('error', () => undefined);
        socket.on('connect', () => {
          open.add(socket);
          resolve();
        });
        socket.on('close', () => open.delete(socket));
      });
    for (let n = 0; n < 24; n++) await Promise.all(Array.from({ length: 100 }, () => hold('127.0.0.8')));
    await until('those beyond the bound are closed', () => open.size <= 2_048);
    expect(open.size).toBeGreaterThan(1_900);
    expect((await poller('127.0.0.9').ask('')).status).toBe(200);
    expect(await metric('parley_gateway_bounds_total{bound="http_connections"}')).toBeGreaterThan(0);
  });

  it('60 what is refused is counted, and in the end closes the connection', async () => {
    for (const frame of [
      '42["no such event",{}]',
      '42["send_message",{"thread_id":1}]',
      '42["typing"]',
      `42["typing",${'['.repeat(50)}${']'.repeat(50)}]`,
    ]) {
      const socket = dial();
      await socket.enter(await token(await bystander.another()));
      for (let sent = 0; sent < 30_000 && socket.open; sent++) {
        await socket.sent(frame);
        if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await socket.ended;
    }
  });

  it('60 an answer says so first, and the next connection of the same member does not begin anew', async () => {
    const own = await token(await bystander.another());
    const socket = dial();
    await socket.enter(own);
    const answers: { ok: boolean; error?: { code: string; retry_after_ms?: number } }[] = [];
    while (socket.open && answers.length < 5_000) {
      const asked = Array.from({ length: 50 }, () => socket.ask('no such event', {}).catch(() => undefined));
      answers.push(...((await Promise.all(asked)).filter((answer) => answer !== undefined) as typeof answers));
    }
    const codes = answers.map(({ error }) => error?.code);
    expect([codes[0], codes.at(-1)]).toEqual(['validation_failed', 'rate_limited']);
    expect(answers.at(-1)?.error?.retry_after_ms).toBeGreaterThan(0);
    await socket.ended;
    const next = dial();
    expect(JSON.parse((await next.enter(own)).slice(2))).toMatchObject({
      data: { code: 'rate_limited', retry_after_ms: expect.any(Number) },
    });
    // Nobody else is touched by it.
    expect(await dial().enter(access)).toMatch(/^40/);
  });

  it('60 one who behaves meets none of it: five hundred joins at once, then talk', async () => {
    const socket = dial();
    await socket.enter(access);
    const joins = Array.from({ length: 500 }, () => socket.ask('join_thread', { thread_id: bystander.thread.id }));
    const codes = ((await Promise.all(joins)) as { error?: { code: string } }[]).map(({ error }) => error?.code ?? 'ok');
    expect(codes.filter((code) => code === 'rate_limited')).toEqual([]);
    for (let n = 0; n < 100; n++) expect(await socket.ask('typing', { thread_id: bystander.thread.id })).toMatchObject({ ok: true });
    expect(socket.open).toBe(true);
  });

  it('61 fifty connections of one member, however many ask at once', async () => {
    const own = await token(await bystander.another());
    const asking = Array.from({ length: 300 }, () => dial());
    await Promise.all(asking.map((socket) => socket.greeted()));
    const words = await Promise.all(asking.map((socket) => socket.enter(own)));
    expect(words.filter((word) => word.startsWith('40'))).toHaveLength(50);
    for (const word of words.filter((one) => one.startsWith('44'))) {
      expect(JSON.parse(word.slice(2))).toMatchObject({ data: { code: 'overloaded' } });
    }
    // A place that is given up is free again.
    const within = asking.filter((_socket, n) => words[n]?.startsWith('40'));
    within[0]?.close();
    await until('one more gets in', async () => (await dial().enter(own)).startsWith('40'));
  });
});

const upgradeRequest = (port: number): string =>
  [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    '\r\n',
  ].join('\r\n');

/** A masked ping; the mask is zero. */
const pingFrame = (bytes: number): Buffer => Buffer.concat([Buffer.from([0x89, 0x80 | bytes]), Buffer.alloc(4 + bytes, 0)]);
