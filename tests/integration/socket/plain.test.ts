import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectionBounds } from '../../../src/gateway/socket/admission.js';
import { defaultMarks } from '../../../src/gateway/socket/reader-stage.js';
import type { Engine } from '../../../src/gateway/websocket/door.js';
import type { PlainTransport } from '../../../src/gateway/websocket/transport.js';
import { Fault } from '../../../src/kernel/errors.js';
import { idFromName } from '../../../src/kernel/ids.js';
import { threadRoom } from '../../../src/protocol/rooms.js';
import { PlainClient } from '../../plain-client.js';
import { until } from '../../until.js';
import { World, type WorldNode } from './world.js';

/** Plain WebSockets at real servers on one Redis. */
let world: World;
let one: WorldNode;
let two: WorldNode;
let thread_id: string;
const clients: PlainClient[] = [];

const start = async (options: Parameters<World['addNode']>[0] = {}): Promise<void> => {
  world = new World();
  one = await world.addNode(options);
  two = await world.addNode(options);
  thread_id = world.truth.thread('t');
  world.truth.members.add(ada);
};
const ada = idFromName('member', 'ada');
const bob = idFromName('member', 'bob');
const tokenOf = (member: string): string => `${member}:session-of-${member}`;

const opened = (node: WorldNode, options: ConstructorParameters<typeof PlainClient>[1] = {}): PlainClient => {
  const client = new PlainClient(node.url, options);
  clients.push(client);
  return client;
};
const joined = async (node: WorldNode, member = ada): Promise<PlainClient> => {
  world.truth.members.add(member);
  const client = opened(node, { token: tokenOf(member) });
  expect(await client.ask('join_thread', { thread_id })).toMatchObject({ ok: true, data: { thread: { id: thread_id } } });
  return client;
};
const contents = (client: PlainClient): unknown[] =>
  client.events('new_message').map((frame) => (frame.message as { content: string }).content);
/** Ended at once: the goodbye may still be heard. */
const cut = [1001, 1006];
const numbers = (n: number): string[] => Array.from({ length: n }, (_x, i) => String(i));

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await world.stop();
});

