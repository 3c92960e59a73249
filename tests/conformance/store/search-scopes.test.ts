import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Present, SearchRecord } from '../../../src/store/contracts.js';
import { backends, type OpenStore } from './backends.js';
import { anId, aSearchRecord } from './records.js';

describe.each(backends)('scopes of threads that are closed and opened in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const search = () => opened.store.search;
  const same: Present = async (candidates) => new Map(candidates.map(({ id }) => [id, { text: 'alpha', rev: 1 }]));
  /** Ids of what is found in some scopes. */
  const found = async (...scopes: string[]): Promise<string[]> => {
    const { hits } = await search().find({ kind: 'message', q: 'alpha', scopes }, { place: { skip: 0 }, limit: 50 }, same);
    return hits.map(({ candidate }) => candidate.id).sort();
  };
  const someIn = (community_id: string, thread_id: string, count: number): SearchRecord[] =>
    Array.from({ length: count }, (_, at) => aSearchRecord({ community_id, thread_id, seq: at + 1, rev: at + 1, text: 'alpha' }));
  const idsOf = (records: readonly { id: string }[]): string[] => records.map(({ id }) => id).sort();

  test('what was indexed before a thread was closed goes, what was indexed since stays, and others stay', async () => {
    const [community, thread, other] = [anId(), anId(), anId()];
    const [before, elsewhere] = [someIn(community, thread, 3), someIn(community, other, 2)];
    await search().index([...before, ...elsewhere]);
    await search().index([{ ...before[0]!, scope: thread, scope_since: 50 }]);
    expect(await found(community)).toEqual(idsOf([...before.slice(1), ...elsewhere]));
    for (let i = 0; i < 2; i++) await search().removeBefore(thread, 50);
    expect(await found(community)).toEqual(idsOf(elsewhere));
    expect(await found(thread)).toEqual([before[0]!.id]);
    await search().removeBefore(thread, 51);
    expect(await found(community, thread)).toEqual(idsOf(elsewhere));
    await search().removeBefore(anId(), 99);
  });

  test('of more than goes in one step nothing is left', async () => {
    const [community, thread] = [anId(), anId()];
    await search().index(someIn(community, thread, 2_100));
    await search().removeBefore(thread, 1);
    expect(await found(community)).toEqual([]);
  });

  test('what is written as of an earlier scope is written over nothing later, whatever its rev; and the other way round', async () => {
    const [community, thread] = [anId(), anId()];
    const [message, gone] = someIn(community, thread, 2) as [SearchRecord, SearchRecord];
    const closed = { scope: thread, scope_since: 50 };
    await search().index([message]);
    await search().remove([gone]);
    await search().index([{ ...message, ...closed, rev: 0 }]);
    await search().remove([{ ...gone, ...closed, rev: 7 }]);
    // Late: as of before it was closed, and of a higher rev at that.
    await search().index([
      { ...message, rev: 9 },
      { ...gone, rev: 9 },
    ]);
    await search().index([{ ...gone, scope_since: 49, rev: 9 }]);
    await search().remove([{ ...message, rev: 9 }]);
    expect(await found(community)).toEqual([]);
    expect(await found(thread)).toEqual([message.id]);
    // Of one scope the higher rev wins as ever; among records of one call too.
    await search().index([{ ...gone, ...closed, rev: 6 }]);
    expect(await found(thread)).toEqual([message.id]);
    const opened = { scope: community, scope_since: 60 };
    await search().index([
      { ...gone, ...opened, rev: 1 },
      { ...gone, ...closed, rev: 99 },
    ]);
    expect([await found(thread), await found(community)]).toEqual([[message.id], [gone.id]]);
  });
});
