import { beforeEach, describe, expect, test } from '@jest/globals';
import { communityIdOf, formerIdOf, memberIdOf, threadIdOf, threadName } from '../../../scripts/import/identity.js';
import { Importer, type ImportOptions } from '../../../scripts/import/importer.js';
import { findStewards } from '../../../scripts/import/stewards.js';
import type { Import } from '../../../src/actors/domain/thread/messages.js';
import type { ActorSystem, Address, Message } from '../../../src/actors/runtime/actor.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import type { MemberRecord, Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';

interface Written {
  community?: string;
  thread?: string;
  author?: string;
  at?: string;
  content?: string;
}
const line = (w: Written): string =>
  JSON.stringify({ community: 'Lean', thread: 'T', author: 'Ada', at: '2020-01-01T00:00:00.000Z', content: 'hello', ...w });

let store: Store;
let clock: FakeClock;
/** What threads got, by thread id. */
let sent: Map<string, Import['items']>;
let recounted: string[];
let rejected: { line: number; reason: string }[];

const actors: Pick<ActorSystem, 'ask'> = {
  ask: (async (to: Address, message: Message) => {
    if (message.type === 'recount') {
      recounted.push(to.key);
      return null;
    }
    const { items } = message as Import;
    const there = sent.get(to.key) ?? [];
    sent.set(to.key, there);
    const fresh = items.filter((item) => !there.some((known) => known.nonce === item.nonce && known.author === item.author));
    there.push(...fresh);
    return { stored: fresh.length, known: items.length - fresh.length };
  }) as ActorSystem['ask'],
};

const importing = (texts: readonly (string | null)[], more: Partial<ImportOptions> = {}) =>
  new Importer({
    store,
    actors,
    clock,
    lines: (async function* () {
      for (const [i, text] of texts.entries()) {
        const at = { number: i + 1, bytes: i };
        yield text === null ? { ...at, text, reason: 'is too long' } : { ...at, text };
      }
    })(),
    reject: (number, reason) => rejected.push({ line: number, reason }),
    ...more,
  }).run();

beforeEach(() => {
  clock = new FakeClock();
  store = createMemoryStore({ clock });
  sent = new Map();
  recounted = [];
  rejected = [];
});

test('makes members, communities, threads and memberships, and sends the messages in order', async () => {
  const summary = await importing([
    line({ content: 'first', author: 'Ada' }),
    line({ content: 'second', author: 'Ben Büchi', at: '2020-01-02T00:00:00.000Z' }),
    line({ content: 'elsewhere', thread: 'U', author: 'Ben Büchi' }),
  ]);
  expect(summary).toEqual({
    stored: 3,
    known: 0,
    rejected: 0,
    made: { members: 2, communities: 1, threads: 2 },
    owners: { given: 0, kept: 0 },
    lastLine: 3,
    complete: true,
  });
  const lean = communityIdOf('Lean');
  expect(await store.communities.byId(lean)).toMatchObject({
    name: 'Lean',
    is_public: true,
    created_by: memberIdOf('Ada'),
    created_at: Date.UTC(2020, 0, 1),
  });
  expect(await store.threads.byId(threadIdOf('Lean', 'U'))).toMatchObject({
    title: 'U',
    community_id: lean,
    created_by: memberIdOf('Ben Büchi'),
  });
  expect(await store.members.byId(memberIdOf('Ada'))).toMatchObject({
    username: 'Ada',
    full_name: 'Ada',
    password_hash: null,
    is_active: true,
    reopen_until: null,
    signed_out: null,
  });
  expect(await store.members.byId(memberIdOf('Ben Büchi'))).toMatchObject({
    username: expect.stringMatching(/^Ben_Buchi-[0-9a-f]{8}$/),
    full_name: 'Ben Büchi',
  });
  expect(await store.communities.byId(lean)).toMatchObject({ owner_id: memberIdOf('Ada') });
  for (const name of ['Ada', 'Ben Büchi'])
    expect(await store.memberships.get(lean, memberIdOf(name))).toMatchObject({ role: 'member', state: 'active' });
  expect(sent.get(threadIdOf('Lean', 'T'))?.map((item) => [item.content, item.author, item.at])).toEqual([
    ['first', memberIdOf('Ada'), Date.UTC(2020, 0, 1)],
    ['second', memberIdOf('Ben Büchi'), Date.UTC(2020, 0, 2)],
  ]);
  expect(recounted).toEqual([lean]);
});

