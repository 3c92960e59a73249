import { beforeEach, describe, expect, it, test } from '@jest/globals';
import { PresenceHold } from '../../../src/gateway/socket/hints.js';
import { defaultMarks, nextStage, type ReaderStage } from '../../../src/gateway/socket/reader-stage.js';
import { type ReadingSocket, SlowReaders } from '../../../src/gateway/socket/slow-readers.js';
import { WriteBacklog } from '../../../src/gateway/socket/write-backlog.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { headsRoom, threadRoom } from '../../../src/protocol/rooms.js';

type Carried = { message?: { thread_id: string; rev: number }; thread_id?: string; head_rev?: number };

describe('stage', () => {
  const stage = (from: ReaderStage, packets: number, bytes: number, stillForMs = 0) =>
    nextStage(from, { packets, bytes }, stillForMs, defaultMarks);

  it('rises at once by packets or by bytes', () => {
    expect([stage('prompt', 256, 0), stage('prompt', 257, 0), stage('prompt', 1, 2 ** 18 + 1)]).toEqual(['prompt', 'slow', 'slow']);
    expect([stage('prompt', 1_025, 0), stage('slow', 1, 2 ** 20 + 1)]).toEqual(['behind', 'behind']);
    expect([stage('prompt', 4_097, 0), stage('behind', 1, 2 ** 22 + 1)]).toEqual(['lost', 'lost']);
  });

  it('falls only once everything has drained', () => {
    expect([stage('behind', 900, 0), stage('behind', 33, 0), stage('slow', 1, 33 * 1_024)]).toEqual(['behind', 'behind', 'slow']);
    expect([stage('behind', 32, 0), stage('slow', 0, 0), stage('lost', 0, 0)]).toEqual(['prompt', 'prompt', 'lost']);
  });

  it('is lost without movement, though little waits', () => {
    expect([stage('prompt', 1, 0, 15_000), stage('prompt', 0, 1, 15_000)]).toEqual(['lost', 'lost']);
    expect([stage('prompt', 0, 0, 60_000), stage('slow', 50, 0, 14_999)]).toEqual(['prompt', 'slow']);
  });
});

test('of each member in each room the newest presence is held, and not more than so many', () => {
  const hold = new PresenceHold(2);
  for (const [room, member_id, n] of [
    ['c:1', 'a', 1],
    ['c:1', 'b', 2],
    ['c:1', 'a', 3],
    ['c:2', 'a', 4],
  ] as const)
    hold.hold(room, { member_id, n });
  expect(hold.release()).toEqual([
    { room: 'c:1', payload: { member_id: 'a', n: 3 } },
    { room: 'c:2', payload: { member_id: 'a', n: 4 } },
  ]);
  expect(hold.size).toBe(0);
});

class FakeSocket {
  readonly rooms = new Set([threadRoom('t')]);
  readonly sent: unknown[] = [];
  readonly conn = { writeBuffer: [] as { data: string }[], transport: { socket: { bufferedAmount: 0 } } };

  constructor(readonly id: string) {}

  emit(...event: unknown[]): void {
    this.sent.push(event);
  }

  /** The transport takes everything. */
  flush(): void {
    this.conn.writeBuffer = [];
  }
}

test('what waits is counted once, queued and below', () => {
  const socket = new FakeSocket('1');
  const backlog = new WriteBacklog(socket as never);
  socket.conn.writeBuffer.push({ data: 'abc' });
  expect(backlog.waiting()).toEqual({ packets: 1, bytes: 3 });
  socket.conn.writeBuffer.push({ data: 'de' }, { options: { wsPreEncodedFrame: [new Uint8Array(2), new Uint8Array(8)] } } as never);
  socket.conn.transport.socket.bufferedAmount = 100;
  expect(backlog.waiting()).toEqual({ packets: 3, bytes: 115 });
  socket.flush();
  socket.conn.writeBuffer.push({ data: 'f' });
  expect(backlog.waiting()).toEqual({ packets: 1, bytes: 101 });
});

