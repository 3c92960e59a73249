import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasUntold, userAddress } from '../../../src/actors/domain/user/messages.js';
import { memberLedger } from '../../../src/actors/ledger/names.js';
import type { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { roleTable } from '../../../src/authority/role-table.js';
import { newId } from '../../../src/kernel/ids.js';
import type { Community, CommunityRole } from '../../../src/protocol/resources.js';
import { folded } from '../../../src/store/community-items.js';
import type { CommunityRecord, LedgerCommit } from '../../../src/store/contracts.js';
import { toCommunity, toRoles } from '../../../src/store/resources.js';
import { aCommunity } from '../../conformance/store/records.js';
import type { Fate } from '../actors/ledger/stage.js';
import { codeOf, type DocumentFate, Nodes } from './nodes.js';

type Command = { what: 'name' | 'open' | 'make' | 'change' | 'delete' | 'order' | 'hand over'; at: number };
type Step = Command & { fates: Fate[]; documents: DocumentFate[]; isOld: boolean } & { next: 'stays' | 'is taken over' | 'dies' | 'lands' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    what: fc.constantFrom<Command['what']>('name', 'open', 'make', 'make', 'change', 'delete', 'order', 'hand over', 'hand over'),
    at: fc.nat(5),
    fates: fc.array(fc.constantFrom<Fate>('ok', 'ok', 'slow', 'unseen', 'lost', 'delayed', 'overtaken'), { maxLength: 3 }),
    documents: fc.array(fc.constantFrom<DocumentFate>('ok', 'unseen', 'lost', 'delayed'), { maxLength: 3 }),
    isOld: fc.boolean(),
    next: fc.constantFrom<Step['next']>('stays', 'stays', 'is taken over', 'dies', 'lands'),
  }),
  { minLength: 1, maxLength: 12 },
);

/** As the owner by what is stored asks for it. */
const messageOf = ({ what, at }: Command, record: CommunityRecord, people: readonly string[]) => {
  const by = record.owner_id;
  const roles = roleTable(record).records.map(({ id }) => id);
  const role_id = roles[at % roles.length] as string;
  switch (what) {
    case 'name':
      return { type: 'update', by, patch: { name: `n ${at}`, description: at % 2 === 0 ? null : 'd' } };
    case 'open':
      return { type: 'update', by, patch: { is_public: !record.is_public } };
    case 'make':
      return { type: 'create_role', by, id: newId(at), name: `r ${at}`, color: null, permissions: ['post'], mentionable: false };
    case 'change':
      return { type: 'update_role', by, role_id, patch: { color: '#00ff00', permissions: ['view', 'react'] } };
    case 'delete':
      return { type: 'delete_role', by, role_id };
    case 'order':
      return { type: 'order_roles', by, role_ids: [...roles.slice(1, -1), ...roles.slice(0, 1)] };
    case 'hand over':
      return { type: 'hand_over', by, member_id: people[at % people.length] };
  }
};

/** All that anybody sees of it. */
const shown = (record: CommunityRecord) => [toCommunity(record), toRoles(roleTable(record).records)];