test('again: nothing twice; equal lines are each real', async () => {
  const texts = [line({}), line({}), line({ content: 'other' }), line({})];
  expect(await importing(texts)).toMatchObject({ stored: 4, known: 0 });
  expect(await importing(texts)).toMatchObject({ stored: 0, known: 4, made: { members: 0, communities: 0, threads: 0 } });
  expect(sent.get(threadIdOf('Lean', 'T'))).toHaveLength(4);
});

test('a username that somebody has gives way, whatever its case', async () => {
  const taken: MemberRecord = {
    id: 'f'.repeat(24),
    username: 'ADA',
    email: 'ada@example.org',
    password_hash: 'x',
    full_name: null,
    avatar_url: null,
    bio: null,
    joined_at: 1,
    is_active: true,
    reopen_until: null,
    signed_out: null,
    presence: { state: 'offline', text: null, last_active_at: null, fresh_until: 0 },
  };
  await store.members.insert(taken);
  await importing([line({})]);
  expect((await store.members.byId(memberIdOf('Ada')))?.username).toMatch(/^Ada-[0-9a-f]{8}$/);
  expect((await store.members.byUsername('ada'))?.id).toBe(taken.id);
});

test('mentions of members that are there are found, others are text', async () => {
  await importing([line({ author: 'ben' }), line({ content: 'what does @ben say? and @nobody' })]);
  expect(sent.get(threadIdOf('Lean', 'T'))?.[1]).toMatchObject({ mentions: [memberIdOf('ben')], mention_names: ['ben'] });
});

test('bad lines are told by number and harm nothing', async () => {
  const summary = await importing([line({}), '{"community"', null, line({ content: '' }), line({ content: 'last' })]);
  expect(summary).toMatchObject({ stored: 2, rejected: 3, lastLine: 5, complete: true });
  expect(rejected.map((r) => r.line)).toEqual([2, 3, 4]);
});

test('what was deleted in Parley stays deleted', async () => {
  await importing([line({}), line({ thread: 'U' }), line({ community: 'Other' })]);
  await store.threads.update(threadIdOf('Lean', 'T'), { deleted_at: 1 });
  await store.communities.update(communityIdOf('Other'), { deleted_at: 1 });
  const again = await importing([
    line({ content: 'new' }),
    line({ thread: 'U', content: 'new' }),
    line({ community: 'Other', thread: 'new' }),
  ]);
  expect(again).toMatchObject({ stored: 1, rejected: 2 });
  expect(await store.threads.byId(threadIdOf('Other', 'new'))).toBeNull();
});

test('memberships that are there stay as they are', async () => {
  await importing([line({}), line({ author: 'Ben' })]);
  const ben = (await store.memberships.get(communityIdOf('Lean'), memberIdOf('Ben')))!;
  await store.memberships.put({ ...ben, state: 'banned', version: ben.version + 1 });
  await importing([line({}), line({ author: 'Ben' })]);
  expect((await store.memberships.get(communityIdOf('Lean'), memberIdOf('Ben')))?.state).toBe('banned');
});

test('interrupted: what was read is finished, and it says where it stopped', async () => {
  const stop = new AbortController();
  const lines = async function* () {
    for (let number = 1; number <= 10; number++) {
      if (number === 5) stop.abort();
      yield { number, text: line({ content: `m${number}` }), bytes: number };
    }
  };
  expect(await importing([], { lines: lines(), signal: stop.signal })).toMatchObject({ stored: 4, lastLine: 4, complete: false });
  expect(await importing(Array.from({ length: 10 }, (_, i) => line({ content: `m${i + 1}` })))).toMatchObject({
    stored: 6,
    known: 4,
    complete: true,
  });
  expect(sent.get(threadIdOf('Lean', 'T'))?.map((item) => item.content)).toEqual(Array.from({ length: 10 }, (_, i) => `m${i + 1}`));
});

