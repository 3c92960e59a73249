import { beforeEach, describe, expect, test } from '@jest/globals';
import { communityIdOf, formerIdOf, memberIdOf, threadIdOf, threadName } from '../../../scripts/import/identity.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { ImportWorld, line } from './world.js';

let world: ImportWorld;
beforeEach(() => {
  world = new ImportWorld();
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
    const summary = await world.importing([
      line({ community: one, thread: one, author: one, content: 'first' }),
      line({ community: other, thread: other, author: other, content: 'second' }),
    ]);
    expect(summary).toMatchObject({ stored: 2, rejected: 0, made: { members: 1, communities: 1, threads: 1 } });
    expect(memberIdOf(other)).toBe(memberIdOf(one));
    // What is shown is the first spelling.
    const plain = name.replaceAll('\u200c', '');
    expect([name, plain]).toContain((await world.store.members.byId(memberIdOf(one)))?.full_name);
    expect([name, plain]).toContain((await world.store.threads.byId(threadIdOf(one, one)))?.title);
    // A later run finds them under either.
    expect(await world.importing([line({ community: other, thread: other, author: other, content: 'third' })])).toMatchObject({
      stored: 1,
      made: { members: 0, communities: 0, threads: 0 },
    });
  });

  test('other names stay others', async () => {
    const names = ['Ann', 'Anna', 'An n', 'Аnn', '!', '?', '🚀', '🎉', '1', '2'];
    expect(await world.importing(names.map((author) => line({ author })))).toMatchObject({ made: { members: names.length } });
  });
});

test('what an import of an earlier release has made keeps its id, and the same archive stores nothing twice', async () => {
  const texts = [line({ author: 'Ada L', thread: 'Big T' }), line({ author: 'ben', thread: 'small' })];
  await world.importing(texts);
  // As it would be had it been made by names as they are.
  const former = {
    member: formerIdOf('member', 'Ada L'),
    thread: formerIdOf('thread', threadName('Lean', 'Big T')),
    community: formerIdOf('community', 'Lean'),
  };
  const earlier = createMemoryStore({ clock: world.clock });
  const rename = new Map([
    [memberIdOf('Ada L'), former.member],
    [threadIdOf('Lean', 'Big T'), former.thread],
    [communityIdOf('Lean'), former.community],
  ]);
  const renamed = <T>(value: T): T =>
    JSON.parse(JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'string' ? (rename.get(inner) ?? inner) : inner))) as T;
  await earlier.members.putMissing(renamed(await world.store.members.byIds(['Ada L', 'ben'].map(memberIdOf))));
  await earlier.communities.insert(renamed((await world.store.communities.byId(communityIdOf('Lean')))!));
  await earlier.threads.putMissing(renamed(await world.store.threads.byIds(['Big T', 'small'].map((title) => threadIdOf('Lean', title)))));
  world.sent = new Map([...world.sent].map(([thread, items]) => [rename.get(thread) ?? thread, renamed(items)]));
  world.store = earlier;
  expect(await world.importing(texts)).toMatchObject({ stored: 0, known: 2, made: { members: 0, communities: 0, threads: 0 } });
  // In one run with the name of before, another spelling of it is the same person.
  const both = [line({ author: 'Ada L', thread: 'Big T' }), line({ author: 'ada l', thread: 'BIG T', community: 'lean', content: 'more' })];
  expect(await world.importing(both)).toMatchObject({ stored: 1, known: 1, made: { members: 0, communities: 0, threads: 0 } });
  expect(world.sent.get(former.thread)?.map(({ author }) => author)).toEqual([former.member, former.member]);
});
