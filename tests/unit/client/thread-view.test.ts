import { beforeEach, describe, expect, it } from '@jest/globals';
import { holeMs } from '../../../src/client/catch-up.js';
import { Listeners } from '../../../src/client/listeners.js';
import type { Draft, HistoryPlace, ThreadPort } from '../../../src/client/port.js';
import { ThreadView } from '../../../src/client/thread-view.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import type { Message } from '../../../src/protocol/resources.js';
import { contents, me, other, type Sent, ThreadModel, threadId } from './thread-model.js';

/** Stands in for client and server: answers from a model after 10 ms, and records what it was asked. */
class FakePort {
  readonly clock = new FakeClock();
  readonly random = () => 0.5;
  memberId = me;
  isOnline = true;
  readonly asked: { event: string; payload: Record<string, unknown> }[] = [];
  readonly model = new ThreadModel();
  readonly read: number[] = [];
  readonly readAtLast: number[] = [];
  readonly allRead = new Listeners<[string | null, number]>();
  fail: Fault[] = [];
  failHistory: Fault[] = [];
  page = 200;
  sending: (draft: Draft) => Promise<Message> = async (draft) => this.model.create(me, draft.content, draft.nonce ?? null).payload.message;
  readonly #heard = new Map<string, Listeners<[unknown]>>();
  readonly #online = new Listeners<[boolean]>();