describe('coming in', () => {
  beforeEach(() => start());

  test('what is reached into is there', async () => {
    const engine = one.hub.io.engine as unknown as Engine;
    expect([typeof engine.createTransport, typeof engine.handleUpgrade]).toEqual(['function', 'function']);
    const made = new Promise<{ transport: PlainTransport }>((resolve) => one.hub.io.engine.once('connection', resolve));
    opened(one, { token: tokenOf(ada) });
    const { transport } = await made;
    expect(transport.isPlain).toBe(true);
    expect(transport.socket.listenerCount('message')).toBe(1);
    for (const name of ['onPacket', 'emit'] as const) expect(typeof transport[name]).toBe('function');
    // The library's own, below ours.
    const { prototype } = Object.getPrototypeOf(transport).constructor as { prototype: PlainTransport };
    expect([typeof prototype.send, typeof prototype.doClose]).toEqual(['function', 'function']);
    await until('it is in', () => one.sockets.sockets === 1);
    const [socket] = one.hub.io.of('/').sockets.values();
    expect(Object.hasOwn(socket!, 'ack')).toBe(true);
    expect(socket!.data.subscriber?.door).toBe('websocket');
  });

  test('by a token in the address: what is sent at once is carried out, in order', async () => {
    const client = opened(one, { token: tokenOf(ada) });
    await until('it is open', () => client.opened);
    for (const n of numbers(80)) client.now({ action: 'leave_thread', ref: Number(n), thread_id });
    client.now({ action: 'join_thread', ref: 'last', thread_id });
    expect(await client.answer('last')).toMatchObject({ ok: true });
    const refs = client.frames.map(({ ref }) => ref);
    expect([...refs].sort()).toEqual([...Array.from({ length: 80 }, (_x, i) => i), 'last'].sort());
    expect(client.frames.filter(({ ok }) => ok).length).toBe(81);
  });

  test('by a first frame, which is answered; what came with it waits for it', async () => {
    const client = opened(one);
    await until('it is open', () => client.opened);
    client.now({ action: 'authenticate', ref: 1, token: tokenOf(ada), protocol: 2 });
    client.now({ action: 'join_thread', ref: 2, thread_id });
    expect(await client.answer(2)).toMatchObject({ ok: true });
    expect(client.frames[0]).toEqual({ ref: 1, ok: true, data: { member_id: ada } });
    expect(await client.ask('authenticate', { token: tokenOf(bob) })).toMatchObject({ ok: false, error: { code: 'validation_failed' } });
    expect(await client.ask('leave_thread', { thread_id })).toMatchObject({ ok: true, data: {} });
  });

  test('a wrong token, or a first frame that is none, is answered, and ends the connection', async () => {
    const wrong = opened(one, { token: 'bad:token' });
    expect(await wrong.ended).toEqual({ code: 1008, reason: 'unauthenticated' });
    expect(wrong.frames).toMatchObject([{ ok: false, error: { code: 'unauthenticated' } }]);
    const firsts: [frame: string | object, code: string][] = [
      [{ action: 'authenticate', ref: 'a' }, 'unauthenticated'],
      [{ action: 'authenticate', ref: 'a', token: 7 }, 'unauthenticated'],
      [{ action: 'authenticate', ref: 'a', token: { $ne: null } }, 'unauthenticated'],
      [{ action: 'authenticate', ref: 'a', token: 'bad:token' }, 'unauthenticated'],
      [{ action: 'authenticate', ref: 'a', token: 'x'.repeat(10_000) }, 'unauthenticated'],
      [{ action: 'join_thread', ref: 'a', thread_id }, 'unauthenticated'],
      [{ ref: 'a', token: tokenOf(ada) }, 'validation_failed'],
      ['{"ref":"a","action":"authenticate","token":', 'validation_failed'],
    ];
    for (const [frame, code] of firsts) {
      const client = opened(one);
      await client.send(frame);
      expect(await client.ended).toEqual({ code: 1008, reason: code });
      expect(client.frames).toEqual([{ ref: 'a', ok: false, error: expect.objectContaining({ code }) }]);
    }
    for (const frame of ['', 'null', '[]', '"x"', '{"ref":[1]}']) {
      const client = opened(one);
      await client.send(frame);
      expect(await client.ended).toEqual({ code: 1008, reason: 'validation_failed' });
      expect(client.frames).toEqual([{ ok: false, error: expect.objectContaining({ code: 'validation_failed' }) }]);
    }
    const binary = opened(one);
    await binary.send(Buffer.from('{}'));
    expect(await binary.ended).toEqual({ code: 1003, reason: 'binary' });
    const large = opened(one);
    await large.send({ action: 'authenticate', token: 'x'.repeat(20_000) });
    expect((await large.ended).code).toBe(1009);
    await until('nobody is left', () => one.hub.io.engine.clientsCount === 0);
    expect(one.sockets.sockets).toBe(0);
  });

  test('an address that names somebody is for that member alone', async () => {
    const own = opened(one, { path: `/ws/${ada}`, token: tokenOf(ada) });
    expect(await own.ask('leave_thread', { thread_id })).toMatchObject({ ok: true });
    const others = opened(one, { path: `/ws/${bob}`, token: tokenOf(ada) });
    expect(await others.ended).toEqual({ code: 1008, reason: 'forbidden' });
    expect(others.frames).toMatchObject([{ ok: false, error: { code: 'forbidden' } }]);
    const later = opened(one, { path: `/ws/${bob}` });
    await later.send({ action: 'authenticate', ref: 1, token: tokenOf(ada) });
    expect(await later.ended).toEqual({ code: 1008, reason: 'forbidden' });
    expect(later.frames).toMatchObject([{ ref: 1, ok: false, error: { code: 'forbidden' } }]);
    expect(one.sockets.sockets).toBe(1);
  });

  test('a page of another origin may not come in', async () => {
    const foreign = opened(one, { token: tokenOf(ada), origin: 'https://elsewhere.example' });
    expect((await foreign.ended).code).toBe(403);
    const own = opened(one, { token: tokenOf(ada), origin: one.url });
    expect(await own.ask('leave_thread', { thread_id })).toMatchObject({ ok: true });
  });
});

