import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import type { SyncAnswer } from '../../../src/actors/ledger/sync.js';
import type { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { newId } from '../../../src/kernel/ids.js';
import type { LedgerCommit, ThreadRecord } from '../../../src/store/contracts.js';
import { isToldToAll, itemsOfThread, threadLedger, threadValue } from '../../../src/store/thread-items.js';
import type { Fate } from '../actors/ledger/stage.js';
import { codeOf, type DocumentFate, Nodes } from './nodes.js';

type What = 'make' | 'make closed' | 'rename' | 'pin' | 'close' | 'open' | 'delete' | 'name the community' | 'sweep';
interface Step {
  what: What;
  at: number;
  fates: Fate[];
  documents: DocumentFate[];
  threads: DocumentFate[];
  isOld: boolean;
  next: 'stays' | 'is taken over' | 'dies' | 'lands' | 'time passes';
}

const documentFate = fc.constantFrom<DocumentFate>('ok', 'ok', 'unseen', 'lost', 'delayed');
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    what: fc.constantFrom<What>(
      'make',
      'make',
      'make closed',
      'rename',
      'pin',
      'close',
      'close',
      'open',
      'delete',
      'name the community',
      'sweep',
    ),
    at: fc.nat(2),
    fates: fc.array(fc.constantFrom<Fate>('ok', 'ok', 'slow', 'unseen', 'lost', 'delayed', 'overtaken'), { maxLength: 3 }),
    documents: fc.array(documentFate, { maxLength: 1 }),
    threads: fc.array(documentFate, { maxLength: 2 }),
    isOld: fc.boolean(),
    next: fc.constantFrom<Step['next']>('stays', 'stays', 'is taken over', 'dies', 'lands', 'time passes'),
  }),
  { minLength: 1, maxLength: 14 },
);

const ids = [newId(61), newId(62), newId(63)];
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What the commits leave of threads. */
const threadsIn = (commits: readonly LedgerCommit[]): Map<string, unknown> => {
  const items = new Map<string, unknown>();
  for (const change of commits.flatMap(({ changes }) => changes)) {
    if (change.kind !== 'thread') continue;
    if ('value' in change) items.set(change.key, change.value);
    else items.delete(change.key);
  }
  return items;
};

