import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { all, namesOf } from '../../../src/authority/bits.js';
import { roleTable } from '../../../src/authority/role-table.js';
import { defaultRoles, type RoleRecord } from '../../../src/authority/roles.js';
import { ledgerBounds } from '../../../src/protocol/ledgers.js';
import { bounds } from '../../../src/protocol/primitives.js';
import { changesBetween, firstChanges, firstCommits, folded, opOfRole } from '../../../src/store/community-items.js';
import type { CommunityRecord, LedgerChange, LedgerCommit } from '../../../src/store/contracts.js';
import { toCommunity, toRoles } from '../../../src/store/resources.js';
import { aCommunity, anId } from '../../conformance/store/records.js';

const id = anId();
const ids = Array.from({ length: 6 }, anId);

const aRole = fc.record({
  name: fc.string({ maxLength: 9 }),
  color: fc.constantFrom(null, '#00ff00'),
  permissions: fc.subarray(namesOf(all)),
  mentionable: fc.boolean(),
});
const someRoles: fc.Arbitrary<RoleRecord[]> = fc
  .tuple(fc.shuffledSubarray(ids), fc.array(aRole, { minLength: 6, maxLength: 6 }))
  .map(([chosen, texts]) => [...chosen.map((role, at) => ({ id: role, ...texts[at]! })), ...defaultRoles(id)]);
const aState: fc.Arbitrary<Partial<CommunityRecord>> = fc.record(
  {
    name: fc.string(),
    description: fc.option(fc.string()),
    is_public: fc.boolean(),
    tags: fc.array(fc.string(), { maxLength: 3 }),
    avatar_url: fc.option(fc.string()),
    owner_id: fc.constantFrom(...ids),
    roles: someRoles,
  },
  { requiredKeys: [] },
);
const first = aCommunity({ id, owner_id: ids[0]!, created_by: ids[0]! });
const commitOf = (changes: readonly LedgerChange[], rev: number, by: string | null = null): LedgerCommit => ({
  ...firstCommits(first)[0]!,
  ...{ id: anId(), rev, at: rev * 1_000, by, operation: 'x', changes },
});
/** All that anybody sees of it. */
const shown = (record: CommunityRecord) => [toCommunity(record), toRoles(roleTable(record).records), record.deleted_at];

test('what is committed makes of the record before the record after, and of the same record nothing', () => {
  fc.assert(
    fc.property(fc.array(aState, { minLength: 1, maxLength: 5 }), (states) => {
      let record = first;
      for (const [at, state] of states.entries()) {
        const after = { ...record, ...state };
        const changes = changesBetween(record, after);
        expect(changesBetween(record, { ...record })).toEqual([]);
        const next = folded(record, commitOf(changes, at + 2, 'somebody'));
        expect(shown(next)).toEqual(shown(after));
        expect(next.ledger_rev).toBe(at + 2);
        expect(next.handed_over_by).toBe(after.owner_id === record.owner_id ? record.handed_over_by : 'somebody');
        expect(changesBetween(next, after)).toEqual([]);
        // Known before it: the same again changes nothing.
        expect(shown(folded(next, commitOf(changes, at + 2)))).toEqual(shown(next));
        record = next;
      }
    }),
  );
});

test('first commits say all of a record to whoever knows nothing of it', () => {
  fc.assert(
    fc.property(aState, aState, (state, other) => {
      const record = { ...first, ...state };
      let known: CommunityRecord = { ...first, ...other, roles: [] };
      for (const [at, changes] of firstChanges(record).entries()) known = folded(known, commitOf(changes, at + 1));
      expect(shown(known)).toEqual(shown(record));
    }),
  );
});

test('of the most roles with the longest names they are as many as fit, each within its bounds', () => {
  const many = Array.from({ length: bounds.roles - 2 }, (_, at) => ({
    ...{ id: at.toString(16).padStart(24, '0'), name: '\u{1f33b}'.repeat(100), color: '#00ff00', mentionable: true },
    permissions: namesOf(all),
  }));
  const record = { ...first, roles: [...many, ...defaultRoles(id)] };
  const commits = firstCommits(record);
  expect(commits.length).toBeGreaterThan(1);
  for (const { changes } of commits) {
    expect(changes.length).toBeLessThanOrEqual(ledgerBounds.changes);
    expect(JSON.stringify(changes).length).toBeLessThanOrEqual(ledgerBounds.commitBytes);
  }
  expect(commits.map(({ rev }) => rev)).toEqual(commits.map((_, at) => at + 1));
  expect(commits.reduce(folded, { ...record, roles: [] }).roles).toEqual(
    record.roles.map((role) => expect.objectContaining({ id: role.id })),
  );
  // The same record has the same ones.
  expect(firstCommits(record)).toEqual(commits);
});

test('a role keeps the name of the call that made it, through whatever becomes of it', () => {
  const [role, origin] = [anId(), anId()];
  const text = { id: role, name: 'Gardener', color: null, permissions: [], mentionable: false };
  const made = { ...first, roles: [text, ...defaultRoles(id)] };
  const commit = { ...commitOf(changesBetween(first, made), 2), operation: 'create_role', op_id: opOfRole(origin, role) };
  const known = folded(first, commit);
  expect(known.roles?.map((one) => one.origin)).toEqual([origin, undefined, undefined]);
  const renamed = { ...made, roles: [{ ...text, name: 'Tree' }, ...defaultRoles(id)] };
  const later = folded(known, { ...commitOf(changesBetween(known, renamed), 3), operation: 'update_role' });
  expect(later.roles?.[0]).toEqual({ ...text, name: 'Tree', origin });
});

test('a deleted community is that alone: nothing else of it is taken away', () => {
  const changes = changesBetween(first, { ...first, deleted_at: 7 });
  expect(changes).toEqual([{ kind: 'community', key: id, deleted: true }]);
  expect(folded(first, commitOf(changes, 2))).toEqual({ ...first, deleted_at: 2_000, ledger_rev: 2 });
});

test('a conversation has no roles', () => {
  expect(
    firstChanges({ ...first, kind: 'group' })
      .flat()
      .map(({ kind }) => kind),
  ).toEqual(['community']);
});