describe('being in', () => {
  beforeEach(() => start());

  test('events of another node arrive one by one, flat, in order, beside the answers', async () => {
    const plain = await joined(two);
    const usual = await world.client(one, 'bob');
    await usual.get('join_thread', { thread_id });
    for (const n of numbers(50)) world.truth.commit(thread_id, bob, n);
    expect(await plain.ask('sync_thread', { thread_id, after_rev: 49 })).toMatchObject({
      ok: true,
      data: { head_rev: 50, complete: true },
    });
    await until('it has all', () => contents(plain).length === 50 && usual.contents().length === 50);
    expect(contents(plain)).toEqual(numbers(50));
    const [first] = plain.events('new_message');
    expect(first).toEqual({ event: 'new_message', ...usual.events('new_message')[0] });
  });

  test('it sends, and others hear it', async () => {
    const [near, far] = [await joined(one), await joined(two, bob)];
    const sent = await near.ask('send_message', { thread_id, content: 'hello', nonce: 'n' });
    expect(sent).toMatchObject({ ok: true, data: { message: { content: 'hello', author: ada } } });
    await until('both hear', () => contents(near).length === 1 && contents(far).length === 1);
  });

  test('four simple frames may say who acts, who has to be oneself', async () => {
    const client = await joined(one);
    const community_id = world.truth.communityId;
    const simple: [string, object][] = [
      ['join_community', { community_id }],
      ['join_thread', { thread_id }],
      ['typing', { thread_id }],
      ['stop_typing', { thread_id }],
    ];
    for (const [action, payload] of simple) {
      expect(await client.ask(action, { ...payload, user_id: ada })).toMatchObject({ ok: true });
      expect(await client.ask(action, { ...payload, user_id: bob })).toMatchObject({ ok: false, error: { code: 'forbidden' } });
      expect(await client.ask(action, { ...payload, user_id: 7 })).toMatchObject({ ok: false, error: { code: 'validation_failed' } });
    }
    expect(await client.ask('sync_thread', { thread_id, after_rev: 0, user_id: ada })).toMatchObject({
      ok: false,
      error: { code: 'validation_failed' },
    });
  });

  test('a ref comes back as it was; without one failures alone are told', async () => {
    const client = await joined(one);
    for (const ref of ['x', 'é"\\\n', 'x'.repeat(64), 0, -1.5, 2 ** 53]) {
      await client.send({ thread_id, ref, action: 'leave_thread' });
      expect(await client.answer(ref)).toEqual({ ref, ok: true, data: {} });
    }
    const before = client.frames.length;
    await client.send({ action: 'leave_thread', thread_id });
    await client.send({ action: 'leave_thread' });
    await client.send({ action: 'no_such_thing' });
    for (const ref of ['', 'x'.repeat(65), null, {}, [], true]) await client.send({ action: 'leave_thread', thread_id, ref });
    await client.ask('leave_thread', { thread_id });
    const told = client.frames.slice(before, -1);
    expect(told).toHaveLength(8);
    for (const frame of told) expect(frame).toEqual({ ok: false, error: expect.objectContaining({ code: 'validation_failed' }) });
  });

  test('answers keep their place between events', async () => {
    const client = await joined(one);
    const [socket] = one.hub.io.of('/').sockets.values();
    for (const n of numbers(40)) {
      world.truth.commit(thread_id, bob, `${n} ${'.'.repeat((Number(n) % 5) * 20_000)}`);
      one.hub.fanout.publish(threadRoom(thread_id), 'typing', { thread_id, member_id: bob });
      await new Promise((resolve) => setImmediate(resolve));
      socket!.emit('resync', { thread_id, head_rev: Number(n) });
      client.now({ action: 'leave_community', ref: `after ${n}`, community_id: world.truth.communityId });
    }
    await until('it has all', () => client.frames.filter(({ ref }) => String(ref).startsWith('after')).length === 40);
    await until('it heard all', () => client.events('resync').length === 40 && client.events('typing').length === 40);
    const lines = client.events().map((frame) => (frame.event === 'new_message' ? 'message' : frame.event));
    expect(lines).toEqual(numbers(40).flatMap(() => ['message', 'typing', 'resync']));
  });

  test('an ended session says so and closes; a node that stops says when to come back', async () => {
    const client = await joined(one);
    const other = await joined(one, bob);
    two.hub.sessions.ended([`session-of-${ada}`], 'signed_out');
    expect(await client.ended).toEqual({ code: 1008, reason: 'session_ended' });
    expect(client.events()).toEqual([{ event: 'session_ended', reason: 'signed_out' }]);
    await one.sockets.drain(1_000, 10);
    expect(await other.ended).toEqual({ code: 1012, reason: 'draining' });
    expect(other.events()).toEqual([{ event: 'draining', retry_after_ms: expect.any(Number) }]);
    const late = opened(one, { token: tokenOf(ada) });
    expect(await late.ended).toEqual({ code: 1013, reason: 'unavailable' });
    expect(late.frames).toMatchObject([{ ok: false, error: { code: 'unavailable', retry_after_ms: expect.any(Number) } }]);
    expect(one.sockets.sockets).toBe(0);
  });

  test('a member who is taken out of a community hears no more of it', async () => {
    const client = await joined(one);
    await client.ask('join_community', { community_id: world.truth.communityId });
    world.truth.members.delete(ada);
    two.hub.fanout.evict(ada, world.truth.communityId);
    await until('it is told', () => client.events('member_left').length === 1);
    world.truth.commit(thread_id, bob, 'unheard');
    expect(await client.ask('leave_thread', { thread_id })).toMatchObject({ ok: true });
    expect(contents(client)).toEqual([]);
  });
});

