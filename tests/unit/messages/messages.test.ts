import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ActorSystem, Address, Message } from '../../../src/actors/runtime/actor.js';
import type { Caller } from '../../../src/catalogue/caller.js';
import type { Places } from '../../../src/catalogue/ports.js';
import { Messages } from '../../../src/features/messages/messages.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { idFromName } from '../../../src/kernel/ids.js';
import { bounds } from '../../../src/protocol/primitives.js';
import type { Store } from '../../../src/store/contracts.js';

const thread = idFromName('thread', 't');
const caller: Caller = {
  member_id: idFromName('m', 'ada'),
  session_id: 's',
  is_admin: false,
  token_expires_at: Number.MAX_SAFE_INTEGER,
  address: 'a',
  request_id: 'r',
};
let asked: { to: Address; message: Message & Record<string, unknown> }[];
let lookups: string[][];
let lookupMs: number;
let members: Map<string, string>;
let stored: Map<string, string>;
let reads: string[];
let enter: Places['enter'];
let clock: FakeClock;
let messages: Messages;

beforeEach(() => {
  asked = [];
  lookups = [];
  lookupMs = 0;
  reads = [];
  enter = () => undefined;
  stored = new Map();
  members = new Map(['ada', 'bob', 'dot.', 'eve'].map((name) => [name, `id-${name}`]));
  clock = new FakeClock();
  const actors: ActorSystem = {
    tell: () => undefined,
    ask: (async (to: Address, message: Message & Record<string, unknown>) => {
      asked.push({ to, message });
      return { message: { id: message.message_id }, created: true };
    }) as never,
  };
  const store = {
    members: {
      idsByUsernames: async (names: string[]) => {
        lookups.push(names);
        if (lookupMs > 0) await clock.sleep(lookupMs);
        return new Map(names.flatMap((name) => (members.has(name) ? [[name, members.get(name)!] as const] : [])));
      },
    },
    threads: {
      byId: async () => {
        reads.push('thread');
        return null;
      },
    },
    messages: {
      byId: async (messageId: string) => {
        reads.push(messageId);
        return stored.has(messageId) ? { thread_id: stored.get(messageId) } : null;
      },
    },
  } as unknown as Store;
  messages = new Messages({ actors, store, clock, places: { enter: (place, member) => enter(place, member) } });
});

const send = (content: string, more = {}) => messages.send(caller, { thread_id: thread, content, ...more });
const mentions = async (content: string): Promise<unknown> => {
  await send(content);
  return asked.at(-1)!.message.mentions;
};

describe('mentions', () => {
  const named = async (content: string): Promise<unknown> => {
    await send(content);
    return asked.at(-1)!.message.mention_names;
  };

  test('cost nothing where no name can be', async () => {
    for (const content of ['hello', 'a @ b', '@', 'at 5@', '@你好']) expect(await mentions(content)).toEqual([]);
    expect(lookups).toEqual([]);
    expect(asked.every(({ message }) => message.mention_names === undefined)).toBe(true);
  });

  test('are the members of these names, a name with its full stop first, each once and with its name as it was written', async () => {
    expect(await mentions('@ada and @nobody, @bob.')).toEqual(['id-ada', 'id-bob']);
    expect(await mentions('I mean @dot.')).toEqual(['id-dot.']);
    expect(await mentions('@Bob, @ADA and @ada.')).toEqual(['id-bob', 'id-ada']);
    expect(await named('@Bob, @ADA and @ada.')).toEqual(['bob', 'ada']);
    expect(await named('`@bob` and @nobody')).toBeUndefined();
  });

  test('are those who have these names now, whoever had them a moment ago', async () => {
    expect(await mentions('@ada @new')).toEqual(['id-ada']);
    members.set('new', 'id-new');
    members.set('anna', members.get('ada')!);
    members.set('ada', 'id-other');
    expect(await mentions('@ada @new')).toEqual(['id-other', 'id-new']);
    expect(await named('@ada @anna')).toEqual(['ada', 'anna']);
  });

  test('are up to a hundred people; a text that names more is refused with the figures', async () => {
    const names = Array.from({ length: 101 }, (_, i) => `p${i}`);
    for (const name of names) members.set(name, `id-${name}`);
    const text = (count: number): string => `${names.slice(0, count).join(' @')} @nobody @p0 @gone`.replace(/^/, '@');
    expect(await mentions(text(100))).toHaveLength(100);
    const refused = {
      code: 'validation_failed',
      errors: [{ path: 'content', message: `names 101 people; at most ${bounds.mentions} may be named` }],
    };
    await expect(send(text(101))).rejects.toMatchObject(refused);
    stored.set('m1', thread);
    await expect(messages.edit(caller, { message_id: 'm1', content: text(101) })).rejects.toMatchObject(refused);
    expect(asked).toHaveLength(1);
  });
});

