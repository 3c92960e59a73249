import { EventEmitter } from 'node:events';
import { beforeEach, expect, test } from '@jest/globals';
import { ShardedChannels } from '../../../src/gateway/socket/sharded-channels.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { createLogger } from '../../../src/kernel/logger.js';

interface Call {
  command: string;
  channel: string;
  resolve(): void;
  reject(error: Error): void;
}

/** A connection whose answers the test gives. */
class FakeConnection extends EventEmitter {
  status = 'connecting';
  readonly calls: Call[] = [];
  #call(command: string, ...channels: string[]): Promise<unknown> {
    const channel = channels.join();
    return new Promise((resolve, reject) => this.calls.push({ command, channel, resolve: () => resolve(1), reject }));
  }
  ssubscribe = (...channels: string[]) => this.#call('ssubscribe', ...channels);
  sunsubscribe = (...channels: string[]) => this.#call('sunsubscribe', ...channels);
  spublish = (channel: string) => this.#call('spublish', channel);
  open(): void {
    this.status = 'ready';
    this.emit('ready');
  }
  lose(): void {
    this.status = 'close';
    this.emit('close');
  }
  take(): Call[] {
    return this.calls.splice(0);
  }
}

let clock: FakeClock;
let pub: FakeConnection;
let sub: FakeConnection;
let channels: ShardedChannels;
let lines: string[];
let restored: number;
let received: string[];
const handler = (message: Buffer): void => void received.push(message.toString());
const turn = () => new Promise((resolve) => setImmediate(resolve));
const settled = async <T>(promise: Promise<T>): Promise<T | 'waits'> => {
  await turn();
  return Promise.race([promise, Promise.resolve('waits' as const)]);
};

beforeEach(() => {
  clock = new FakeClock();
  pub = new FakeConnection();
  sub = new FakeConnection();
  lines = [];
  restored = 0;
  received = [];
  const logger = createLogger({ level: 'debug', node: 'test' }, { write: (line: string) => void lines.push(line) });
  channels = new ShardedChannels({ pub, sub, clock, logger, maxUnderWay: 3 });
  channels.onRestored(() => {
    restored++;
  });
});

test('a subscription is effective when Redis has answered it', async () => {
  sub.open();
  channels.sSubscribe('a', handler);
  const effective = channels.effective('a', 1_000);
  expect(await settled(effective)).toBe('waits');
  sub.take()[0]!.resolve();
  expect(await effective).toBe(true);
  expect(await channels.effective('a', 1_000)).toBe(true);
  expect(await channels.effective('other', 1_000)).toBe(false);
});

test('waiting ends with the time, and with the subscription', async () => {
  sub.open();
  channels.sSubscribe('a', handler);
  const late = channels.effective('a', 1_000);
  await clock.advance(1_000);
  expect(await late).toBe(false);
  const ended = channels.effective('a', 1_000);
  channels.sUnsubscribe('a');
  expect(await ended).toBe(false);
});

test('an old subscription’s answer does not make a new one effective', async () => {
  sub.open();
  channels.sSubscribe('a', handler);
  await turn();
  channels.sUnsubscribe('a');
  channels.sSubscribe('a', handler);
  await turn();
  const [first, gaveUp, second] = sub.take();
  expect([first, gaveUp, second].map((call) => call!.command)).toEqual(['ssubscribe', 'sunsubscribe', 'ssubscribe']);
  first!.resolve();
  const effective = channels.effective('a', 1_000);
  expect(await settled(effective)).toBe('waits');
  second!.resolve();
  expect(await effective).toBe(true);
});

test('what was subscribed to before there is a connection, or lost with it, is subscribed to again', async () => {
  channels.sSubscribe('a', handler);
  channels.sSubscribe('b', handler);
  expect(sub.take()).toEqual([]);
  sub.open();
  for (const call of sub.take()) call.resolve();
  await turn();
  expect([channels.connected, restored]).toEqual([true, 0]);
  sub.lose();
  channels.sUnsubscribe('b');
  channels.sSubscribe('c', handler);
  expect([channels.connected, sub.take()]).toEqual([false, []]);
  const effective = channels.effective('a', 1_000);
  expect(await settled(effective)).toBe('waits');
  sub.open();
  expect(sub.calls.map((call) => call.channel)).toEqual(['a,c']);
  for (const call of sub.take()) call.resolve();
  expect(await effective).toBe(true);
  await turn();
  expect(restored).toBe(1);
});

