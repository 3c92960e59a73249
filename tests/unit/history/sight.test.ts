import { describe, expect, test } from '@jest/globals';
import { check } from '../../../proof/history/check.js';
import type { Authority, AuthorityAct, Entry } from '../../../proof/history/history.js';
import { namedThreads } from '../../../proof/history/named-threads.js';
import { Story } from './story.js';

const [community, thread] = ['c1', 't1'];
const begun: Authority = {
  community,
  isPublic: false,
  owner: 'ada',
  members: [
    { id: 'ada', isMember: true, roles: [] },
    { id: 'bob', isMember: true, roles: ['role1'] },
    { id: 'cyd', isMember: true, roles: [] },
  ],
  roles: [
    { id: 'role1', permissions: [] },
    { id: community, permissions: ['view'] },
  ],
  threads: [
    {
      id: thread,
      overrides: [
        { subject: `role:${community}`, allow: [], deny: ['view'] },
        { subject: 'member:bob', allow: ['view'], deny: [] },
      ],
    },
  ],
};

/** Bob is one of the people of a closed thread, cyd is not; then something is done, and told. */
class Closed extends Story {
  constructor() {
    super('ada');
    this.add({ kind: 'authority', at: this.tick(), begun });
  }

  do(act: AuthorityAct, answer: Parameters<Story['answer']>[1] = {}): void {
    this.answer(this.call('ada', act), answer);
  }

  tell(member: string, after: number, way: Partial<Extract<Entry, { kind: 'told' }>> = {}): void {
    const told = { client: `client-${member}`, member, thread, by: 'new_message', connection: 1, ...way };
    this.add({ kind: 'told', at: this.tick(after), ...told });
  }

  part(member: string): void {
    this.add({ kind: 'parted', at: this.tick(1), client: `client-${member}`, member, connection: 1, thread });
  }

  found(stored: Partial<Authority> = {}, threads?: readonly string[]) {
    const told = this.end();
    told.final.authority = [{ ...begun, ...stored }];
    if (threads) told.final.sights = [{ member: 'cyd', community, by: 'list_threads', threads }];
    return check(told).violations.map(({ invariant, what }) => `${invariant}: ${what}`);
  }
}

const takeOut: AuthorityAct = { do: 'take_out', community, thread, whom: 'bob' };
const without = { threads: [{ id: thread, overrides: begun.threads[0]!.overrides.slice(0, 1) }] };