  on(event: string, listener: (payload: never) => void): () => void {
    if (!this.#heard.has(event)) this.#heard.set(event, new Listeners());
    return this.#heard.get(event)!.add(listener as (payload: unknown) => void);
  }

  onOnline(listener: (online: boolean) => void): () => void {
    return this.#online.add(listener);
  }

  onAllRead(listener: (communityId: string | null, at: number) => void): () => void {
    return this.allRead.add(listener);
  }

  async emit(event: string, payload: Record<string, unknown>): Promise<unknown> {
    this.asked.push({ event, payload });
    await this.clock.sleep(10);
    if (!this.isOnline) throw new Fault('timeout');
    const fault = this.fail.shift();
    if (fault) throw fault;
    const after = payload.after_rev as number | undefined;
    if (event === 'join_thread' && after === undefined) return this.model.join(me, 50);
    if (event === 'join_thread') return { ...this.model.join(me, 0), ...this.model.changes(me, after!, this.page) };
    if (event === 'sync_thread') return this.model.changes(me, after!, this.page);
    return {};
  }

  async history(_id: string, place: HistoryPlace, limit: number) {
    this.asked.push({ event: 'history', payload: { ...place } });
    await this.clock.sleep(10);
    const fault = this.failHistory.shift();
    if (fault) throw fault;
    const all = this.model.all(me);
    const end = 'before_seq' in place ? place.before_seq - 1 : all.length;
    const start =
      'after_seq' in place ? place.after_seq : 'around_seq' in place ? Math.max(0, place.around_seq - 1 - limit / 2) : end - limit;
    const from = 'around_seq' in place ? Math.max(0, Math.min(start, all.length - limit)) : Math.max(0, start);
    const to = 'before_seq' in place ? end : from + limit;
    return { items: all.slice(from, to), next_cursor: from > 0 ? 'more' : null };
  }

  async send(_id: string, draft: Draft): Promise<Message> {
    await this.clock.sleep(10);
    return this.sending(draft);
  }

  noteRead(_id: string, seq: number): void {
    this.read.push(seq);
  }

  async markReadAtLast(_id: string, seq: number): Promise<void> {
    this.readAtLast.push(seq);
    if (!this.isOnline) throw new Fault('unavailable');
  }

  tell(name: string, payload: unknown): void {
    this.#heard.get(name)?.tell(payload);
  }

  hear(sent: Sent | null): void {
    if (sent) this.tell(sent.name, sent.payload);
  }

  connect(online: boolean): void {
    this.isOnline = online;
    this.#online.tell(online);
  }

  get events(): string[] {
    return this.asked.map(({ event }) => event);
  }
}

let port: FakePort;
const open = (): ThreadView => new ThreadView(threadId, port as unknown as ThreadPort);
beforeEach(() => {
  port = new FakePort();
});

describe('thread view', () => {
  it('joins, and is live with the newest page', async () => {
    port.model.create(other, 'a');
    const view = open();
    expect(view.status).toBe('catching_up');
    const ready = view.ready();
    await port.clock.advance(10);
    await ready;
    expect([view.status, contents(view.state.messages)]).toEqual(['live', ['a']]);
  });

  it('gives a late event a moment, and fetches what does not come', async () => {
    const view = open();
    await port.clock.advance(10);
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((text) => port.model.create(other, text));
    port.hear(b!);
    expect(view.status).toBe('catching_up');
    await port.clock.advance(holeMs - 1);
    port.hear(a!);
    expect(view.status).toBe('live');
    await port.clock.advance(1_000);
    expect(port.events).toEqual(['join_thread']);
    port.hear(d!);
    await port.clock.advance(holeMs + 10);
    expect(port.asked.at(-1)).toEqual({ event: 'sync_thread', payload: { thread_id: threadId, after_rev: 2 } });
    expect(contents(view.state.messages)).toEqual(['a', 'b', 'c', 'd']);
    port.hear(c!);
    expect(view.state.rev).toBe(4);
  });

  it('follows a resync only when it is behind', async () => {
    const view = open();
    await port.clock.advance(10);
    port.model.create(other, 'silent');
    port.tell('resync', { thread_id: threadId, head_rev: 0 });
    await port.clock.advance(1_000);
    expect(port.events).toEqual(['join_thread']);
    port.tell('resync', { thread_id: threadId, head_rev: 1 });
    await port.clock.advance(10);
    expect([view.status, contents(view.state.messages)]).toEqual(['live', ['silent']]);
  });

  it('catches up after an absence, over several pages and through failures', async () => {
    const view = open();
    await port.clock.advance(10);
    port.connect(false);
    expect(view.status).toBe('offline');
    for (let i = 0; i < 25; i++) port.model.create(other, `${i}`);
    port.model.remove(3);
    port.page = 10;
    port.fail = [new Fault('overloaded', undefined, { retry_after_ms: 100 })];
    port.connect(true);
    const ready = view.ready();
    await port.clock.advance(5_000);
    await ready;
    expect(port.events).toEqual(['join_thread', 'join_thread', 'join_thread', 'sync_thread', 'sync_thread']);
    expect(view.state.messages).toEqual(port.model.all(me));
  });

  it('starts afresh when it is far behind, and when the history behind it is another', async () => {
    const view = open();
    await port.clock.advance(10);
    port.connect(false);
    for (let i = 0; i < 1_500; i++) port.model.create(other, `${i}`);
    port.connect(true);
    await port.clock.advance(100);
    expect(port.events).toEqual(['join_thread', 'join_thread', 'join_thread']);
    expect([view.status, view.state.rev, view.state.messages.length]).toEqual(['live', 1_500, 50]);
    port.connect(false);
    port.model.stored.length = 3;
    port.model.rev = 3;
    port.connect(true);
    await port.clock.advance(100);
    expect([view.status, view.state.rev, contents(view.state.messages)]).toEqual(['live', 3, ['0', '1', '2']]);
  });

  it('believes the server in the end when a rev that was heard of never comes', async () => {
    const view = open();
    await port.clock.advance(10);
    port.tell('resync', { thread_id: threadId, head_rev: 7 });
    await port.clock.advance(60_000);
    expect(view.status).toBe('live');
    expect(port.asked.length).toBeLessThan(10);
  });

  it('is gone when the server says so', async () => {
    port.fail = [new Fault('not_found')];
    const view = open();
    const ready = expect(view.ready()).rejects.toMatchObject({ code: 'not_found' });
    await port.clock.advance(10_000);
    await ready;
    expect([view.status, port.events.length]).toEqual(['gone', 1]);
  });

  it('sends in order, shows what waits, and retries under the same nonce', async () => {
    const view = open();
    await port.clock.advance(10);
    const nonces: (string | undefined)[] = [];
    const works = port.sending;
    port.sending = async (draft) => {
      nonces.push(draft.nonce);
      throw new Fault('timeout');
    };
    const first = expect(view.send({ content: 'one' })).rejects.toMatchObject({ code: 'timeout' });
    const second = expect(view.send({ content: 'two' })).rejects.toMatchObject({ code: 'timeout' });
    expect(view.state.pending.map((send) => [send.content, send.fault])).toEqual([
      ['one', null],
      ['two', null],
    ]);
    await port.clock.advance(50);
    await Promise.all([first, second]);
    expect(view.state.pending.map((send) => send.fault?.code)).toEqual(['timeout', 'timeout']);
    port.sending = (draft) => {
      nonces.push(draft.nonce);
      return works(draft);
    };
    const retry = view.retry(view.state.pending[0]!.nonce);
    await port.clock.advance(50);
    await retry;
    expect(nonces[2]).toBe(nonces[0]);
    expect(contents(view.state.messages)).toEqual(['one']);
    view.discard(view.state.pending[0]!.nonce);
    expect(view.state.pending).toEqual([]);
  });

  it('shows who types, until told, until a message, or until it has been long enough', async () => {
    const view = open();
    await port.clock.advance(10);
    const types = (): void => port.tell('typing', { thread_id: threadId, member_id: other });
    types();
    expect(view.typing).toEqual([other]);
    port.tell('stop_typing', { thread_id: threadId, member_id: other });
    expect(view.typing).toEqual([]);
    types();
    port.hear(port.model.create(other, 'done'));
    expect(view.typing).toEqual([]);
    types();
    await port.clock.advance(8_000);
    expect(view.typing).toEqual([]);
    port.tell('typing', { thread_id: threadId, member_id: me });
    expect(view.typing).toEqual([]);
  });

  it('throttles what it tells of itself, and never reads backwards', async () => {
    const view = open();
    await port.clock.advance(10);
    for (let i = 0; i < 5; i++) view.noteTyping();
    view.markRead(3);
    view.markRead(5);
    view.markRead(4);
    await port.clock.advance(2_000);
    view.noteTyping();
    view.stopTyping();
    view.stopTyping();
    expect(port.asked.slice(1).map(({ event, payload }) => [event, payload.seq])).toEqual([
      ['typing', undefined],
      ['mark_read', 5],
      ['stop_typing', undefined],
    ]);
    expect(view.readSeq).toBe(5);
    expect(port.read).toEqual([3, 5]);
  });

  it('sends a read mark that waits at once when the page may end, and once', async () => {
    const view = open();
    await port.clock.advance(10);
    view.flush();
    view.markRead(3);
    view.markRead(5);
    view.flush();
    view.flush();
    await port.clock.advance(5_000);
    expect([port.readAtLast, port.events]).toEqual([[5], ['join_thread']]);
    // The page went on all the same, and lost its connection.
    view.markRead(7);
    port.connect(false);
    view.flush();
    expect(port.readAtLast).toEqual([5, 7]);
    port.connect(true);
    view.markRead(9);
    await port.clock.advance(1_000);
    view.flush();
    expect(port.asked.at(-1)).toEqual({ event: 'mark_read', payload: { thread_id: threadId, seq: 9 } });
    expect(port.readAtLast).toEqual([5, 7]);
  });

  it('is read when all is marked as read, in its community or everywhere, and tells nobody again', async () => {
    for (let i = 1; i <= 4; i++) port.model.create(other, `${i}`);
    const view = open();
    await port.clock.advance(10);
    port.allRead.tell('another', port.clock.now());
    expect(view.readSeq).toBe(0);
    port.allRead.tell(port.model.thread.community_id, port.clock.now());
    expect(view.readSeq).toBe(4);
    port.hear(port.model.create(other, 'more'));
    expect(view.readSeq).toBe(4);
    port.allRead.tell(null, port.clock.now());
    expect(view.readSeq).toBe(5);
    await port.clock.advance(5_000);
    expect(port.events).toEqual(['join_thread']);
  });

  it('knows what is left unread of it, however that was read', async () => {
    for (let i = 1; i <= 9; i++) port.model.create(other, `${i}`);
    const view = open();
    await port.clock.advance(10);
    const own = () => view.state.thread?.me;
    expect(own()).toEqual({ read_seq: 0, unread_count: 9 });
    view.markRead(2);
    expect(own()).toEqual({ read_seq: 2, unread_count: 7 });
    port.tell('read_receipt', { thread_id: threadId, member_id: me, seq: 5 });
    expect(own()).toEqual({ read_seq: 5, unread_count: 4 });
    port.allRead.tell('another', port.clock.now());
    expect(own()).toEqual({ read_seq: 5, unread_count: 4 });
    port.allRead.tell(port.model.thread.community_id, port.clock.now());
    expect(own()).toEqual({ read_seq: 9, unread_count: 0 });
    // An answer that was under way does not know of it.
    port.connect(false);
    port.model.create(other, 'more');
    port.connect(true);
    await port.clock.advance(10);
    expect(own()).toEqual({ read_seq: 9, unread_count: 1 });
    port.allRead.tell(null, port.clock.now());
    expect(own()).toEqual({ read_seq: 10, unread_count: 0 });
  });

  it('loads older messages, and says when there are none left', async () => {
    for (let i = 1; i <= 120; i++) port.model.create(other, `${i}`);
    const view = open();
    await port.clock.advance(10);
    const page = async (): Promise<boolean> => {
      const loading = view.loadOlder();
      await port.clock.advance(20);
      return loading;
    };
    expect([await page(), view.state.messages.length]).toEqual([true, 100]);
    expect([await page(), view.state.messages.length]).toEqual([false, 120]);
  });

  describe('far from its newest messages', () => {
    const asked = () => port.asked.filter(({ event }) => event === 'history').map(({ payload }) => payload);
    const seqs = (view: ThreadView) => {
      const { messages } = view.state.excerpt ?? view.state;
      return [messages[0]?.seq, messages.at(-1)?.seq];
    };
    const long = async (): Promise<ThreadView> => {
      for (let i = 1; i <= 5_000; i++) port.model.create(other, `${i}`);
      const view = open();
      await port.clock.advance(10);
      return view;
    };

    it('is read around a message by one request, and on from there in both directions', async () => {
      const view = await long();
      const around = view.loadAround(2_000);
      await port.clock.advance(10);
      await around;
      expect([asked(), seqs(view)]).toEqual([[{ around_seq: 2_000 }], [1_950, 2_049]]);
      const older = view.loadOlder();
      await port.clock.advance(10);
      expect([await older, seqs(view)]).toEqual([true, [1_900, 2_049]]);
      void view.loadNewer();
      await port.clock.advance(10);
      expect(seqs(view)).toEqual([1_900, 2_099]);
      expect(asked().slice(1)).toEqual([{ before_seq: 1_950 }, { after_seq: 2_049 }]);
      view.leaveExcerpt();
      expect(seqs(view)).toEqual([4_951, 5_000]);
    });

    it('shows nothing of what was asked for before one went back to the newest', async () => {
      const view = await long();
      void view.loadAround(2_000);
      view.leaveExcerpt();
      await port.clock.advance(10);
      expect([view.state.excerpt, view.state.aside, seqs(view)]).toEqual([null, null, [4_951, 5_000]]);
    });

    it('waits for a load that is under way, and says when its own fails', async () => {
      const view = await long();
      void view.loadOlder();
      const around = view.loadAround(2_000);
      await port.clock.advance(20);
      await around;
      expect(seqs(view)).toEqual([1_950, 2_049]);
      port.failHistory = [new Fault('unavailable')];
      const failed = expect(view.loadAround(7)).rejects.toMatchObject({ code: 'unavailable' });
      await port.clock.advance(10);
      await failed;
      expect(seqs(view)).toEqual([1_950, 2_049]);
    });

    it('is read again when the thread had to begin anew', async () => {
      const view = await long();
      void view.loadAround(2_000);
      await port.clock.advance(10);
      port.connect(false);
      port.model.edit(2_010, 'edited while away');
      for (let i = 0; i < 1_500; i++) port.model.create(other, 'more');
      port.connect(true);
      await port.clock.advance(1_000);
      expect(view.status).toBe('live');
      expect(view.state.messages.at(-1)?.seq).toBe(6_500);
      expect(view.state.excerpt?.messages).toEqual(port.model.all(me).slice(1_949, 2_049));
    });
  });

  it('tells lists of threads what was read on another device', async () => {
    for (const text of ['a', 'b']) port.model.create(other, text);
    port.model.readSeq = 2;
    open();
    await port.clock.advance(10);
    expect(port.read).toEqual([2]);
  });

  it('sends nothing for whoever signs in after its writer', async () => {
    const view = open();
    await port.clock.advance(10);
    const sent: string[] = [];
    port.sending = async (draft) => {
      sent.push(draft.content);
      throw new Fault('unauthenticated');
    };
    const first = expect(view.send({ content: 'under way' })).rejects.toMatchObject({ code: 'unauthenticated' });
    const second = expect(view.send({ content: 'behind it' })).rejects.toMatchObject({ code: 'unauthenticated' });
    await port.clock.advance(0);
    port.memberId = other;
    await port.clock.advance(20);
    await Promise.all([first, second]);
    expect(sent).toEqual(['under way']);
  });

  it('leaves', async () => {
    const view = open();
    await port.clock.advance(10);
    view.close();
    port.hear(port.model.create(other, 'unheard'));
    await port.clock.advance(60_000);
    expect(port.events).toEqual(['join_thread', 'leave_thread']);
    expect(view.state.messages).toEqual([]);
  });
});