describe('send', () => {
  test('asks the thread, with what is absent filled in', async () => {
    await send('hello');
    expect(asked).toEqual([
      {
        to: { kind: 'thread', key: thread },
        message: {
          ...{ type: 'send', by: caller.member_id, content: 'hello', reply_to: null, attachments: [], mentions: [] },
          ...{ message_id: expect.stringMatching(/^[0-9a-f]{24}$/), nonce: expect.stringMatching(/^[\x21-\x7e]{1,64}$/) },
        },
      },
    ]);
    const attachments = [{ url: 'https://example.org/a', name: 'a' }];
    await send('again', { nonce: 'mine', reply_to: thread, attachments });
    expect(asked[1]!.message).toMatchObject({ nonce: 'mine', reply_to: thread, attachments });
  });

  test('keeps the order of the calls, whatever has to be looked up', async () => {
    lookupMs = 100;
    const sent = [send('1 @bob'), send('2'), send('3 @eve'), send('4 @bob'), send('5')];
    await clock.advance(1_000);
    await Promise.all(sent);
    expect(asked.map((a) => String(a.message.content)[0])).toEqual(['1', '2', '3', '4', '5']);
  });

  test('a failed look-up fails its own message alone', async () => {
    members.get = () => {
      members.get = Map.prototype.get;
      throw new Fault('unavailable');
    };
    const sent = await Promise.allSettled([send('1 @bob'), send('2'), send('3 @eve')]);
    expect(sent.map((s) => s.status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(asked.map((a) => String(a.message.content)[0])).toEqual(['2', '3']);
  });
});

describe('what names a message by its id', () => {
  test('goes to its thread, looked up once', async () => {
    stored.set('m1', thread);
    await messages.edit(caller, { message_id: 'm1', content: 'hi @bob' });
    await messages.delete(caller, { message_id: 'm1' });
    await messages.react(caller, { message_id: 'm1', emoji: '👍', add: false });
    expect(asked).toEqual([
      {
        to: { kind: 'thread', key: thread },
        message: { type: 'edit', by: caller.member_id, message_id: 'm1', content: 'hi @bob', mentions: ['id-bob'], mention_names: ['bob'] },
      },
      { to: { kind: 'thread', key: thread }, message: { type: 'delete', by: caller.member_id, message_id: 'm1' } },
      { to: { kind: 'thread', key: thread }, message: { type: 'react', by: caller.member_id, message_id: 'm1', emoji: '👍', add: false } },
    ]);
    expect(reads).toEqual(['m1']);
  });

  test('is not looked up at all when it was sent here', async () => {
    const { message } = await send('hello');
    await messages.delete(caller, { message_id: message.id });
    expect(reads).toEqual([]);
  });

  test('of a closed thread costs whoever may not view it what one costs that never was, known before or not', async () => {
    stored.set('m1', thread);
    enter = async () => {
      reads.push('thread');
      throw new Fault('not_found');
    };
    const costs: string[][] = [];
    for (const message_id of ['never', 'm1', 'm2']) {
      reads = [];
      if (message_id === 'm2') stored.set('m2', thread);
      for (const act of [
        () => messages.edit(caller, { message_id, content: 'x' }),
        () => messages.edit(caller, { message_id, content: '@ada' }),
        () => messages.delete(caller, { message_id }),
        () => messages.react(caller, { message_id, emoji: '❤️', add: true }),
      ]) {
        await expect(act()).rejects.toMatchObject({ code: 'not_found' });
      }
      costs.push(reads.map((read) => (read === 'thread' ? read : 'message')).sort());
    }
    expect(costs[1]).toEqual(costs[0]);
    expect(costs[2]).toEqual(costs[0]);
    expect(asked).toEqual([]);
  });

  test('is not_found when there is none, and asked for again next time', async () => {
    await expect(messages.edit(caller, { message_id: 'm1', content: 'x' })).rejects.toMatchObject({ code: 'not_found' });
    stored.set('m1', thread);
    await messages.edit(caller, { message_id: 'm1', content: 'x' });
    expect(asked).toHaveLength(1);
  });
});

test('catching up is handed on', async () => {
  await messages.sync(caller, { thread_id: thread, after_rev: 3 });
  expect(asked.map((a) => a.message)).toEqual([{ type: 'sync', by: caller.member_id, after_rev: 3 }]);
});
