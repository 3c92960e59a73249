import { beforeEach, describe, expect, it } from '@jest/globals';
import { Connection } from '../../../src/client/connection.js';
import { Endpoints } from '../../../src/client/endpoints.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { FakeWires } from './fake-wires.js';
import { threadId } from './thread-model.js';

let clock: FakeClock;
let wires: FakeWires;
let token: string | null;
let refreshes: string[];
let refresh: (stale: string) => Promise<string>;
let connection: Connection;

beforeEach(() => {
  clock = new FakeClock();
  wires = new FakeWires();
  token = 't1';
  refreshes = [];
  refresh = async () => (token = 't2');
  connection = new Connection({
    endpoints: new Endpoints(['http://one', 'http://two/']),
    clock,
    random: () => 0.5,
    dial: wires.dial,
    token: async () => token,
    refresh: (stale) => {
      refreshes.push(stale);
      return refresh(stale);
    },
  });
});

const online = async (): Promise<void> => {
  connection.start();
  await clock.advance(0);
  wires.last.open();
};
const payload = { thread_id: threadId };

describe('connection', () => {
  it('comes back on the next node with full jitter, and starts over from the shortest wait after a steady time', async () => {
    await online();
    wires.last.lose();
    expect(connection.state).toMatchObject({ phase: 'waiting', attempt: 1 });
    await clock.advance(249);
    expect(wires.all).toHaveLength(1);
    await clock.advance(1);
    expect(wires.last.origin).toBe('http://two');
    wires.last.refuse('unavailable');
    await clock.advance(499);
    expect(wires.all).toHaveLength(2);
    await clock.advance(1);
    expect(wires.last.origin).toBe('http://one');
    wires.last.open();
    await clock.advance(5_000);
    wires.last.lose();
    await clock.advance(250);
    expect(wires.all).toHaveLength(4);
  });

  it('does not hurry back to a node that takes it and drops it at once', async () => {
    await online();
    for (let i = 0; i < 10; i++) {
      wires.last.lose();
      await clock.advance(7_500);
      wires.last.open();
    }
    wires.last.lose();
    const { state } = connection;
    expect(state.phase === 'waiting' && state.retry_at - clock.now()).toBe(7_500);
  });

  it('renews a refused token and dials again with it', async () => {
    connection.start();
    await clock.advance(0);
    wires.last.refuse('unauthenticated');
    await clock.advance(0);
    expect(refreshes).toEqual(['t1']);
    expect(wires.all).toHaveLength(2);
    await expect(wires.last.token).resolves.toBe('t2');
    wires.last.open();
    expect(connection.state.phase).toBe('online');
  });

  it('stops when the session cannot be renewed, and waits when the renewal cannot be reached', async () => {
    refresh = async () => Promise.reject(new Fault('unavailable'));
    connection.start();
    await clock.advance(0);
    wires.last.refuse('unauthenticated');
    await clock.advance(0);
    expect(connection.state.phase).toBe('waiting');
    refresh = async () => Promise.reject(new Fault('unauthenticated'));
    await clock.advance(500);
    wires.last.refuse('unauthenticated');
    await clock.advance(0);
    expect(connection.state).toEqual({ phase: 'closed', reason: 'unauthenticated' });
  });

  it('leaves a draining node after what it asked for, once what is under way is answered', async () => {
    await online();
    const answer = connection.emit('typing', payload);
    await clock.advance(0);
    const first = wires.last;
    first.tell('draining', { retry_after_ms: 2_000 });
    expect(first.closed).toBe(false);
    first.answer({});
    expect(first.closed).toBe(true);
    await expect(answer).resolves.toEqual({});
    await clock.advance(1_999);
    expect(wires.all).toHaveLength(1);
    await clock.advance(501);
    expect(wires.last.origin).toBe('http://two');
  });

  it('waits no more than a second for the last answers of a draining node', async () => {
    await online();
    const unknown = expect(connection.emit('typing', payload)).rejects.toMatchObject({ code: 'timeout' });
    await clock.advance(0);
    wires.last.tell('draining', { retry_after_ms: 500 });
    await clock.advance(999);
    expect(wires.last.closed).toBe(false);
    await clock.advance(1);
    expect(wires.last.closed).toBe(true);
    await unknown;
  });

  it('stays away when the session has ended', async () => {
    await online();
    wires.last.tell('session_ended', { reason: 'ended elsewhere' });
    expect(connection.state).toEqual({ phase: 'closed', reason: 'ended elsewhere' });
    await clock.advance(60_000);
    expect(wires.all).toHaveLength(1);
    await expect(connection.emit('typing', payload)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('tells apart what was never sent and what may have happened', async () => {
    connection.start();
    const never = connection.emit('typing', payload, { timeoutMs: 100 });
    const neverSeen = expect(never).rejects.toMatchObject({ code: 'unavailable' });
    await clock.advance(100);
    await neverSeen;
    wires.last.open();
    const silent = expect(connection.emit('typing', payload)).rejects.toMatchObject({ code: 'timeout' });
    await clock.advance(5_000);
    await silent;
    const lost = expect(connection.emit('typing', payload)).rejects.toMatchObject({ code: 'timeout' });
    await clock.advance(0);
    wires.last.lose();
    await lost;
  });

  it('sends what waited for the connection, and passes Faults on', async () => {
    connection.start();
    const answer = connection.emit('typing', payload);
    await clock.advance(1_000);
    wires.last.open();
    await clock.advance(0);
    wires.last.refuseEvent({ code: 'rate_limited', message: 'slowly', retry_after_ms: 7 });
    await expect(answer).rejects.toMatchObject({ code: 'rate_limited', message: 'slowly', retry_after_ms: 7 });
  });

  it('hears events over reconnects, and nothing of a socket that it left', async () => {
    const heard: string[] = [];
    connection.on('typing', ({ member_id }) => heard.push(member_id));
    await online();
    const first = wires.last;
    first.tell('typing', { thread_id: threadId, member_id: 'a' });
    connection.networkLost();
    first.tell('typing', { thread_id: threadId, member_id: 'b' });
    connection.networkBack();
    wires.last.open();
    wires.last.tell('typing', { thread_id: threadId, member_id: 'c' });
    expect(heard).toEqual(['a', 'c']);
  });

  it('leaves a node that has fallen silent for the next, and hears every ping until then', async () => {
    await online();
    for (let n = 0; n < 10; n++) {
      await clock.advance(5_000);
      wires.last.ping();
    }
    await clock.advance(7_999);
    expect(connection.state.phase).toBe('online');
    await clock.advance(1);
    expect(connection.state.phase).toBe('waiting');
    expect(wires.all[0]?.closed).toBe(true);
    await clock.advance(250);
    expect(wires.last.origin).toBe('http://two');
    wires.last.open();
    await clock.advance(60_000);
    expect(connection.state.phase).toBe('online');
  });

  it('leaves sooner when an answer is missing too', async () => {
    await online();
    wires.last.ping();
    await clock.advance(1_000);
    const silent = expect(connection.emit('typing', payload)).rejects.toMatchObject({ code: 'timeout' });
    await clock.advance(4_999);
    expect(connection.state.phase).toBe('online');
    await clock.advance(1);
    await silent;
    expect(connection.state.phase).toBe('waiting');
  });

  it.each(['ping', 'event', 'answer'])('stays when only one answer is missing and there was a %s', async (sign) => {
    await online();
    const silent = expect(connection.emit('typing', payload, { timeoutMs: 7_000 })).rejects.toMatchObject({ code: 'timeout' });
    const answered = connection.emit('stop_typing', payload, { timeoutMs: 7_000 });
    answered.catch(() => undefined);
    await clock.advance(1_500);
    const stop = wires.last.sent.find((s) => s.event === 'stop_typing');
    if (sign === 'ping') wires.last.ping();
    if (sign === 'event') wires.last.tell('typing', { thread_id: threadId, member_id: 'a' });
    if (sign === 'answer') stop?.ack({ ok: true, data: {} });
    await clock.advance(5_500);
    await silent;
    expect(connection.state.phase).toBe('online');
  });

  it('comes back to a node that was too busy for it not before the time it was given', async () => {
    connection.start();
    await clock.advance(0);
    wires.last.refuse('overloaded', 4_000);
    const { state } = connection;
    expect(state.phase === 'waiting' && state.retry_at - clock.now()).toBe(5_000);
  });
});
