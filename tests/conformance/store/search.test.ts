import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IndexedRecord, Present, SearchPlace, SearchQuery, SearchRecord } from '../../../src/store/contracts.js';
import { backends, type OpenStore } from './backends.js';
import { found as foundIn, missed } from './languages.js';
import { anId, aSearchRecord } from './records.js';

describe.each(backends)('search in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const search = () => opened.store.search;

  /** What is there now, by id; indexing writes it as well. */
  const now = new Map<string, SearchRecord>();
  const present: Present = async (candidates) =>
    new Map(candidates.flatMap(({ id }) => (now.has(id) ? [[id, { text: now.get(id)!.text, rev: now.get(id)!.rev }]] : [])));
  const index = async (records: readonly SearchRecord[]): Promise<void> => {
    for (const record of records) if (record.rev >= (now.get(record.id)?.rev ?? 0)) now.set(record.id, record);
    await search().index(records);
  };
  const recordsOf = (hits: { candidate: { id: string } }[]): SearchRecord[] => hits.map(({ candidate }) => now.get(candidate.id)!);

  /** Indexes texts in a community of their own and answers a search that tells which were found, by position. */
  const among = async (texts: (string | Partial<SearchRecord>)[]) => {
    const community_id = anId();
    const records = texts.map((text, at) =>
      aSearchRecord({ community_id, created_at: 1_000 + at, seq: at + 1, ...(typeof text === 'string' ? { text } : text) }),
    );
    await index(records);
    const page = (q: string, query: Partial<SearchQuery> = {}, place: SearchPlace = { skip: 0 }, limit = 50) =>
      search().find({ kind: 'message', q, scopes: [community_id], ...query }, { place, limit }, present);
    const hits = async (q: string, query: Partial<SearchQuery> = {}, skip = 0, limit = 50) =>
      (await page(q, query, { skip }, limit)).hits.map((hit) => ({ ...hit, record: now.get(hit.candidate.id)! }));
    const found = async (q: string, query: Partial<SearchQuery> = {}) => (await hits(q, query)).map(({ record }) => record.seq - 1).sort();
    return { records, page, hits, found, community_id };
  };

  test('words are stemmed, all must occur, case and accents do not count', async () => {
    const { found } = await among(['Proving the theorems', 'a theorem was proved here', 'a theorem alone', 'Gödel was right', 'nothing']);
    expect(await found('theorem prove')).toEqual([0, 1]);
    expect(await found('THEOREMS')).toEqual([0, 1, 2]);
    expect(await found('godel')).toEqual([3]);
    expect(await found('GÖDEL')).toEqual([3]);
    expect(await found('the theorem was')).toEqual([]);
    expect(await found('a theorem was')).toEqual([1]);
    expect(await found('absent')).toEqual([]);
  });

  test('phrases stand in order, exclusions keep away', async () => {
    const { found } = await among(['type class inference', 'class of this type', 'type theory', 'to be or not to be', 'well-known facts']);
    expect(await found('"type class"')).toEqual([0]);
    expect(await found('type class')).toEqual([0, 1]);
    expect(await found('type -class')).toEqual([2]);
    expect(await found('type -"type class"')).toEqual([1, 2]);
    expect(await found('type -"class of" -theory')).toEqual([0]);
    expect(await found('"to be or not"')).toEqual([3]);
    expect(await found('"not to or"')).toEqual([]);
    expect(await found('well-known')).toEqual([4]);
    expect(await found('known well')).toEqual([4]);
    expect(await found('"unclosed class')).toEqual([]);
    expect(await found('"type class')).toEqual([0]);
  });

  test('nothing to look for finds nothing', async () => {
    const { found } = await among(['type', '-class', '* ? $']);
    for (const q of ['', '   ', '-type', '"', '""', '- -', '$', '***', '-"a b"']) expect(await found(q)).toEqual([]);
  });

  test('identifiers are found by their parts and whole', async () => {
    const { found } = await among([
      'use Nat.succ_le here',
      'nat and then succ',
      'foo_bar',
      'foo and bar',
      'an addCommGroup instance',
      'x ^ 2',
    ]);
    expect(await found('Nat.succ')).toEqual([0]);
    expect(await found('succ_le')).toEqual([0]);
    expect(await found('Nat.succ_le')).toEqual([0]);
    expect(await found('nat succ')).toEqual([0, 1]);
    expect(await found('foo_bar')).toEqual([2]);
    expect(await found('bar')).toEqual([2, 3]);
    expect(await found('AddCommGroup')).toEqual([4]);
    expect(await found('addcommgroup')).toEqual([4]);
    expect(await found('group')).toEqual([4]);
  });

  test('other scripts', async () => {
    const { found } = await among(['定理を証明する', '証明の定理', 'доказательство теоремы', 'ℝ is complete']);
    expect(await found('定理')).toEqual([0, 1]);
    expect(await found('証明する')).toEqual([0]);
    expect(await found('理定')).toEqual([]);
    expect(await found('Теоремы')).toEqual([2]);
    expect(await found('ℝ')).toEqual([3]);
  });

  test('many scripts and languages, emoji, hyphens, numbers, and words by their beginnings', async () => {
    const texts = [...new Set(foundIn.map(({ text }) => text))];
    const { found, page } = await among(texts);
    for (const { text, q } of foundIn) {
      expect([q, ...(await found(q))]).toContain(texts.indexOf(text));
      // Beside other texts too each is found once, and to the last one.
      const walked: string[] = [];
      for (let place: SearchPlace | null = { skip: 0 }; place; ) {
        const answer: Awaited<ReturnType<typeof page>> = await page(q, {}, place, 1);
        walked.push(...answer.hits.map(({ candidate }) => candidate.id));
        place = answer.next;
      }
      expect(new Set(walked).size).toBe(walked.length);
      expect(walked).toHaveLength((await found(q)).length);
    }
    for (const [text, q] of missed) expect(await (await among([text])).found(q)).toEqual([]);
  });

  test('the index tells of all its documents, page by page, and whether their terms are those of now', async () => {
    const { records } = await among(['one', 'two', 'three']);
    await search().remove([records[1]!]);
    const all: IndexedRecord[] = [];
    for (let after: string | null = null; ; ) {
      const some: IndexedRecord[] = await search().indexed(after, 100);
      all.push(...some);
      if (some.length < 100) break;
      after = some.at(-1)!.id;
    }
    expect(all.map(({ id }) => id)).toEqual([...new Set(all.map(({ id }) => id))].sort());
    const about = ({ id, community_id, thread_id, rev }: SearchRecord, kind: IndexedRecord['kind']) => ({
      ...{ id, community_id, thread_id, rev, kind },
      isCurrent: true,
    });
    expect(all).toEqual(
      expect.arrayContaining([about(records[0]!, 'message'), about(records[1]!, 'removed'), about(records[2]!, 'message')]),
    );
    // Some servers estimate it now and then.
    expect(await search().size()).toBeGreaterThanOrEqual(0);
  });

  test('filters by thread, author and time, and by kind', async () => {
    const [thread_id, author] = [anId(), anId()];
    const { found, hits, community_id } = await among([
      { text: 'lemma', thread_id },
      { text: 'lemma', author },
      { text: 'lemma', thread_id, author },
      { text: 'lemma', kind: 'thread' },
    ]);
    expect(await found('lemma')).toEqual([0, 1, 2]);
    expect(await found('lemma', { thread_id })).toEqual([0, 2]);
    expect(await found('lemma', { author })).toEqual([1, 2]);
    expect(await found('lemma', { author, thread_id })).toEqual([2]);
    expect(await found('lemma', { after: 1_001 })).toEqual([1, 2]);
    expect(await found('lemma', { before: 1_001 })).toEqual([0]);
    expect(await found('lemma', { after: 1_001, before: 1_002 })).toEqual([1]);
    expect(await found('lemma', { scopes: [anId()] })).toEqual([]);
    expect(await found('lemma', { scopes: [] })).toEqual([]);
    expect((await hits('lemma', { kind: 'thread' })).map(({ record }) => record.seq)).toEqual([4]);
    expect((await hits('lemma', { thread_id })).map(({ candidate }) => [candidate.scope, candidate.community_id])).toEqual([
      [community_id, community_id],
      [community_id, community_id],
    ]);
  });

  test('only the scopes that are named are looked in, few or many, also where most texts match', async () => {
    const scopes = Array.from({ length: 250 }, anId);
    const own = scopes.slice(0, 210);
    const records = Array.from({ length: 1_500 }, (_, at) =>
      aSearchRecord({
        community_id: scopes[at % scopes.length]!,
        created_at: 1_000 + Math.floor(at / 3),
        seq: at + 1,
        text: at % 50 === 7 ? 'seldom and often' : 'often',
      }),
    );
    await index(records);
    const newest = (q: string, places: readonly string[]) =>
      records
        .filter(({ scope, text }) => places.includes(scope) && text.includes(q))
        .sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1))
        .map(({ seq }) => seq);
    for (const places of [own, own.slice(0, 90), own.slice(0, 30), own.slice(0, 8), own.slice(0, 1), []]) {
      for (const q of ['seldom', 'often', 'absent']) {
        const walked: number[] = [];
        for (let place: SearchPlace | null = { skip: 0 }; place; ) {
          const page: Awaited<ReturnType<ReturnType<typeof search>['find']>> = await search().find(
            { kind: 'message', q, scopes: places },
            { place, limit: 100 },
            present,
          );
          walked.push(...recordsOf(page.hits).map(({ seq }) => seq));
          place = page.next;
        }
        const expected = newest(q, places);
        expect([...walked].sort((a, b) => a - b)).toEqual([...expected].sort((a, b) => a - b));
        // The ranked ones are the newest, and what follows them comes newest first.
        expect(walked.slice(300)).toEqual(expected.slice(300));
      }
    }
  });

  test('what is gone, changed or not for the asker is no hit, and takes no place of one', async () => {
    const { records, page, found } = await among(Array.from({ length: 12 }, (_, at) => (at % 3 ? 'hidden word' : 'open word')));
    const isHidden = ({ text }: SearchRecord): boolean => text.includes('hidden');
    const seen: Present = async (candidates) => {
      const all = await present(candidates);
      return new Map([...all].filter(([id]) => !isHidden(now.get(id)!)));
    };
    const { community_id } = records[0]!;
    const walk = async (limit: number, by: Present) => {
      const pages: number[][] = [];
      for (let place: SearchPlace | null = { skip: 0 }; place; ) {
        const answer: Awaited<ReturnType<typeof page>> = await search().find(
          { kind: 'message', q: 'word', scopes: [community_id] },
          { place, limit },
          by,
        );
        pages.push(recordsOf(answer.hits).map(({ seq }) => seq - 1));
        place = answer.next;
      }
      return pages;
    };
    expect(await walk(2, seen)).toEqual([
      [9, 6],
      [3, 0],
    ]);
    expect(await walk(4, seen)).toEqual([[9, 6, 3, 0]]);
    // Changed since, and the index does not know: what is said now counts.
    now.set(records[0]!.id, { ...records[0]!, text: 'another text', rev: 9 });
    now.set(records[3]!.id, { ...records[3]!, text: 'still a word', rev: 9 });
    now.delete(records[6]!.id);
    expect(await walk(1, seen)).toEqual([[9], [3]]);
    expect((await page('word')).hits.map(({ snippet }) => snippet)).toContain('still a «word»');
    expect(await found('another')).toEqual([]);
  });

  test('the best come first, then the newest; offset and limit count hits', async () => {
    const { hits, records } = await among([
      'ring',
      'a long text in which the word ring occurs but once among very many others that tell of something else altogether',
      'ring ring ring',
      'ring',
      'nothing',
    ]);
    const all = await hits('ring');
    expect(all.map(({ record }) => record.seq)).toEqual([3, 4, 1, 2]);
    expect(all[0]!.score).toBeGreaterThan(all[3]!.score);
    expect(all[0]!.record).toEqual(records[2]);
    expect((await hits('ring', {}, 1, 2)).map(({ record }) => record.seq)).toEqual([4, 1]);
    expect(await hits('ring', {}, 4, 10)).toEqual([]);
  });

  test('what matches far more often than is ranked is answered from the newest, and goes on with what is older', async () => {
    const texts = Array.from({ length: 1_000 }, (_, at) => ({
      text: at % 2 ? 'lean and more' : 'more lean',
      created_at: 1_000 + Math.floor(at / 7),
    }));
    const { hits, page } = await among(texts);
    const all = await hits('lean', {}, 0, 2_000);
    expect(all).toHaveLength(300);
    expect(Math.min(...all.map(({ record }) => record.seq))).toBeGreaterThan(690);
    const phrase = await hits('"more lean"', {}, 0, 2_000);
    expect(phrase).toHaveLength(300);
    expect(new Set(phrase.map(({ record }) => record.id)).size).toBe(300);
    expect(Math.min(...phrase.map(({ record }) => record.seq))).toBeGreaterThan(390);
    // What is older follows, newest first.
    const walked: SearchRecord[] = [];
    for (let place: SearchPlace | null = { skip: 0 }; place; ) {
      const answer: Awaited<ReturnType<typeof page>> = await page('lean', {}, place, 90);
      walked.push(...recordsOf(answer.hits));
      place = answer.next;
    }
    expect(new Set(walked.map(({ id }) => id)).size).toBe(1_000);
    expect(walked).toHaveLength(1_000);
    const times = walked.slice(300).map(({ created_at }) => created_at);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  test('the snippet marks what matched and is plain text', async () => {
    const filler = 'lorem ipsum dolor '.repeat(40);
    const { hits } = await among([
      'We proved <b>two</b> theorems,\nand one « lemma »',
      `${filler}the needles are here and a needle there ${filler}`,
      'see Nat.succ_le for this',
      `${'🎉'.repeat(300)} needless ${'🎉'.repeat(300)}`,
    ]);
    expect((await hits('theorem prove'))[0]?.snippet).toBe('We «proved» <b>two</b> «theorems», and one ‹ lemma ›');
    const snippet = (await hits('needle'))[0]!.snippet;
    expect(snippet).toMatch(/^….*the «needles» are here and a «needle» there.*…$/);
    expect(snippet.length).toBeLessThan(220);
    expect((await hits('Nat.succ'))[0]?.snippet).toBe('see «Nat.succ»_le for this');
    const emoji = (await hits('needless'))[0]!.snippet;
    expect(emoji).toContain('«needless»');
    expect(Buffer.from(emoji).toString()).toBe(emoji);
  });

  test('indexing again writes over, removing removes', async () => {
    const { records, found, community_id } = await among(['alpha', 'alpha beta', 'alpha gamma']);
    await index([
      { ...records[0]!, text: 'omega' },
      aSearchRecord({ ...records[1]!, text: 'beta' }),
      aSearchRecord({ ...records[1]!, text: 'delta' }),
    ]);
    expect(await found('alpha')).toEqual([2]);
    expect(await found('omega')).toEqual([0]);
    expect(await found('beta')).toEqual([]);
    expect(await found('delta')).toEqual([1]);
    await search().remove([records[0]!, aSearchRecord()]);
    expect(await found('omega')).toEqual([]);
    await search().removeByThread(records[1]!.thread_id);
    expect(await found('delta')).toEqual([]);
    expect(await found('gamma')).toEqual([2]);
    await search().removeByCommunity(community_id);
    expect(await found('gamma')).toEqual([]);
    await search().remove([]);
    await search().index([]);
  });

  test('what comes late changes nothing: neither over a later state nor over a removal', async () => {
    const { records, page, found, community_id } = await among([
      { text: 'alpha', rev: 5 },
      { text: 'alpha', rev: 5 },
      { text: 'alpha', rev: 5 },
    ]);
    const [edited, removed, again] = records as [SearchRecord, SearchRecord, SearchRecord];
    await index([{ ...edited, rev: 4, text: 'omega' }]);
    await search().remove([{ ...edited, rev: 4 }]);
    expect(await found('alpha')).toEqual([0, 1, 2]);
    await search().remove([
      { ...removed, rev: 7 },
      { ...again, rev: 7 },
    ]);
    await index([
      { ...removed, rev: 6, text: 'omega' },
      { ...again, rev: 8, text: 'omega' },
      { ...again, rev: 6, text: 'alpha' },
    ]);
    expect(await found('alpha')).toEqual([0]);
    expect(await found('omega')).toEqual([2]);
    // No search shows what a removal has left, not even one without a term that must occur.
    expect(await found('"alpha"')).toEqual([0]);
    expect((await page('"the"', { kind: 'thread' })).hits).toEqual([]);
    // One that came before its record, as a deletion does whose creation nobody has indexed.
    const never = aSearchRecord({ community_id, text: 'alpha', rev: 2, seq: 4 });
    await search().remove([{ ...never, rev: 3 }]);
    await index([never]);
    expect(await found('alpha')).toEqual([0]);
    // With the thread goes what was left of it.
    await search().removeByThread(removed.thread_id);
    now.delete(removed.id);
    await index([{ ...removed, rev: 1 }]);
    expect(await found('alpha')).toEqual([0, 1]);
  });

  test('progress never goes back and is kept by consumer', async () => {
    const [one, two] = [anId(), anId()];
    expect(await search().progress('search', [one, two])).toEqual(
      new Map([
        [one, { rev: 0, scope_since: 0 }],
        [two, { rev: 0, scope_since: 0 }],
      ]),
    );
    await search().setProgress('search', [
      { thread_id: one, rev: 4 },
      { thread_id: one, rev: 7 },
      { thread_id: one, rev: 5 },
    ]);
    await search().setProgress('search', [{ thread_id: one, rev: 6 }]);
    await search().setProgress('notify', [{ thread_id: two, rev: 2 }]);
    expect((await search().progress('search', [one, two])).get(one)?.rev).toBe(7);
    expect((await search().progress('search', [one, two])).get(two)?.rev).toBe(0);
    expect((await search().progress('notify', [two])).get(two)?.rev).toBe(2);
    expect(await search().progress('search', [])).toEqual(new Map());
    const third = anId();
    await Promise.all(Array.from({ length: 10 }, (_, at) => search().setProgress('search', [{ thread_id: third, rev: at }])));
    expect((await search().progress('search', [third])).get(third)?.rev).toBe(9);
    // As of a later scope it begins anew, and what is told as of an older one counts for nothing.
    for (const [rev, scope_since, expected] of [
      [5, 30, 5],
      [3, 30, 5],
      [99, 20, 5],
      [99, undefined, 5],
      [8, 30, 8],
      [0, 31, 0],
    ] as const) {
      await search().setProgress('search', [{ thread_id: third, rev, ...(scope_since && { scope_since }) }]);
      expect((await search().progress('search', [third])).get(third)).toEqual({
        rev: expected,
        scope_since: Math.max(30, scope_since ?? 0),
      });
    }
    await search().setProgress('search', [
      { thread_id: one, rev: 2, scope_since: 9 },
      { thread_id: one, rev: 100 },
    ]);
    expect((await search().progress('search', [one])).get(one)).toEqual({ rev: 2, scope_since: 9 });
    expect(await search().swept('search')).toBe(0);
    await search().setSwept('search', 1_234);
    expect(await search().swept('search')).toBe(1_234);
    expect(await search().swept('notify')).toBe(0);
  });
});