describe.each([true, false])('with direct writes %s', (directWrites) => {
  beforeEach(() => start({ directWrites }));

  test('many events, answers and a word to one socket arrive', async () => {
    const client = await joined(one);
    for (const n of numbers(300)) world.truth.commit(thread_id, bob, n);
    const [socket] = one.hub.io.of('/').sockets.values();
    await until('it has all', () => contents(client).length === 300);
    expect(contents(client)).toEqual(numbers(300));
    socket!.emit('resync', { thread_id, head_rev: 7 });
    await until('it is told', () => client.events('resync').length === 1);
    expect(client.events('resync')).toEqual([{ event: 'resync', thread_id, head_rev: 7 }]);
    expect(await client.ask('nothing')).toMatchObject({ ok: false });
  });

  test('it is pinged as WebSockets are, and its pong is what keeps it', async () => {
    const made = new Promise<{ pingTimeoutTimer: unknown; sendPacket(type: string): void; resetPingTimeout(): void }>((resolve) =>
      one.hub.io.engine.once('connection', resolve),
    );
    const client = opened(one, { token: tokenOf(ada), autoPong: false });
    const engine = await made;
    engine.sendPacket('ping');
    engine.resetPingTimeout();
    await until('it is pinged', () => client.pings === 1);
    expect(engine.pingTimeoutTimer).toBeTruthy();
    client.pong();
    await until('its answer is taken', () => engine.pingTimeoutTimer === null);
    expect(client.frames).toEqual([]);
  });
});

