import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SyncAnswer } from '../../../src/actors/ledger/sync.js';
import type { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { newId } from '../../../src/kernel/ids.js';
import { itemsOfThread, threadLedger, threadValue } from '../../../src/store/thread-items.js';
import { aMember } from '../domain/a-member.js';
import { codeOf, Nodes } from './nodes.js';

describe('a closed thread in its own ledger', () => {
  let nodes: Nodes;
  let node: LocalActorSystem;
  let founder: string;
  let ada: string;
  let ben: string;
  const thread = newId(50);
  const ledger = threadLedger(thread);
  beforeEach(async () => {
    nodes = await new Nodes().open();
    node = nodes.node();
    [founder, ada, ben] = nodes.people as [string, string, string];
    await nodes.base.members.insert(aMember(newId(99), 'stranger'));
    await create({ is_private: true, member_ids: [ada] });
  });
  afterEach(() => nodes.close());

  const create = (more: object = {}) =>
    nodes.ask(node, { type: 'create_thread', by: founder, thread_id: thread, title: 't', content: null, tags: [], ...more });
  const inThread = (message: { type: string } & Record<string, unknown>) => nodes.askThread(node, thread, { by: founder, ...message });
  const sync = (by: string, more: object = {}) => nodes.askThread<SyncAnswer>(node, thread, { type: 'sync_ledger', by, ledger, ...more });
  const document = async () => (await nodes.base.threads.byId(thread))!;
  const commits = () => nodes.ledgers.base.commitsAfter(ledger, 0, 1_000);
  const last = async () => (await commits()).at(-1)!;
  const wanted = async () => {
    const items = itemsOfThread(await document()).map((item) => JSON.parse(JSON.stringify(item)));
    return new Map(items.map(({ kind, key, value }) => [`${kind} ${key}`, value]));
  };
  const shown = ({ items }: SyncAnswer) => new Map(items.map((item) => [`${item.kind} ${item.key}`, 'value' in item && item.value]));
  const told = () => nodes.told.filter(({ room }) => room === `l:${ledger}`);

  it('is there for whoever may view it, with the people who were let in, as the document says', async () => {
    const page = await sync(ada);
    expect(shown(page)).toEqual(await wanted());
    expect([...shown(page).keys()].sort()).toEqual([`member ${ada}`, `member ${founder}`, `thread ${thread}`].sort());
    expect(shown(page).get(`thread ${thread}`)).toEqual(JSON.parse(JSON.stringify(threadValue(await document()))));
    expect(shown(await sync(founder, { as_member: true }))).toEqual(await wanted());
    for (const by of [ben, newId(99)]) expect(await codeOf(sync(by))).toBe('not_found');
    expect(await codeOf(sync(ada, { ledger: threadLedger(newId(51)) }))).toBe('not_found');
    expect(await nodes.askThread(node, thread, { type: 'ledger_head', ledger })).toEqual({ head_rev: 1 });
  });

  it('says with each commit who did what, before they are answered, to those alone who may view it; nothing stands elsewhere', async () => {
    await sync(ada);
    const { length } = await nodes.commits();
    await inThread({ type: 'update', patch: { title: 'n' }, by: founder });
    expect(await last()).toMatchObject({ by: founder, operation: 'update_thread', changes: [{ kind: 'thread', key: thread }] });
    await inThread({ type: 'add_person', member_id: ben });
    const put = { kind: 'member', key: ben, value: { member_id: ben, allow: ['view'], deny: [] } };
    expect(await last()).toMatchObject({ by: founder, operation: 'add_thread_member', changes: [put] });
    await inThread({ type: 'remove_person', member_id: ada });
    expect(await last()).toMatchObject({ operation: 'remove_thread_member', changes: [{ kind: 'member', key: ada, deleted: true }] });
    expect(shown(await sync(ben))).toEqual(await wanted());
    expect(await codeOf(sync(ada))).toBe('not_found');
    expect(told().map(({ payload }) => payload.head_rev)).toEqual([1, 2, 3, 4]);
    expect(new Set(told().map(({ audience }) => audience))).toEqual(new Set([thread]));
    const { rev } = await last();
    const text = { content: 'moss', reply_to: null, attachments: [], mentions: [], nonce: newId(52) };
    await inThread({ type: 'send', message_id: newId(53), ...text });
    await nodes.clock.advance(10_000);
    expect((await last()).rev).toBe(rev);
    expect(await nodes.commits()).toHaveLength(length);
  });

  it('is not there while it is open, and goes on from where it was when it is closed again', async () => {
    await sync(ada);
    const everyone = { type: 'set_override', subject: `role:${nodes.community}`, allow: [] };
    await inThread({ ...everyone, deny: [] });
    expect((await last()).changes.every((change) => 'deleted' in change)).toBe(true);
    expect((await nodes.commits()).at(-1)).toMatchObject({ changes: [{ kind: 'thread', key: thread, value: { title: 't' } }] });
    for (const by of [founder, ada, ben]) expect(await codeOf(sync(by))).toBe('not_found');
    await inThread({ ...everyone, deny: ['view'] });
    expect((await nodes.commits()).at(-1)).toMatchObject({ changes: [{ kind: 'thread', key: thread, deleted: true }] });
    await nodes.clock.advance(100);
    const page = await sync(ada, { after_rev: 1 });
    expect(page).toMatchObject({ reset: false, rev: 3 });
    expect(shown(page)).toEqual(await wanted());
    expect(await last()).toMatchObject({ by: founder, operation: 'set_override' });
  });

  it('goes with the thread', async () => {
    await sync(ada);
    await inThread({ type: 'delete_thread' });
    expect((await last()).changes.every((change) => 'deleted' in change)).toBe(true);
    expect(await codeOf(sync(ada))).toBe('not_found');
    expect((await nodes.commits()).filter(({ changes }) => changes.some(({ key }) => key === thread))).toEqual([]);
  });

  it('is brought along after a crash between the document and the ledger, by whoever asks next, and by the sweep', async () => {
    await sync(ada);
    for (const way of ['ask', 'sweep'] as const) {
      nodes.ledgers.fates = Array<'lost'>(20).fill('lost');
      const renamed = codeOf(inThread({ type: 'update', patch: { title: way } }));
      await nodes.clock.advance(50);
      await nodes.kill(node);
      nodes.ledgers.fates = [];
      await nodes.during(renamed);
      node = nodes.node();
      if (way === 'ask') expect(shown(await sync(ada)).get(`thread ${thread}`)).toMatchObject({ title: way });
      else {
        node.tell({ kind: 'community', key: nodes.community }, { type: 'copy_threads' });
        await nodes.clock.advance(2_000);
        expect(await last()).toMatchObject({ changes: [{ kind: 'thread', value: { title: way } }] });
      }
      expect(await nodes.commits()).toHaveLength(1);
    }
  });

  it('takes several commits where there are very many people', async () => {
    const people = Array.from({ length: 450 }, (_, at) => ({
      subject: `member:${newId(1_000 + at)}` as const,
      allow: ['view' as const],
      deny: [],
    }));
    const before = await document();
    const overrides = [...before.overrides!, ...people];
    await nodes.base.threads.setOverrides(before, { overrides, overrides_version: 1 });
    expect(shown(await sync(founder))).toEqual(await wanted());
    expect((await commits()).length).toBeGreaterThan(2);
    expect(await nodes.base.threads.untold(nodes.community, 5)).toHaveLength(1);
  });
});