describe('slow readers', () => {
  let clock: FakeClock;
  let readers: SlowReaders;
  let reached: string[];
  let dropped: string[];
  let socket: FakeSocket;

  beforeEach(() => {
    clock = new FakeClock();
    reached = [];
    dropped = [];
    socket = new FakeSocket('1');
    readers = new SlowReaders({
      port: {
        reached: (stage) => void reached.push(stage),
        resynced: () => undefined,
        drop: ({ id }) => void dropped.push(id),
      },
      clock,
    });
    readers.start();
  });

  const asReading = (): ReadingSocket => socket as never;
  const publish = (event: string, payload: unknown, room = threadRoom('t')): boolean => {
    const { message, thread_id = message?.thread_id, head_rev: rev = message?.rev } = payload as Carried;
    const change = thread_id !== undefined && rev !== undefined ? { of: thread_id, rev } : undefined;
    if (!readers.admits(asReading(), { name: event, text: JSON.stringify([event, payload]), change }, room)) return false;
    socket.conn.writeBuffer.push({ data: JSON.stringify(payload) });
    readers.wrote(asReading());
    return true;
  };
  const change = (rev: number) => publish('new_message', { message: { thread_id: 't', rev } });

  it('remembers nothing of a reader that is prompt', async () => {
    change(1);
    expect(readers.crowded).toBe(1);
    socket.flush();
    await clock.advance(200);
    expect([readers.crowded, reached]).toEqual([0, []]);
  });

  it('does not take the burst of one turn for a slow reader, unless it is beyond all measure', async () => {
    for (let rev = 1; rev <= 4_096; rev++) expect(change(rev)).toBe(true);
    socket.flush();
    await clock.advance(200);
    expect(reached).toEqual(['slow', 'prompt']);
    for (let rev = 1; rev <= 4_097; rev++) change(rev);
    expect(reached).toEqual(['slow', 'prompt', 'slow', 'behind']);
  });

  it('sends a resync only for rooms that the reader is still in', async () => {
    change(1);
    await clock.advance(0);
    for (let rev = 2; rev <= 1_025; rev++) change(rev);
    expect(change(1_026)).toBe(false);
    expect(publish('new_message', { message: { thread_id: 'left', rev: 7 } }, threadRoom('left'))).toBe(false);
    expect(publish('resync', { thread_id: 't', head_rev: 2_000 })).toBe(false);
    expect(publish('community_updated', {})).toBe(true);
    socket.flush();
    await clock.advance(200);
    expect(socket.sent).toEqual([['resync', { thread_id: 't', head_rev: 2_000 }]]);
    expect(reached).toEqual(['slow', 'behind', 'prompt']);
    expect(change(1_027)).toBe(true);
  });

  it('makes withheld changes of a ledger good by its head, in rooms that the reader is still in', async () => {
    const ledger = (rev: number, name = 'me', room = 'l:me:1'): boolean => {
      const event = { name: 'ledger_changed', text: '["ledger_changed",{}]', change: { of: name, rev } };
      return readers.admits(asReading(), event, room);
    };
    socket.rooms.add('l:me:1');
    change(1);
    await clock.advance(0);
    for (let rev = 2; rev <= 300; rev++) change(rev);
    expect([reached, ledger(4)]).toEqual([['slow'], true]);
    for (let rev = 301; rev <= 1_025; rev++) change(rev);
    expect([ledger(5), ledger(7), ledger(6), ledger(3, 'thread:x', 'l:thread:x')]).toEqual([false, false, false, false]);
    socket.flush();
    await clock.advance(200);
    expect(socket.sent).toEqual([['ledger_changed', { ledger: 'me', after_rev: 7, head_rev: 7, items: [] }]]);
    expect(ledger(8)).toBe(true);
  });

  it('leaves out heads first, and one without any tells the reader later to ask for all, unless it hears none any more', async () => {
    const heads = (room: string) => publish('thread_heads', { heads: [{}] }, headsRoom(room));
    socket.rooms.add(headsRoom('a')).add(headsRoom('b'));
    for (const still of [true, false]) {
      change(1);
      await clock.advance(0);
      for (let rev = 2; rev <= 300; rev++) expect(change(rev)).toBe(true);
      expect([heads('b'), heads('a')]).toEqual([false, false]);
      if (!still) socket.rooms.delete(headsRoom('a'));
      socket.flush();
      await clock.advance(200);
    }
    expect(socket.sent).toEqual([['thread_heads', { community_id: 'a', heads: [] }]]);
    expect(heads('a')).toBe(true);
  });

  it('drops a reader that takes nothing for 15 s, once, and not one that takes a little', async () => {
    change(1);
    for (let n = 0; n < 100; n++) {
      socket.conn.transport.socket.bufferedAmount = n % 2;
      await clock.advance(1_000);
    }
    expect(dropped).toEqual([]);
    await clock.advance(16_000);
    expect(dropped).toEqual(['1']);
    expect(publish('notification', {})).toBe(false);
    readers.gone(socket);
    await clock.advance(60_000);
    expect(dropped).toEqual(['1']);
  });
});