describe('one person, thread and community under all spellings of the name', () => {
  test.each<[string, string, string]>([
    ['composed and decomposed', 'Jos\u00e9', 'Jose\u0301'],
    ['a space behind', 'Ann', 'Ann '],
    ['a space before, of another kind', 'Ann', '\u00a0Ann'],
    ['two spaces within', 'Ann Lee', 'Ann  Lee'],
    ['case', 'Ann', 'ANN'],
    ['sharp s', 'Groß', 'GROSS'],
    ['width', 'Ann', 'Ａｎｎ'],
    ['a space of no width', 'Ann', 'A\u200bnn'],
    ['joiner', 'می\u200cخواهم', 'میخواهم'],
  ])('%s', async (_what, one, other) => {
    const name = one.trim();
    const summary = await importing([
      line({ community: one, thread: one, author: one, content: 'first' }),
      line({ community: other, thread: other, author: other, content: 'second' }),
    ]);
    expect(summary).toMatchObject({ stored: 2, rejected: 0, made: { members: 1, communities: 1, threads: 1 } });
    expect(memberIdOf(other)).toBe(memberIdOf(one));
    // What is shown is the first spelling.
    const plain = name.replaceAll('\u200c', '');
    expect([name, plain]).toContain((await store.members.byId(memberIdOf(one)))?.full_name);
    expect([name, plain]).toContain((await store.threads.byId(threadIdOf(one, one)))?.title);
    // A later run finds them under either.
    expect(await importing([line({ community: other, thread: other, author: other, content: 'third' })])).toMatchObject({
      stored: 1,
      made: { members: 0, communities: 0, threads: 0 },
    });
  });

  test('other names stay others', async () => {
    const names = ['Ann', 'Anna', 'An n', 'Аnn', '!', '?', '🚀', '🎉', '1', '2'];
    expect(await importing(names.map((author) => line({ author })))).toMatchObject({ made: { members: names.length } });
  });
});

test('what an import of an earlier release has made keeps its id, and the same archive stores nothing twice', async () => {
  const texts = [line({ author: 'Ada L', thread: 'Big T' }), line({ author: 'ben', thread: 'small' })];
  await importing(texts);
  // As it would be had it been made by names as they are.
  const former = {
    member: formerIdOf('member', 'Ada L'),
    thread: formerIdOf('thread', threadName('Lean', 'Big T')),
    community: formerIdOf('community', 'Lean'),
  };
  const earlier = createMemoryStore({ clock });
  const rename = new Map([
    [memberIdOf('Ada L'), former.member],
    [threadIdOf('Lean', 'Big T'), former.thread],
    [communityIdOf('Lean'), former.community],
  ]);
  const renamed = <T>(value: T): T =>
    JSON.parse(JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'string' ? (rename.get(inner) ?? inner) : inner))) as T;
  await earlier.members.putMissing(renamed(await store.members.byIds(['Ada L', 'ben'].map(memberIdOf))));
  await earlier.communities.insert(renamed((await store.communities.byId(communityIdOf('Lean')))!));
  await earlier.threads.putMissing(renamed(await store.threads.byIds(['Big T', 'small'].map((title) => threadIdOf('Lean', title)))));
  sent = new Map([...sent].map(([thread, items]) => [rename.get(thread) ?? thread, renamed(items)]));
  store = earlier;
  expect(await importing(texts)).toMatchObject({ stored: 0, known: 2, made: { members: 0, communities: 0, threads: 0 } });
  // In one run with the name of before, another spelling of it is the same person.
  const both = [line({ author: 'Ada L', thread: 'Big T' }), line({ author: 'ada l', thread: 'BIG T', community: 'lean', content: 'more' })];
  expect(await importing(both)).toMatchObject({ stored: 1, known: 1, made: { members: 0, communities: 0, threads: 0 } });
  expect(sent.get(former.thread)?.map(({ author }) => author)).toEqual([former.member, former.member]);
});

