import { expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { type SnapshotPlace, snapshotPart } from '../../../../src/actors/ledger/snapshot.js';
import { ledgerBounds } from '../../../../src/protocol/ledgers.js';
import type { LedgerItemRecord } from '../../../../src/store/contracts.js';
import { MemoryLedgers } from '../../../../src/store/memory/ledgers.js';

const name = 'community:1';
const item = (kind: string, key: number, rev: number): LedgerItemRecord => ({ ledger: name, kind, key: `k${key}`, rev, value: key });

/** All pages of a snapshot, with `perPage` items at most. `between` is called before each but the first. */
const pagesOf = async (
  ledgers: MemoryLedgers,
  windowed: readonly string[],
  { perPage = ledgerBounds.page, between }: { perPage?: number; between?: () => Promise<void> } = {},
): Promise<LedgerItemRecord[][]> => {
  const pages: LedgerItemRecord[][] = [];
  for (let at: SnapshotPlace | null = { start: 1, kind: '', key: '' }; at !== null; ) {
    if (pages.length > 0) await between?.();
    // As it travels in a cursor.
    const place = JSON.parse(JSON.stringify(at)) as SnapshotPlace;
    const part = await snapshotPart({ name, windowed }, ledgers, place, (items) => Math.min(items.length, perPage));
    if (part.next !== null) expect(part.items.length).toBeGreaterThan(0);
    pages.push(part.items);
    at = part.next;
  }
  return pages;
};

const nameOf = ({ kind, key }: LedgerItemRecord): string => `${kind} ${key}`;

test('of a windowed kind a snapshot has the newest 1,000, newest first, and all of every other', async () => {
  const ledgers = new MemoryLedgers();
  const threads = Array.from({ length: 1_700 }, (_, at) => item('thread', at, 10 + at));
  const others = [item('community', 1, 1), item('role', 1, 2), item('zebra', 1, 3)];
  await ledgers.project(name, 2_000, [...others, ...threads]);
  const pages = await pagesOf(ledgers, ['thread']);
  const items = pages.flat();
  expect(pages.every(({ length }) => length <= ledgerBounds.page)).toBe(true);
  const shown = items.filter(({ kind }) => kind === 'thread');
  expect(shown.map(({ rev }) => rev)).toEqual(
    threads
      .slice(-1_000)
      .map(({ rev }) => rev)
      .reverse(),
  );
  expect(items.filter(({ kind }) => kind !== 'thread')).toEqual(others);
});

test('without a window it has all', async () => {
  const ledgers = new MemoryLedgers();
  await ledgers.project(
    name,
    2_000,
    Array.from({ length: 1_700 }, (_, at) => item('thread', at, 10 + at)),
  );
  expect((await pagesOf(ledgers, [])).flat()).toHaveLength(1_700);
});

it('gives each item once, however many a commit changed and however few fit into a page', async () => {
  const story = fc.record({
    plain: fc.array(fc.constantFrom('a', 'note', 'z'), { maxLength: 30 }),
    commits: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 }),
    perPage: fc.integer({ min: 12, max: 60 }),
    windowed: fc.constantFrom([], ['m'], ['note', 'm'], ['m', 'zz']),
  });
  await fc.assert(
    fc.asyncProperty(story, async ({ plain, commits, perPage, windowed }) => {
      const ledgers = new MemoryLedgers();
      const all = plain.map((kind, at) => item(kind, at, at + 1));
      commits.forEach((count, at) => {
        for (let i = 0; i < count; i++) all.push(item('m', at * 100 + i, 100 + at));
      });
      await ledgers.project(name, 1_000, all);
      const shown = (await pagesOf(ledgers, windowed, { perPage })).flat();
      expect(shown.map(nameOf).sort()).toEqual(all.map(nameOf).sort());
    }),
    { numRuns: 200 },
  );
});

test('what changes while it is read is not lost: it was given, or follows by its rev', async () => {
  const ledgers = new MemoryLedgers();
  await ledgers.project(
    name,
    100,
    Array.from({ length: 100 }, (_, at) => item('thread', at, at + 1)),
  );
  let rev = 100;
  const changed = new Set<string>();
  const between = async (): Promise<void> => {
    rev++;
    const one = item('thread', rev % 7, rev);
    changed.add(nameOf(one));
    await ledgers.project(name, rev, [one]);
  };
  const shown = new Set((await pagesOf(ledgers, ['thread'], { perPage: 9, between })).flat().map(nameOf));
  for (let at = 0; at < 100; at++) expect(shown.has(`thread k${at}`) || changed.has(`thread k${at}`)).toBe(true);
});
