import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bitsOf, has } from '../../../src/authority/bits.js';
import { type Audience, closureOf, isSeenBy } from '../../../src/authority/closure.js';
import { held } from '../../../src/authority/held.js';
import { mostOverrides, type OverrideRecord, toOverride } from '../../../src/authority/overrides.js';
import { isClosed, type Snapshot } from '../../../src/authority/snapshot.js';
import { withOverrides } from '../../../src/store/closing.js';
import type { ThreadRecord } from '../../../src/store/contracts.js';
import { backends, type OpenStore } from './backends.js';
import { anId, aThread, walk } from './records.js';

const idsOf = (records: readonly { id: string }[]): string[] => records.map(({ id }) => id);
const [ada, ben, eve] = [anId(), anId(), anId()];
/** Each community has roles of its own. */
const roleIn = (communityId: string, role: 'gardener' | 'keeper'): string => `${role === 'gardener' ? 'a' : 'b'}${communityId.slice(1)}`;
type Drawn = { of: 'everyone' | 'gardener' | 'keeper' | 'ada' | 'ben'; allow: OverrideRecord['allow']; deny: OverrideRecord['deny'] };

const subjectIn = (communityId: string, of: Drawn['of']): OverrideRecord['subject'] => {
  if (of === 'everyone') return `role:${communityId}`;
  if (of === 'ada' || of === 'ben') return `member:${of === 'ada' ? ada : ben}`;
  return `role:${roleIn(communityId, of)}`;
};
const overridesIn = (communityId: string, drawn: readonly Drawn[]): OverrideRecord[] =>
  drawn.map(({ of, allow, deny }) => ({ subject: subjectIn(communityId, of), allow, deny }));

const some = fc.subarray<OverrideRecord['allow'][number]>(['view', 'post']);
const overrides = fc.array(
  fc.record({ of: fc.constantFrom<Drawn['of']>('everyone', 'gardener', 'keeper', 'ada', 'ben'), allow: some, deny: some }),
  { maxLength: 4 },
);
type Standing = 'everybody' | 'stranger' | ('gardener' | 'keeper')[];
const person = fc.constantFrom(ada, ben, eve);
const standing = fc.constantFrom<Standing>('everybody', 'stranger', [], ['gardener'], ['keeper'], ['gardener', 'keeper']);
/** As whom somebody looks in one community. */
const audienceIn = (communityId: string, member: string, stands: Standing): Audience => {
  if (stands === 'everybody') return stands;
  return stands === 'stranger' ? { member: null, roles: [] } : { member, roles: stands.map((role) => roleIn(communityId, role)) };
};

const everyone = bitsOf(['view', 'read_history', 'post']);
const snapshotOf = (id: string, who: Audience, thread: Pick<ThreadRecord, 'overrides'>): Snapshot => {
  const stands = who === 'everybody' ? { member: eve, roles: [] } : who;
  return {
    community: { id, kind: 'community', is_public: true, everyone },
    member:
      stands.member === null
        ? null
        : {
            id: stands.member,
            is_owner: who === 'everybody',
            roles: stands.roles.map((role) => ({ id: role, permissions: bitsOf(['post']) })),
            timed_out_until: null,
          },
    is_banned: false,
    overrides: (thread.overrides ?? []).map(toOverride),
  };
};
const mayView = (id: string, who: Audience, thread: Pick<ThreadRecord, 'overrides'>): boolean =>
  has(held(snapshotOf(id, who, thread), 0), 'view');

test('a closure says what the rules say, of whether a thread is closed and of who may view it', () => {
  const id = anId();
  fc.assert(
    fc.property(overrides, person, standing, (drawn, member, stands) => {
      const who = audienceIn(id, member, stands);
      const records = overridesIn(id, drawn);
      const closure = closureOf(id, records);
      expect(closure !== undefined).toBe(isClosed({ kind: 'community' }, records.map(toOverride)));
      expect(isSeenBy(id, who, closure)).toBe(mayView(id, who, { overrides: records }));
    }),
    { numRuns: 3_000 },
  );
});