test('what comes and goes in one turn goes in few commands, and ends as it was asked for last', async () => {
  sub.open();
  for (let n = 0; n < 1_200; n++) channels.sSubscribe(`many ${n}`, handler);
  channels.sUnsubscribe('many 7');
  await turn();
  const sent = sub.take();
  const all = sent.filter((call) => call.command === 'ssubscribe').map((call) => call.channel.split(','));
  expect(all.map((some) => some.length)).toEqual([500, 500, 199]);
  expect(all.flat()).not.toContain('many 7');
  for (const call of sent) call.resolve();
  await turn();
  expect(await channels.effective('many 1199', 1_000)).toBe(true);
  for (let n = 0; n < 1_200; n++) channels.sUnsubscribe(`many ${n}`);
  channels.sSubscribe('many 3', handler);
  await turn();
  expect(sub.take().map((call) => [call.command, call.channel.split(',').length])).toEqual([
    ['sunsubscribe', 500],
    ['sunsubscribe', 500],
    ['sunsubscribe', 199],
    ['ssubscribe', 1],
  ]);
});

test('what was asked for in the turn in which the connection is lost is asked for when there is another', async () => {
  sub.open();
  channels.sSubscribe('a', handler);
  sub.lose();
  await turn();
  expect(sub.take()).toEqual([]);
  sub.open();
  await turn();
  expect(sub.take().map((call) => call.channel)).toEqual(['a']);
});

test('a refused subscription is tried again', async () => {
  sub.open();
  channels.sSubscribe('a', handler);
  await turn();
  sub.take()[0]!.reject(new Error('LOADING'));
  await clock.advance(1_000);
  sub.take()[0]!.resolve();
  expect(await channels.effective('a', 1_000)).toBe(true);
});

test('a connection that is lost again while subscribing restores nothing', async () => {
  channels.sSubscribe('a', handler);
  sub.open();
  sub.take()[0]!.resolve();
  await turn();
  sub.lose();
  sub.open();
  const [stale] = sub.take();
  sub.lose();
  stale!.resolve();
  await turn();
  expect(restored).toBe(0);
  expect(await settled(channels.effective('a', 1_000))).toBe('waits');
});

test('publishing answers at once and never rejects; too many under way are dropped', async () => {
  for (let n = 0; n < 5; n++) expect(await channels.sPublish('a', 'x')).toBe(0);
  const [first, second] = pub.calls;
  expect(pub.calls).toHaveLength(3);
  first!.resolve();
  second!.reject(new Error('closed'));
  await turn();
  await channels.sPublish('a', 'x');
  await channels.sPublish('a', 'x');
  await channels.sPublish('a', 'x');
  expect(pub.calls).toHaveLength(5);
  // Answers of a lost connection may never come.
  pub.lose();
  await channels.sPublish('a', 'x');
  expect(pub.calls).toHaveLength(6);
  expect(lines.filter((line) => line.includes('were not published'))).toHaveLength(1);
});

test('a handler that throws harms nobody', () => {
  sub.open();
  channels.sSubscribe('bad', () => {
    throw new Error('a defect');
  });
  channels.sSubscribe('good', handler);
  sub.emit('smessageBuffer', Buffer.from('bad'), Buffer.from('1'));
  sub.emit('smessageBuffer', Buffer.from('good'), Buffer.from('2'));
  sub.emit('smessageBuffer', Buffer.from('unknown'), Buffer.from('3'));
  expect(received).toEqual(['2']);
  expect(lines.join('')).toContain('a defect');
});

test('a listener that throws does not keep others from hearing', async () => {
  channels = new ShardedChannels({ pub, sub, clock, logger: createLogger({ level: 'silent', node: 't' }) });
  let heard = 0;
  channels.onRestored(() => {
    throw new Error('a defect');
  });
  channels.onRestored(() => {
    heard++;
  });
  sub.open();
  await turn();
  sub.lose();
  sub.open();
  await turn();
  expect(heard).toBe(1);
});