const itemsOf = (commits: readonly LedgerCommit[]) => {
  const items = new Map<string, object>();
  for (const { rev, changes } of commits) {
    for (const { kind, key, ...rest } of changes) {
      if ('value' in rest) items.set(`${kind} ${key}`, { kind, key, rev, value: rest.value });
      else items.delete(`${kind} ${key}`);
    }
  }
  return [...items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
};

it('after quiet the record, its document, the sum of its commits and a fresh sync are one, and at every moment it has one owner', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (story) => {
      const nodes = await new Nodes().open();
      const beginning = await nodes.document();
      let node = nodes.node();
      let old: LocalActorSystem | undefined;
      const owners = async (at: LocalActorSystem): Promise<string[]> => {
        const roles = await Promise.all(
          nodes.people.map((member_id) =>
            nodes.ask<{ role: string }>(at, { type: 'access', member_id }).then(
              ({ role }) => role,
              () => 'unknown',
            ),
          ),
        );
        // While it is not known, nobody is told that they own it.
        if (!roles.includes('owner')) expect(roles).toContain('unknown');
        return roles.filter((role) => role === 'owner');
      };
      /** What the workers' sweep does. */
      const sweep = (at: LocalActorSystem): void => {
        for (const id of nodes.people) at.tell(userAddress(id), hasUntold('membership'));
      };
      sweep(node);
      await nodes.clock.advance(2_000);
      const made: string[] = [];
      for (const step of story) {
        const record = await nodes.document();
        const message = messageOf(step, record, nodes.people);
        nodes.ledgers.fates = [...step.fates];
        nodes.documentFates = [...step.documents];
        const at = step.isOld && old ? old : node;
        const code = await nodes.during(codeOf(nodes.ask(at, message)));
        if (code === 'ok' && step.what === 'make') made.push((message as { id: string }).id);
        expect((await nodes.during(owners(node))).length).toBeLessThanOrEqual(1);
        if (step.next === 'lands') await nodes.land();
        if (step.next === 'dies') await nodes.kill(node);
        if (step.next === 'is taken over') [old, node] = [node, nodes.node()];
      }
      nodes.ledgers.fates = [];
      nodes.documentFates = [];
      await nodes.clock.advance(5_000);
      await nodes.land();
      // The newest looks again, as often as something may still land.
      const [owner] = nodes.people as [string];
      await nodes.during(codeOf(nodes.ask(node, { type: 'access', member_id: owner })));
      sweep(node);
      await nodes.clock.advance(60_000);

      const document = await nodes.document();
      // Memberships show who owns it, and nothing is owed.
      expect(document.untold).toBeUndefined();
      const items = nodes.people.map((id) => nodes.ledgers.base.item(memberLedger(id), 'membership', nodes.community));
      const owning = (await Promise.all(items)).map((item) => (item?.value as { role: string } | undefined)?.role === 'owner');
      expect(owning).toEqual(nodes.people.map((id) => id === document.owner_id));
      const commits = await nodes.commits();
      expect(commits.map(({ rev }) => rev)).toEqual(commits.map((_, at) => at + 1));
      const community = await nodes.ask<Community>(node, { type: 'get', by: document.owner_id });
      const roles = await nodes.ask<CommunityRole[]>(node, { type: 'list_roles', by: document.owner_id });
      const { me, ...record } = community;
      expect(me?.role).toBe('owner');
      expect([record, roles]).toEqual(shown(document));
      expect(await owners(node)).toEqual(['owner']);
      const empty = aCommunity({ ...beginning, name: '', description: 'x', roles: [], ledger_rev: 0 });
      expect(shown(commits.reduce(folded, empty))).toEqual(shown(document));
      expect(document.ledger_rev).toBe(commits.length === 0 ? 1 : commits.length);
      const fresh = await nodes.sync(node, document.owner_id);
      expect([fresh.rev, fresh.next]).toEqual([(await nodes.commits()).length, null]);
      const sum = itemsOf(await nodes.commits());
      expect([...fresh.items].sort((a, b) => (`${a.kind} ${a.key}` < `${b.kind} ${b.key}` ? -1 : 1))).toEqual(sum);
      // What was answered as made is in a commit, and what was told is what was committed.
      const all = commits.flatMap(({ changes }) => changes.map(({ key }) => key));
      for (const id of made) expect(all).toContain(id);
      for (const { event, payload } of nodes.told) {
        if (event !== 'ledger_changed' || payload.ledger !== nodes.ledger || (payload.items as object[]).length === 0) continue;
        const commit = commits[(payload.head_rev as number) - 1];
        expect(payload.items).toEqual(commit?.changes.map((change) => ({ ...change, rev: payload.head_rev })));
      }
      await nodes.close();
    }),
    { numRuns: 120 },
  );
}, 240_000);
