import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { newId } from '../../../src/kernel/ids.js';
import type { Thread } from '../../../src/protocol/resources.js';
import { threadValue } from '../../../src/store/thread-items.js';
import { aThread } from '../../conformance/store/records.js';
import { codeOf, Nodes } from './nodes.js';

describe('open threads in the ledger of their community', () => {
  let nodes: Nodes;
  let node: LocalActorSystem;
  let founder: string;
  let ada: string;
  const thread = newId(50);
  beforeEach(async () => {
    nodes = await new Nodes().open();
    node = nodes.node();
    [founder, ada] = nodes.people as [string, string];
  });
  afterEach(() => nodes.close());

  const create = (more: object = {}) =>
    nodes.ask<Thread>(node, { type: 'create_thread', by: founder, thread_id: thread, title: 't', content: null, tags: [], ...more });
  const inThread = (message: { type: string } & Record<string, unknown>) => nodes.askThread(node, thread, { by: founder, ...message });
  const last = async () => (await nodes.commits()).at(-1)!;
  const ofThreads = async () => (await nodes.commits()).filter(({ changes }) => changes.some(({ kind }) => kind === 'thread'));
  const document = async () => (await nodes.base.threads.byId(thread))!;
  const put = async () => ({ kind: 'thread', key: thread, value: JSON.parse(JSON.stringify(threadValue(await document()))) });
  const gone = { kind: 'thread', key: thread, deleted: true };
  const owed = async () => (await nodes.base.threads.untold(nodes.community, 10)).map(({ key }) => key);
  const close = () => inThread({ type: 'set_override', subject: `member:${ada}`, allow: [], deny: ['view'] });
  const open = () => inThread({ type: 'set_override', subject: `member:${ada}`, allow: [], deny: [] });

  it('says with each commit who did what to it, before they are answered, and nothing of what is said in it', async () => {
    await create({ title: 'Shade', tags: ['ferns'] });
    expect(await last()).toMatchObject({ by: founder, operation: 'create_thread', changes: [await put()] });
    await inThread({ type: 'update', patch: { title: 'Deep shade' } });
    expect(await last()).toMatchObject({ by: founder, operation: 'update_thread', changes: [await put()] });
    await inThread({ type: 'pin', act: newId(51), is_pinned: true });
    expect(await last()).toMatchObject({ by: founder, operation: 'pin_thread', changes: [await put()] });
    const { rev } = await last();
    const text = { content: 'moss', reply_to: null, attachments: [], mentions: [], nonce: newId(52) };
    await inThread({ type: 'send', message_id: newId(53), ...text });
    await nodes.clock.advance(30_000);
    expect(await last()).toMatchObject({ rev });
    await inThread({ type: 'delete_thread' });
    expect(await last()).toMatchObject({ by: founder, operation: 'delete_thread', changes: [gone] });
    expect(await owed()).toEqual([]);
  });

  it('has nothing of one that is closed, from before that is answered until it is opened again', async () => {
    await create();
    await close();
    expect(await last()).toMatchObject({ by: founder, operation: 'set_override', changes: [gone] });
    const { rev } = await last();
    await inThread({ type: 'update', patch: { title: 'Behind doors' } });
    await inThread({ type: 'pin', act: newId(51), is_pinned: true });
    await nodes.clock.advance(60_000);
    expect(await last()).toMatchObject({ rev });
    await open();
    expect(await last()).toMatchObject({ operation: 'set_override', changes: [await put()] });
  });

  it('never names one that began closed, whatever is done to it, also where a late decision is to find its place taken', async () => {
    await create({ is_private: true, member_ids: [ada] });
    await inThread({ type: 'update', patch: { title: 'Behind doors' } });
    await nodes.ask(node, { type: 'copy_thread', thread_id: thread, by: null, operation: 'copy' });
    expect(await owed()).toEqual([]);
    await inThread({ type: 'delete_thread' });
    node.tell({ kind: 'community', key: nodes.community }, { type: 'copy_threads' });
    await nodes.clock.advance(5_000);
    expect(await ofThreads()).toEqual([]);
    expect(await nodes.commits()).toHaveLength(1);
    expect(nodes.told.filter(({ room }) => room === `l:${nodes.ledger}`)).toHaveLength(1);
  });

  it('keeps a late decision upon one that was open from standing once it is closed', async () => {
    // Made by an owner who dies with the commit under way.
    await nodes.ask(node, { type: 'update', by: founder, patch: { name: 'first' } });
    nodes.ledgers.fates = Array<'delayed'>(40).fill('delayed');
    expect((await nodes.during(create())).id).toBe(thread);
    await nodes.kill(node);
    node = nodes.node();
    nodes.ledgers.fates = [];
    await nodes.during(close());
    await nodes.land();
    await nodes.clock.advance(60_000);
    expect(await ofThreads()).toEqual([]);
    expect((await nodes.sync(node, founder)).items.filter(({ kind }) => kind === 'thread')).toEqual([]);
  });

  it('is made up for where it could not be copied, and nobody hears that it is closed before it has gone', async () => {
    await nodes.ask(node, { type: 'update', by: founder, patch: { name: 'first' } });
    nodes.ledgers.fates = Array<'lost'>(40).fill('lost');
    expect(await nodes.during(codeOf(create()))).toBe('ok');
    expect(await owed()).toEqual([thread]);
    expect(await nodes.during(codeOf(inThread({ type: 'update', patch: { title: 'n' } })))).toBe('ok');
    nodes.ledgers.fates = [];
    await nodes.clock.advance(20_000);
    nodes.ledgers.fates = Array<'lost'>(40).fill('lost');
    expect(await nodes.during(codeOf(close()))).toBe('unavailable');
    nodes.ledgers.fates = [];
    // Again is how one finds out.
    expect(await nodes.during(codeOf(close()))).toBe('ok');
    expect((await last()).changes).toEqual([gone]);
    await open();
    expect((await last()).changes).toEqual([await put()]);
    expect(await owed()).toEqual([]);
  });

  it('goes with a thread that an owner deletes who does not know of its item', async () => {
    const old = node;
    await nodes.ask(old, { type: 'update', by: founder, patch: { name: 'first' } });
    node = nodes.node();
    await create();
    await nodes.askThread(old, thread, { type: 'delete_thread', by: founder });
    expect((await last()).changes).toEqual([gone]);
  });

  it('has gone when whoever closes it again is answered, also by an owner who finds it closed', async () => {
    await create();
    nodes.ledgers.fates = Array<'lost'>(40).fill('lost');
    expect(await nodes.during(codeOf(close()))).toBe('unavailable');
    await nodes.kill(node);
    node = nodes.node();
    nodes.ledgers.fates = [];
    expect(await codeOf(close())).toBe('ok');
    expect((await last()).changes).toEqual([gone]);
  });

  it('is no part of the document: that is written with the next change of the community, or some commits later', async () => {
    await create();
    nodes.calls.length = 0;
    for (let at = 0; at < 70; at++) await inThread({ type: 'update', patch: { title: `n ${at}` } });
    expect(nodes.calls.filter((call) => call === 'communities.apply')).toHaveLength(2);
    // An owner after this one reads what is missing.
    await nodes.kill(node);
    node = nodes.node();
    await nodes.ask(node, { type: 'update', by: founder, patch: { name: 'n' } });
    expect((await nodes.document()).ledger_rev).toBe((await last()).rev);
  });

  it('is brought by one word where there are thousands, and a snapshot has the newest 1,000', async () => {
    const threads = Array.from({ length: 2_100 }, () => aThread({ community_id: nodes.community }));
    await nodes.base.threads.putMissing(threads);
    node.tell({ kind: 'community', key: nodes.community }, { type: 'copy_threads' });
    await nodes.clock.advance(30_000);
    expect(await owed()).toEqual([]);
    expect((await ofThreads()).every(({ changes }) => changes.length <= 200)).toBe(true);
    const items = [];
    let page = await nodes.sync(node, founder);
    for (; ; page = await nodes.sync(node, founder, { from: page.next! })) {
      items.push(...page.items);
      if (page.next === null) break;
    }
    const shown = items.filter(({ kind }) => kind === 'thread');
    expect(shown).toHaveLength(1_000);
    expect(new Set(shown.map(({ key }) => key)).size).toBe(1_000);
    expect(items.filter(({ kind }) => kind === 'role_order')).toHaveLength(1);
  });

  it('is asked for nothing where the community is gone', async () => {
    await create();
    await nodes.ask(node, { type: 'delete', by: founder });
    await nodes.base.threads.update(thread, { title: 'late' });
    node.tell({ kind: 'community', key: nodes.community }, { type: 'copy_threads' });
    await nodes.clock.advance(5_000);
    expect(await owed()).toEqual([]);
  });
});