describe('16, whoever may not view a thread', () => {
  test('is told of it within the bound at most, and who may is always told', () => {
    const story = new Closed();
    story.tell('bob', 60_000);
    story.do(takeOut);
    story.tell('bob', 9_000);
    story.tell('ada', 60_000);
    expect(story.found(without)).toEqual([]);
    story.tell('bob', 1);
    expect(story.found(without)).toEqual([expect.stringMatching(/^16: bob is told of thread t1 by new_message, \d+ ms past the bound/)]);
  });

  test('and never could is told nothing; an answer counts from when it was asked for', () => {
    const story = new Closed();
    story.tell('cyd', 60_000, { asked: 5_000, by: 'get_thread' });
    expect(story.found()).toEqual([]);
    story.tell('cyd', 1, { asked: 60_000, by: 'get_thread' });
    expect(story.found()).toEqual([expect.stringMatching(/^16: cyd is told of thread t1 by get_thread/)]);
  });

  test('hears nothing behind the removal on its connection, until it may have been given back', () => {
    const story = new Closed();
    story.tick(60_000);
    const op = story.call('ada', takeOut);
    // Before it is acknowledged.
    story.part('bob');
    story.answer(op);
    story.tell('bob', 1, { connection: 2 });
    story.tell('bob', 1, { by: 'notification' });
    story.tell('bob', 1, { by: 'ledger_changed of me' });
    expect(story.found(without)).toEqual([]);
    const given = structuredClone(story.entries);
    story.tell('bob', 1);
    expect(story.found(without)).toEqual(['16: bob is told of thread t1 by new_message, behind its removal on the same connection']);
    story.entries.splice(0, story.entries.length, ...given);
    story.do({ do: 'let_in', community, thread, whom: 'bob' });
    story.tell('bob', 60_000);
    expect(story.found()).toEqual([]);
  });

  test('hears nothing of the ledger of a private community once they were removed, and may before', () => {
    const by = `ledger_changed of community:${community}`;
    const story = new Closed();
    story.tell('bob', 60_000, { thread: community, by });
    story.answer(story.call('ada', { do: 'remove', community, whom: 'bob', how: 'kick' }));
    story.tell('bob', 9_000, { thread: community, by });
    const members = begun.members.map((one) => (one.id === 'bob' ? { id: 'bob', isMember: false, roles: [] } : one));
    expect(story.found({ members })).toEqual([]);
    story.tell('bob', 60_000, { thread: community, by });
    expect(story.found({ members })).toEqual([expect.stringMatching(/^16: bob is told of thread c1 by ledger_changed of community:c1/)]);
  });

  test('by a role: what a role grants, who holds it and what is said of it count', () => {
    for (const act of [
      { do: 'change_role', community, role: 'role1', permissions: ['administrator'] },
      { do: 'override', community, thread, subject: 'role:role1', allow: ['view'], deny: [] },
    ] satisfies AuthorityAct[]) {
      const story = new Closed();
      story.do(act);
      story.do({ do: 'give_role', community, whom: 'cyd', role: 'role1' });
      story.tell('cyd', 60_000);
      story.do({ do: 'take_role', community, whom: 'cyd', role: 'role1' });
      story.tell('cyd', 60_000);
      expect(story.found().filter((what) => what.startsWith('16'))).toHaveLength(1);
    }
  });

  test('is not judged while it is not known: what was not answered, or may have been tried again, may still be done', () => {
    const story = new Closed();
    story.call('ada', { do: 'let_in', community, thread, whom: 'cyd' });
    story.tell('cyd', 60_000);
    story.do({ do: 'let_in', community, thread, whom: 'bob' }, { again: true });
    story.do(takeOut);
    story.tell('bob', 20_000);
    expect(story.found(without)).toEqual([]);
  });

  test('a thread may be known before its beginning is answered: what is called in between may have come after it', () => {
    const takeOutOfNew: AuthorityAct = { ...takeOut, thread: 't2', whom: 'ada' };
    const stored = (said: 'allow' | 'deny') => ({
      threads: [
        ...begun.threads,
        {
          id: 't2',
          overrides: [
            { subject: `role:${community}`, allow: [], deny: ['view'] },
            { subject: 'member:ada', allow: [], deny: [], [said]: ['view'] },
          ],
        },
      ],
    });
    for (const answered of ['before', 'after', 'never']) {
      const story = new Closed();
      const beginning = story.call('ada', { do: 'begin_closed', community, people: [] });
      const taking = story.call('ada', takeOutOfNew);
      if (answered === 'before') story.answer(taking);
      story.answer(beginning, { thread: 't2' });
      if (answered === 'after') story.answer(taking);
      expect(story.found(stored('deny'))).toEqual([]);
      expect(story.found(stored('allow'))).toEqual([]);
    }
    const refused = new Closed();
    const beginning = refused.call('ada', { do: 'begin_closed', community, people: [] });
    refused.do({ ...takeOutOfNew, whom: 'bob' }, { outcome: 'refused', code: 'forbidden' });
    refused.answer(beginning, { thread: 't2' });
    expect(refused.found(stored('allow'))).toEqual([]);
    expect(refused.found(stored('deny'))).toEqual([expect.stringMatching(/^17: what thread t2 says of member:ada/)]);
  });

  test('is shown none of it by a list after quiet, and whoever may is', () => {
    expect(new Closed().found({}, [])).toEqual([]);
    expect(new Closed().found({}, [thread])).toEqual(['16: after quiet list_threads shows cyd thread t1, which they may not view']);
    const open = { threads: [{ id: thread, overrides: [] }] };
    expect(new Closed().found(open, []).filter((what) => what.startsWith('16'))).toEqual([
      '16: after quiet list_threads does not show cyd thread t1, which they may view',
    ]);
  });
});

describe('17, what was acknowledged of who may what', () => {
  test('stands', () => {
    const story = new Closed();
    story.do(takeOut);
    story.do({ do: 'hand_over', community, whom: 'bob' });
    story.do({ do: 'give_role', community, whom: 'cyd', role: 'role1' });
    expect(story.found()).toHaveLength(3);
    expect(story.found(without).join()).toMatch(/17: the owner in c1: ada is stored, bob is known/);
    const members = begun.members.map((member) => (member.id === 'cyd' ? { ...member, roles: ['role1'] } : member));
    expect(story.found({ ...without, owner: 'bob', members })).toEqual([]);
  });

  test('what was refused at once is not done, and what is not known may be', () => {
    const story = new Closed();
    story.do({ do: 'hand_over', community, whom: 'bob' }, { outcome: 'unknown', code: 'timeout' });
    story.do({ do: 'give_role', community, whom: 'cyd', role: 'role1' }, { outcome: 'refused', code: 'forbidden' });
    expect(story.found()).toEqual([]);
    expect(story.found({ owner: 'bob' })).toEqual([]);
    const members = begun.members.map((member) => (member.id === 'cyd' ? { ...member, roles: ['role1'] } : member));
    expect(story.found({ members })).toEqual([expect.stringMatching(/^17: whether cyd holds role1/)]);
  });
});

test('what is told names threads at any depth', () => {
  const message = { id: 'm1', thread_id: 't2' };
  expect([...namedThreads({ items: [{ message }, { id: 't3', last_activity: 'now' }], id: 'x' })]).toEqual(['t2', 't3']);
  // In ledgers: the thread that an item is about, and what the audience of the ledger follows from.
  const id = 'd'.repeat(24);
  const items = [
    { kind: 'thread', key: 't4', rev: 1, value: {} },
    { kind: 'read', key: 't5', rev: 1, value: {} },
  ];
  expect([...namedThreads({ ledger: 'me', items })]).toEqual(['t4', 't5']);
  expect([...namedThreads({ ledger: `thread:${id}`, items: [] }), ...namedThreads({ gone: [`thread:${id}`] })]).toEqual([id]);
  expect([...namedThreads({ ledger: 'me', items: [{ kind: 'thread', key: 't6', rev: 2, deleted: true }] })]).toEqual([]);
});