describe('who tends what is imported', () => {
  const aMember = (id: string, username: string, patch: Partial<MemberRecord> = {}): MemberRecord => ({
    id: id.repeat(24),
    username,
    email: `${username}@example.org`,
    password_hash: 'x',
    full_name: null,
    avatar_url: null,
    bio: null,
    joined_at: 1,
    is_active: true,
    reopen_until: null,
    signed_out: null,
    presence: { state: 'offline', text: null, last_active_at: null, fresh_until: 0 },
    ...patch,
  });

  test('the owner that was named owns them, administrators are moderators', async () => {
    await store.members.insert(aMember('d', 'olga'));
    await store.members.insert(aMember('e', 'root'));
    await store.members.insert(aMember('b', 'gone', { is_active: false }));
    const stewards = await findStewards(store.members, '@Olga', ['e'.repeat(24), 'b'.repeat(24), 'c'.repeat(24)]);
    expect(stewards).toEqual({ owner: 'd'.repeat(24), moderators: ['e'.repeat(24)] });
    expect(await importing([line({}), line({ community: 'Other' })], { stewards })).toMatchObject({ owners: { given: 0, kept: 0 } });
    for (const name of ['Lean', 'Other']) {
      expect(await store.communities.byId(communityIdOf(name))).toMatchObject({ owner_id: 'd'.repeat(24), created_by: memberIdOf('Ada') });
      for (const id of ['d', 'e'])
        expect(await store.memberships.get(communityIdOf(name), id.repeat(24))).toMatchObject({ role: 'moderator', state: 'active' });
    }
    expect(new Set(recounted)).toEqual(new Set([communityIdOf('Lean'), communityIdOf('Other')]));
  });

  test.each<[string, string, RegExp]>([
    ['nobody', 'nobody', /there is no member with the name "nobody"; nothing was stored/],
    ['no name', ' @', /there is no member/],
    ['imported', 'ghost', /ghost cannot sign in; nothing was stored/],
    ['closed', 'gone', /gone cannot sign in/],
  ])('%s as the owner is refused', async (_what, name, says) => {
    await store.members.insert(aMember('a', 'ghost', { password_hash: null }));
    await store.members.insert(aMember('b', 'gone', { is_active: false }));
    await expect(findStewards(store.members, name, [])).rejects.toThrow(says);
  });

  test('communities of an earlier import are handed over, unless their owner can sign in', async () => {
    await importing([line({}), line({ community: 'Other' }), line({ community: 'Deleted' })]);
    await store.communities.update(communityIdOf('Deleted'), { deleted_at: 1 });
    const asked: unknown[] = [];
    const asking: Pick<ActorSystem, 'ask'> = {
      ask: (async (to: Address, message: Message, options: never) => {
        if (message.type !== 'hand_over') return actors.ask(to, message as never, options);
        asked.push([to.key, message]);
        if (to.key === communityIdOf('Other')) throw new Fault('forbidden', 'This is for its owner');
        return null;
      }) as ActorSystem['ask'],
    };
    const owner = 'd'.repeat(24);
    const texts = [line({}), line({ community: 'Other' }), line({ community: 'Deleted' })];
    const again = await importing(texts, { actors: asking, stewards: { owner, moderators: [] } });
    expect(again.owners).toEqual({ given: 1, kept: 1 });
    const handOver = { type: 'hand_over', by: owner, is_admin: true, member_id: owner };
    expect(new Map(asked as [string, unknown][])).toEqual(
      new Map([
        [communityIdOf('Lean'), handOver],
        [communityIdOf('Other'), handOver],
      ]),
    );
  });
});