it('after quiet the threads of a fresh sync are the open ones as they are; of closed ones there is nothing once that was answered', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (story) => {
      const nodes = await new Nodes().open();
      const [founder, ada] = nodes.people as [string, string];
      let node = nodes.node();
      let old: LocalActorSystem | undefined;
      const begun = new Map([[node, nodes.clock.monotonic()]]);
      const begin = (): LocalActorSystem => {
        const next = nodes.node();
        begun.set(next, nodes.clock.monotonic());
        return next;
      };
      /** One that has been alone for longer knows that it has lost its place, here it would not. */
      const mayAct = (at: LocalActorSystem): boolean => nodes.clock.monotonic() - begun.get(at)! < 15_000;
      const sweep = (at: LocalActorSystem): void => at.tell(communityAddress(nodes.community), { type: 'copy_threads' });
      const act = ({ what, at: n }: Step, at: LocalActorSystem): Promise<unknown> => {
        const id = ids[n] as string;
        const create = { type: 'create_thread', by: founder, thread_id: id, title: 't', content: null, tags: [] };
        const override = { type: 'set_override', by: founder, subject: `member:${ada}`, allow: [] };
        switch (what) {
          case 'make':
            return nodes.ask(at, create);
          case 'make closed':
            return nodes.ask(at, { ...create, is_private: true, member_ids: [ada] });
          case 'rename':
            return nodes.askThread(at, id, { type: 'update', by: founder, patch: { title: `n ${newId(1)}` } });
          case 'pin':
            return nodes.askThread(at, id, { type: 'pin', by: founder, act: newId(1) });
          case 'close':
            return nodes.askThread(at, id, { ...override, deny: ['view'] });
          case 'open':
            return nodes.askThread(at, id, { ...override, deny: [] });
          case 'delete':
            return nodes.askThread(at, id, { type: 'delete_thread', by: founder });
          case 'name the community':
            return nodes.ask(at, { type: 'update', by: founder, patch: { name: `n ${newId(1)}` } });
          case 'sweep':
            sweep(at);
            return Promise.resolve();
        }
      };
      /** Whether a thread was ever open by its document. */
      const wereOpen = new Set<string>();
      const look = async (): Promise<ThreadRecord[]> => {
        const records = await nodes.base.threads.byIds(ids);
        for (const record of records) if (isToldToAll(record) || record.scope_since !== undefined) wereOpen.add(record.id);
        return records;
      };
      for (const step of story) {
        nodes.ledgers.fates = [...step.fates];
        nodes.documentFates = [...step.documents];
        nodes.threadFates = [...step.threads];
        const code = await nodes.during(codeOf(act(step, step.isOld && old && mayAct(old) ? old : node)));
        const thread = (await look()).find(({ id }) => id === ids[step.at]);
        if (step.what === 'close' && code === 'ok' && thread && !isToldToAll(thread) && thread.deleted_at === null) {
          expect([...threadsIn(await nodes.commits()).keys()]).not.toContain(thread.id);
        }
        if (step.next === 'lands') await nodes.land();
        if (step.next === 'dies') {
          await nodes.kill(node);
          node = begin();
        }
        if (step.next === 'time passes') {
          // Nobody acts, and no write is under way, for longer than the next owner looks for it.
          old = undefined;
          await nodes.land();
          await nodes.clock.advance(40_000);
        }
        if (step.next === 'is taken over') [old, node] = [node, begin()];
        await look();
      }
      nodes.ledgers.fates = [];
      nodes.documentFates = [];
      nodes.threadFates = [];
      await nodes.clock.advance(5_000);
      await nodes.land();
      await nodes.during(codeOf(nodes.ask(node, { type: 'access', member_id: founder })));
      // Whoever looks brings to its end what has no answer.
      for (const id of ids) await nodes.during(codeOf(nodes.askThread(node, id, { type: 'get', by: founder })));
      await nodes.clock.advance(60_000);
      sweep(node);
      await nodes.clock.advance(5_000);

      const open = (await look()).filter(isToldToAll).map((record) => [record.id, plain(threadValue(record))] as const);
      const fresh = await nodes.sync(node, founder);
      const shown = fresh.items.flatMap((item) => (item.kind === 'thread' && 'value' in item ? [[item.key, item.value] as const] : []));
      expect(new Map(shown)).toEqual(new Map(open));
      const commits = await nodes.commits();
      expect(threadsIn(commits)).toEqual(new Map(open));
      expect(await nodes.base.threads.untold(nodes.community, 10)).toEqual([]);
      // A closed one is in its own ledger for whoever may view it, and no other is anywhere.
      for (const record of await look()) {
        const ledger = threadLedger(record.id);
        const page = nodes.during(nodes.askThread<SyncAnswer>(node, record.id, { type: 'sync_ledger', by: founder, ledger }));
        const wanted = itemsOfThread(record).map((item) => plain(item));
        // A deletion that lands late is not known to the thread's actor: then there is nothing in it.
        if (wanted.length === 0 && (await codeOf(page)) === 'not_found') continue;
        const { items } = await page;
        expect(new Set(items.map(({ rev: _, ...item }) => item))).toEqual(new Set(wanted));
        const sum = new Map<string, unknown>();
        for (const { kind, key, ...rest } of (await nodes.ledgers.base.commitsAfter(ledger, 0, 1_000)).flatMap(({ changes }) => changes)) {
          if ('value' in rest) sum.set(`${kind} ${key}`, { kind, key, ...rest });
          else sum.delete(`${kind} ${key}`);
        }
        expect(new Set(sum.values())).toEqual(new Set(wanted));
      }
      for (const { kind, key } of commits.flatMap(({ changes }) => changes)) {
        if (kind === 'thread') expect([...wereOpen]).toContain(key);
      }
      await nodes.close();
    }),
    { numRuns: 200 },
  );
}, 240_000);