describe('bounds', () => {
  test('a token that ends closes the connection', async () => {
    await start({
      authenticator: {
        authenticate: async (token, from) => {
          const [member_id, session_id] = token.split(':') as [string, string];
          return { ...from, member_id, session_id, is_admin: false, token_expires_at: Date.now() + 300 };
        },
      },
    });
    const client = opened(one, { token: tokenOf(ada) });
    expect(await client.ended).toEqual({ code: 1008, reason: 'token_expired' });
  });

  test('who sends too much is told by ref, and who goes on is closed', async () => {
    await start({ connections: { ...connectionBounds, allowance: { perSecond: 0.001, burst: 22, end: 200 } } });
    const client = opened(one, { token: tokenOf(ada) });
    await until('it is open', () => client.opened);
    for (let n = 0; n < 21; n++) client.now({ action: 'leave_thread', ref: n, thread_id });
    expect(await client.answer(20)).toMatchObject({ ok: false, error: { code: 'rate_limited', retry_after_ms: expect.any(Number) } });
    for (let n = 21; n < 60; n++) client.now({ action: 'leave_thread', ref: n, thread_id });
    expect(cut).toContain((await client.ended).code);
    expect(client.frames.filter(({ ok }) => ok === true)).toHaveLength(20);
    const again = opened(one, { token: tokenOf(ada) });
    expect(await again.ended).toEqual({ code: 1013, reason: 'rate_limited' });
  });

  test('what is refused unread costs what it costs Socket.IO, and ends whoever goes on', async () => {
    for (const frame of [
      '{',
      'null',
      '{"action":7}',
      `{"action":"x","p":${'['.repeat(50)}${']'.repeat(50)}}`,
      '{"action":"no_such_thing"}',
    ]) {
      await start({ connections: { ...connectionBounds, allowance: { perSecond: 0.001, burst: 105, end: 150 } } });
      const client = opened(one, { token: tokenOf(ada) });
      for (let n = 1; !client.end; n++) {
        await client.send(frame);
        await until('it is answered, or ended', () => client.frames.length === n || client.end !== undefined);
      }
      expect(cut).toContain((await client.ended).code);
      // Eleven points each.
      expect(client.frames.filter(({ error }) => error?.code === 'validation_failed').length).toBe(10);
      await world.stop();
    }
    await start();
  });

  test('one member has so many connections, at both doors together', async () => {
    await start({ connections: { ...connectionBounds, perMember: 2 } });
    const first = await joined(one);
    await world.client(one, 'ada');
    const third = opened(one, { token: tokenOf(ada) });
    expect(await third.ended).toEqual({ code: 1013, reason: 'overloaded' });
    first.close();
    await until('it has left', () => one.sockets.sockets === 1);
    expect(await opened(one, { token: tokenOf(ada) }).ask('leave_thread', { thread_id })).toMatchObject({ ok: true });
  });

  test('one address has so many connections', async () => {
    await start({ connections: { ...connectionBounds, perAddress: 1 } });
    await joined(one);
    expect((await opened(one, { token: tokenOf(bob) }).ended).code).toBe(403);
  });

  test('a limit that says no is told as it is told to Socket.IO', async () => {
    await start({
      limiter: {
        spend: async (limit) => {
          if (limit === 'read') throw new Fault('rate_limited', 'Too many reads', { retry_after_ms: 7 });
          return null;
        },
      },
    });
    world.truth.members.add(ada);
    const plain = opened(one, { token: tokenOf(ada) });
    const usual = await world.client(one, 'ada');
    const { ref: _ref, ...answer } = await plain.ask('join_thread', { thread_id });
    expect(answer).toEqual(await usual.ask('join_thread', { thread_id }));
    expect(answer).toMatchObject({ ok: false, error: { code: 'rate_limited', retry_after_ms: 7 } });
  });

  test('a reader that stops reading loses its connection, and the others notice nothing', async () => {
    await start({ marks: { ...defaultMarks, lost: { packets: 64, bytes: 256 * 1_024 }, stillMs: 60_000 } });
    const [slow, prompt] = [await joined(one), await joined(one, bob)];
    slow.stopReading();
    const lost = async (): Promise<number> => {
      const { values } = await one.telemetry.slowReaders.get();
      return values.find(({ labels }) => labels.stage === 'lost')?.value ?? 0;
    };
    let n = 0;
    for (; n < 5_000 && (await lost()) === 0; n++) {
      world.truth.commit(thread_id, bob, 'x'.repeat(8_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until('it is cut', () => one.sockets.sockets === 1);
    await until('the other has all', () => contents(prompt).length === n);
    slow.readAgain();
    expect(cut).toContain((await slow.ended).code);
  });

  test('a reader that reads again is told what it missed', async () => {
    await start({ marks: { ...defaultMarks, behind: { packets: 16, bytes: 256 * 1_024 }, stillMs: 60_000 } });
    const slow = await joined(one);
    slow.stopReading();
    const behind = async (): Promise<boolean> => {
      const { values } = await one.telemetry.slowReaders.get();
      return values.some(({ labels, value }) => labels.stage === 'behind' && value > 0);
    };
    for (let n = 0; n < 5_000 && !(await behind()); n++) {
      world.truth.commit(thread_id, bob, 'x'.repeat(8_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    world.truth.commit(thread_id, bob, 'missed');
    await new Promise((resolve) => setImmediate(resolve));
    slow.readAgain();
    await until('it is told', () => slow.events('resync').length > 0);
    const head_rev = world.truth.threads.get(thread_id)!.length;
    expect(slow.events('resync').at(-1)).toEqual({ event: 'resync', thread_id, head_rev });
    expect(contents(slow)).not.toContain('missed');
  });
});