describe.each(backends)('closed threads in $name', ({ open }) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const threads = () => opened.store.threads;

  test('overrides are kept as they were given, changed whole, and leave nothing when there are none', async () => {
    const community_id = anId();
    const given = overridesIn(community_id, [{ of: 'everyone', allow: [], deny: ['view'] }]);
    const thread = aThread({ community_id, overrides: given });
    await threads().insert(thread);
    expect(await threads().byId(thread.id)).toEqual(thread);
    const wider = [...given, ...overridesIn(community_id, [{ of: 'ada', allow: ['view', 'post'], deny: ['attach'] }])];
    expect(await threads().setOverrides(thread, { overrides: wider, overrides_version: 1 })).toBe(true);
    const kept = { ...thread, title: 'T', overrides: wider, overrides_version: 1 };
    expect(await threads().update(thread.id, { title: 'T' })).toEqual(kept);
    // Upon another version nothing is written, whoever comes late.
    for (const overrides_version of [1, 3]) expect(await threads().setOverrides(thread, { overrides: [], overrides_version })).toBe(false);
    expect(await threads().byId(thread.id)).toEqual(kept);
    expect(await threads().setOverrides(thread, { overrides: [], overrides_version: 2, scope_since: 77 })).toBe(true);
    const none = await threads().byId(thread.id);
    expect(none).toMatchObject({ title: 'T', scope_since: 77, overrides_version: 2 });
    expect(none).not.toHaveProperty('overrides');
    expect(await threads().setOverrides(aThread(), { overrides: wider, overrides_version: 1 })).toBe(false);
    const fresh = aThread({ overrides: [] });
    await threads().putMissing([fresh]);
    expect(await threads().byId(fresh.id)).not.toHaveProperty('overrides');
  });

  test('threads are found by whom they allow something by name, open or closed, and by nobody whom they only deny', async () => {
    const community_id = anId();
    const [ada, bob] = [anId(), anId()];
    const named = (id: string, allow: OverrideRecord['allow'], deny: OverrideRecord['deny'] = []): OverrideRecord => ({
      ...{ subject: `member:${id}`, allow, deny },
    });
    const open = aThread({ community_id, overrides: [named(ada, ['manage_messages']), named(bob, [], ['post'])] });
    const closed = aThread({
      community_id,
      overrides: [{ subject: `role:${community_id}`, allow: [], deny: ['view'] }, named(ada, ['view'])],
    });
    const gone = aThread({ community_id, overrides: [named(ada, ['view'])], deleted_at: 5 });
    const elsewhere = aThread({ overrides: [named(ada, ['view'])] });
    await threads().putMissing([open, closed, gone, elsewhere, aThread({ community_id })]);
    expect((await threads().naming(community_id, ada, 9)).sort()).toEqual([open.id, closed.id].sort());
    expect(await threads().naming(community_id, ada, 1)).toHaveLength(1);
    expect(await threads().naming(community_id, bob, 9)).toEqual([]);
    await threads().setOverrides(open, { overrides: [], overrides_version: 1 });
    expect(await threads().naming(community_id, ada, 9)).toEqual([closed.id]);
  });

  test('more overrides than a thread may have are refused, and change nothing', async () => {
    const thread = aThread();
    const many = Array.from(
      { length: mostOverrides + 1 },
      (): OverrideRecord => ({ subject: `member:${anId()}`, allow: ['view'], deny: [] }),
    );
    await expect(threads().insert({ ...thread, overrides: many })).rejects.toThrow(RangeError);
    await threads().insert({ ...thread, overrides: many.slice(1) });
    await expect(threads().setOverrides(thread, { overrides: many, overrides_version: 1 })).rejects.toThrow(RangeError);
    expect(await threads().byId(thread.id)).toEqual({ ...thread, overrides: many.slice(1) });
  });

  test('lists hold what their reader may view, as the rules say it, whatever the pages', async () => {
    const one = fc.record({
      drawn: overrides,
      is_pinned: fc.boolean(),
      last_activity: fc.integer({ min: 1, max: 3 }),
      isGone: fc.constantFrom(false, false, true),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ world: fc.array(one, { maxLength: 8 }), stands: standing }), { minLength: 1, maxLength: 3 }),
        person,
        fc.integer({ min: 1, max: 4 }),
        async (communities, member, limit) => {
          const places = communities.map(({ world, stands }) => {
            const community_id = anId();
            const who = audienceIn(community_id, member, stands);
            const records = world.map(({ drawn, is_pinned, last_activity, isGone }) =>
              aThread({
                community_id,
                is_pinned,
                last_activity,
                deleted_at: isGone ? 9 : null,
                overrides: overridesIn(community_id, drawn),
              }),
            );
            return { community_id, who, records };
          });
          for (const { records } of places) await threads().putMissing(records);
          const seenIn = ({ community_id, who, records }: (typeof places)[number]) =>
            records.filter((thread) => thread.deleted_at === null && mayView(community_id, who, thread));
          for (const place of places) {
            const expected = seenIn(place).sort(
              (a, b) => Number(b.is_pinned) - Number(a.is_pinned) || b.last_activity - a.last_activity || (a.id < b.id ? -1 : 1),
            );
            const walked = await walk(
              (slice: { after?: { is_pinned: boolean; last_activity: number; id: string }; limit: number }) =>
                threads().listByCommunity(place.community_id, slice, place.who),
              ({ is_pinned, last_activity, id }) => ({ is_pinned, last_activity, id }),
              limit,
            );
            expect(idsOf(walked)).toEqual(idsOf(expected));
          }
          const living = places.flatMap(({ records }) => records).filter((thread) => thread.deleted_at === null);
          const closed = living
            .filter(({ community_id, overrides }) => closureOf(community_id, overrides))
            .sort((a, b) => b.last_activity - a.last_activity || (a.id < b.id ? -1 : 1));
          const seen = new Set(places.flatMap((place) => idsOf(seenIn(place))));
          const audiences = new Map(places.map(({ community_id, who }) => [community_id, who]));
          const [yes, no] = [closed.filter(({ id }) => seen.has(id)), closed.filter(({ id }) => !seen.has(id))];
          expect(await threads().closedSeenBy(audiences, 100)).toEqual(
            yes.map(({ id, community_id, last_activity }) => ({ id, community_id, last_activity })),
          );
          expect(idsOf(await threads().closedSeenBy(audiences, 2))).toEqual(idsOf(yes.slice(0, 2)));
          expect(idsOf(await threads().closedHiddenFrom(audiences, 100))).toEqual(idsOf(no));
          expect(idsOf(await threads().closedHiddenFrom(audiences, 2))).toEqual(idsOf(no.slice(0, 2)));
          const stands = living
            .filter(({ id }) => seen.has(id))
            .sort((a, b) => b.last_activity - a.last_activity || (a.id < b.id ? -1 : 1))
            .map(({ id, community_id, last_seq, last_activity }) => ({ id, community_id, last_seq, last_activity }));
          const since = stands.at(2)?.last_activity;
          for (const from of [undefined, since]) {
            const heads = await walk(
              (slice: { after?: { last_activity: number; id: string }; limit: number }) =>
                threads().heads(audiences, { ...slice, since: from }),
              ({ last_activity, id }) => ({ last_activity, id }),
              limit,
            );
            expect(heads).toEqual(stands.filter(({ last_activity }) => last_activity >= (from ?? 0)));
          }
          const opened = living.filter(({ community_id, overrides }) => !closureOf(community_id, overrides));
          const latest = new Map<string, number>();
          for (const { community_id, last_activity } of opened) {
            latest.set(community_id, Math.max(last_activity, latest.get(community_id) ?? 0));
          }
          expect(await threads().latestActivity([...audiences.keys()])).toEqual(latest);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('those that were closed or opened since a time are found, and no others', async () => {
    const since = Date.now();
    const thread = aThread({ head_rev: 5 });
    const [born, gone, old] = [
      aThread({ overrides: closing(thread.community_id) }),
      aThread({ deleted_at: 5, scope_since: since }),
      aThread({ scope_since: 9 }),
    ];
    await threads().putMissing([thread, born, gone, old]);
    await threads().setOverrides(thread, withOverrides(thread, closing(thread.community_id), since));
    const changed = await threads().byId(thread.id);
    const found: unknown[] = [];
    for await (const one of threads().rescopedSince(since)) found.push(one);
    expect(found).toEqual([{ thread_id: thread.id, scope_since: since, head_rev: 5 }]);
    // Opened again in the same moment, it stands later all the same; what changes nothing of that says nothing of it.
    const opened = withOverrides(changed!, [], since);
    expect(opened.scope_since).toBe(since + 1);
    expect(withOverrides(changed!, closing(thread.community_id), since + 9)).not.toHaveProperty('scope_since');
  });
});

const closing = (communityId: string): OverrideRecord[] => overridesIn(communityId, [{ of: 'everyone', allow: [], deny: ['view'] }]);
