import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock } from '../../../src/kernel/clock.js';
import { newId } from '../../../src/kernel/ids.js';
import type { SearchPlace } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { formOf } from '../../../src/store/search/forms.js';
import { headFor, headsOf } from '../../../src/store/search/heads.js';
import { folded, stem } from '../../../src/store/search/stem.js';
import { found, missed } from '../../conformance/store/languages.js';
import { aSearchRecord } from '../../conformance/store/records.js';

const scope = newId(0);

/** What a search over some texts finds, page by page. */
const searching = async (texts: readonly string[]) => {
  const { search } = createMemoryStore({ clock: new FakeClock() });
  const records = texts.map((text, at) => aSearchRecord({ community_id: scope, text, created_at: 1_000 + at }));
  const textOf = new Map(records.map(({ id, text, rev }) => [id, { text, rev }]));
  await search.index(records);
  const page = (q: string, place: SearchPlace = { skip: 0 }, limit = 50) =>
    search.find(
      { kind: 'message', q, scopes: [scope] },
      { place, limit },
      async (some) => new Map(some.map(({ id }) => [id, textOf.get(id)!])),
    );
  const all = async (q: string, limit = 50): Promise<string[]> => {
    const walked: string[] = [];
    for (let place: SearchPlace | null = { skip: 0 }; place; ) {
      const { hits, next }: Awaited<ReturnType<typeof page>> = await page(q, place, limit);
      walked.push(...hits.map(({ text }) => text));
      place = next;
    }
    return walked;
  };
  return { page, all };
};

describe('what is found, by what', () => {
  test.each(found)('$language: $text by $q', async ({ text, q, mark }) => {
    const { page } = await searching([text, 'something else altogether']);
    const { hits, next } = await page(q);
    expect(hits.map((hit) => hit.text)).toEqual([text]);
    expect(next).toBeNull();
    expect(hits[0]!.snippet.replaceAll('»-«', '-').replaceAll('»‑«', '‑')).toContain(`«${mark}»`);
  });

  test.each(missed)('%s not by %s', async (text, q) => {
    const { all } = await searching([text]);
    expect(await all(q)).toEqual([]);
  });
});

describe('beginnings of words', () => {
  test('what has the word itself comes first, however old, and nothing comes twice', async () => {
    const whole = Array.from({ length: 7 }, (_, at) => `config number ${at}`);
    const longer = Array.from({ length: 7 }, (_, at) => `configuration number ${at}`);
    const { all } = await searching([...whole, ...longer]);
    for (const limit of [1, 2, 3, 7, 13, 14, 50]) {
      const walked = await all('config', limit);
      expect(new Set(walked).size).toBe(14);
      expect(walked).toHaveLength(14);
      expect(new Set(walked.slice(0, 7))).toEqual(new Set(whole));
    }
  });

  test('no page is empty, and the last one says so', async () => {
    const { page } = await searching(['config', 'configuration', 'other']);
    const first = await page('config', { skip: 0 }, 1);
    expect(first.hits).toHaveLength(1);
    const second = await page('config', first.next!, 1);
    expect(second).toMatchObject({ hits: [{ text: 'configuration' }], next: null });
    expect((await page('configuration', { skip: 0 }, 1)).next).toBeNull();
  });

  test('what comes while one turns the pages moves nothing', async () => {
    const { search } = createMemoryStore({ clock: new FakeClock() });
    const texts = new Map<string, { text: string; rev: number }>();
    const add = async (created_at: number) => {
      const record = aSearchRecord({ community_id: scope, text: 'word', created_at });
      texts.set(record.id, { text: record.text, rev: record.rev });
      await search.index([record]);
    };
    for (let at = 0; at < 340; at++) await add(1_000 + at);
    const ids: string[] = [];
    for (let place: SearchPlace | null = { skip: 0 }; place; ) {
      const page: Awaited<ReturnType<typeof search.find>> = await search.find(
        { kind: 'message', q: 'word', scopes: [scope] },
        { place, limit: 25 },
        async (some) => new Map(some.map(({ id }) => [id, texts.get(id)!])),
      );
      ids.push(...page.hits.map(({ candidate }) => candidate.id));
      place = page.next;
      await add(9_000 + ids.length);
    }
    expect(ids).toHaveLength(340);
    expect(new Set(ids).size).toBe(340);
  });

  const letters = fc.constantFrom(...'aeiouysxgndtlrp', 'é', 'ß', 'ø', '한', '국', 'д', 'ж', 'ك', '😀', '𞤀');
  const word = fc.array(letters, { minLength: 1, maxLength: 9 }).map((parts) => parts.join(''));

  test('a word stands under the head of each of its beginnings', () => {
    fc.assert(
      fc.property(word, fc.nat(), (text, cut) => {
        const whole = folded(text);
        const letterEnds = [...whole].map((_, at, all) => all.slice(0, at + 1).join('').length);
        if (letterEnds.length === 0) return;
        const beginning = whole.slice(0, letterEnds[cut % letterEnds.length]);
        const head = headFor(beginning, stem(beginning));
        if (head !== undefined) expect([...headsOf(formOf(text))]).toContain(head);
      }),
      { numRuns: 2_000 },
    );
  });

  test('words of one stem stand under the heads of each other', () => {
    const ending = fc.constantFrom(
      '',
      's',
      'es',
      'ed',
      'ing',
      'ly',
      'y',
      'ies',
      'ied',
      'e',
      'er',
      'ation',
      'ational',
      'ize',
      'ful',
      'ness',
      'ment',
    );
    fc.assert(
      fc.property(word, ending, ending, (base, one, other) => {
        const [asked, there] = [folded(base + one), base + other];
        if (stem(asked) !== stem(there)) return;
        const head = headFor(asked, stem(asked));
        if (head !== undefined) expect([...headsOf(formOf(there))]).toContain(head);
      }),
      { numRuns: 2_000 },
    );
  });
});
