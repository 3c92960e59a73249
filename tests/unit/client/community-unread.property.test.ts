import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CommunityView } from '../../../src/client/community-view.js';
import type { CommunityPort } from '../../../src/client/port.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import type { Thread } from '../../../src/protocol/resources.js';
import { noLedgers } from './no-ledgers.js';
import { hexId, ThreadModel } from './thread-model.js';

const communityId = hexId(1);
const joinedAt = Date.UTC(2026, 0, 1);

/** A thread as the server has it, with one member's mark in it. */
class ServerThread {
  /** Whether each is still there, and when it was said. */
  readonly messages: boolean[] = [];
  readonly times: number[] = [];
  rev = 0;
  mark = 0;

  constructor(readonly id: string) {}

  event(): Thread {
    return {
      ...new ThreadModel().thread,
      id: this.id,
      community_id: communityId,
      last_seq: this.messages.length,
      message_count: this.messages.filter(Boolean).length,
      head_rev: this.rev,
      last_activity: new Date(this.at).toISOString(),
      me: undefined,
    };
  }

  get at(): number {
    return Math.max(joinedAt - 1_000, ...this.times.filter((_, at) => this.messages[at]));
  }

  fresh(): Thread {
    const unread_count = this.messages.slice(this.mark).filter(Boolean).length;
    return { ...this.event(), me: { read_seq: this.mark, unread_count } };
  }

  say(now: number): void {
    this.messages.push(true);
    this.times.push(now);
    this.rev += 1;
  }

  remove(seq: number): void {
    if (!this.messages[seq - 1]) return;
    this.messages[seq - 1] = false;
    this.rev += 1;
  }
}

/** A view over a server of a few threads; answers are on their way for a while, and as old as they are then. */
class Scene {
  readonly clock = new FakeClock(joinedAt + 1_000);
  readonly threads = [1, 2, 3].map((n) => new ServerThread(hexId(10 + n)));
  asked = 0;
  view!: CommunityView;
  readonly #listeners = new Map<string, (payload: never) => void>();
  #heardRead: (threadId: string, seq: number) => void = () => undefined;
  #heardAllRead: (communityId: string | null, at: number) => void = () => undefined;

  /** `listed`: so many of the threads are in the first page. */
  async open(listed: number): Promise<this> {
    const community = { id: communityId, member_count: 3, me: { role: 'member', joined_at: new Date(joinedAt).toISOString() } };
    const nothing = () => () => undefined;
    const operations = {
      listThreads: async () => ({ items: this.threads.slice(0, listed).map((thread) => thread.fresh()), next_cursor: null }),
      listCommunityMembers: async () => ({ items: [], next_cursor: null }),
      getThread: async ({ thread_id }: { thread_id: string }) => {
        this.asked += 1;
        const answer = this.threads.find(({ id }) => id === thread_id)!.fresh();
        await this.clock.sleep(50);
        return answer;
      },
    };
    const port = {
      ...{ isOnline: true, memberId: hexId(2), clock: this.clock, random: () => 0.5, operations, onOnline: nothing, ledgers: noLedgers },
      emit: async () => ({ community }),
      on: (event: string, listener: (payload: never) => void) => {
        this.#listeners.set(event, listener);
        return () => undefined;
      },
      onRead: (listener: (threadId: string, seq: number) => void) => {
        this.#heardRead = listener;
        return () => undefined;
      },
      onAllRead: (listener: (community: string | null, at: number) => void) => {
        this.#heardAllRead = listener;
        return () => undefined;
      },
    };
    this.view = new CommunityView(communityId, port as unknown as CommunityPort);
    await this.view.ready();
    return this;
  }

  tell(thread: ServerThread): void {
    this.#listeners.get('thread_updated')?.({ thread: thread.event() } as never);
  }

  read(thread: ServerThread, seq: number): void {
    thread.mark = Math.max(thread.mark, seq);
    this.#heardRead(thread.id, seq);
  }

  readAll(): void {
    for (const thread of this.threads) thread.mark = thread.messages.length;
    this.#heardAllRead(communityId, this.clock.now());
  }

  shown(): unknown[] {
    return this.view.state.threads
      .map(({ id, last_seq, message_count, last_activity, me }) => [id, last_seq, message_count, last_activity, me?.unread_count])
      .sort();
  }

  truth(): unknown[] {
    const seen = new Set(this.view.state.threads.map(({ id }) => id));
    return this.threads
      .filter(({ id }) => seen.has(id))
      .map((thread) => thread.fresh())
      .map(({ id, last_seq, message_count, last_activity, me }) => [id, last_seq, message_count, last_activity, me?.unread_count])
      .sort();
  }
}

type Act =
  | { do: 'say'; of: number }
  | { do: 'tell'; of: number }
  | { do: 'read_all'; of: number }
  | { do: 'remove'; of: number; seq: number }
  | { do: 'read'; of: number; share: number }
  | { do: 'wait'; ms: number };

const of = fc.nat(2);
const acts = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('say' as const), of }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('remove' as const), of, seq: fc.integer({ min: 1, max: 12 }) }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('tell' as const), of }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), of, share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('read_all' as const), of }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(10, 60, 400) }) },
  ),
  { maxLength: 60, size: 'max' },
) as fc.Arbitrary<Act[]>;

it('events, and answers to what they leave open, make of a stale view what a fresh one is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 3 }), acts, async (listed, list) => {
      const scene = await new Scene().open(listed);
      for (const act of list) {
        await scene.clock.advance(5);
        if (act.do === 'wait') {
          await scene.clock.advance(act.ms);
          continue;
        }
        const thread = scene.threads[act.of]!;
        if (act.do === 'say') thread.say(scene.clock.now());
        else if (act.do === 'remove') thread.remove(act.seq);
        else if (act.do === 'tell') scene.tell(thread);
        else if (act.do === 'read_all') scene.readAll();
        else if (act.do === 'read') {
          // One reads what one's view shows.
          const known = scene.view.state.threads.find(({ id }) => id === thread.id);
          if (known) scene.read(thread, Math.floor(act.share * known.last_seq));
        }
      }
      for (const thread of scene.threads) scene.tell(thread);
      await scene.clock.advance(60_000);
      expect(scene.shown()).toEqual(scene.truth());
      scene.view.close();
    }),
    { numRuns: 200 },
  );
});

it('asks once for all that is told of a thread in a while, and not at all where events say enough', async () => {
  const scene = await new Scene().open(3);
  const [thread] = scene.threads;
  for (let n = 0; n < 10; n++) {
    thread!.say(scene.clock.now());
    scene.tell(thread!);
  }
  await scene.clock.advance(60_000);
  expect(scene.asked).toBe(0);
  for (let seq = 1; seq < 10; seq++) {
    thread!.remove(seq);
    scene.tell(thread!);
  }
  await scene.clock.advance(60_000);
  expect(scene.asked).toBe(1);
  expect(scene.shown()).toEqual(scene.truth());
});
