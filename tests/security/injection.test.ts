import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import type { LiveMessage } from '../../src/protocol/resources.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { found, password, signUp, token } from '../cluster/people.js';
import { Bystander } from './bystander.js';
import { RawSocket } from './raw-socket.js';
import { expectProblem, knock } from './rest-door.js';

describe('injection', () => {
  let cluster: TestCluster;
  let url: string;
  let owner: ParleyClient;
  let access: string;
  let bystander: Bystander;
  let place: Awaited<ReturnType<typeof found>>;
  let message: LiveMessage;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    url = cluster.urls[0] as string;
    owner = await signUp([url]);
    access = await token(owner);
    bystander = await Bystander.on(cluster.nodes[0] as TestCluster['nodes'][0]);
    place = await found(owner);
    message = (await owner.operations.sendMessage({ thread_id: place.thread.id, content: 'first' })) as LiveMessage;
  });
  afterAll(async () => {
    bystander?.close();
    owner?.close();
    await cluster?.stop();
  });

  const ask = (method: string, path: string, body?: { json: unknown } | { raw: string }) =>
    knock(url, `/api${path}`, { method, token: access, ...body });
  /** Every route with text in its body, and that body in a valid form. */
  const bodies = (): [method: string, path: string, valid: Record<string, unknown>][] => [
    ['POST', '/auth/register', { username: 'injected', email: 'injected@example.org', password }],
    ['POST', '/auth/login', { login: 'injected', password }],
    ['POST', '/auth/refresh', { refresh_token: 'x'.repeat(43) }],
    ['POST', '/communities', { name: 'injected' }],
    ['PUT', `/communities/${place.community.id}`, { name: 'injected' }],
    ['PATCH', `/communities/${place.community.id}`, { name: 'injected' }],
    ['PUT', `/communities/${place.community.id}/members/${bystander.client.memberId}`, { role: 'member' }],
    ['PATCH', `/communities/${place.community.id}/members/${bystander.client.memberId}`, { role: 'member' }],
    ['POST', `/threads/community/${place.community.id}`, { title: 'injected' }],
    ['PUT', `/threads/${place.thread.id}`, { title: 'injected' }],
    ['PATCH', `/threads/${place.thread.id}`, { title: 'injected' }],
    ['POST', `/messages/thread/${place.thread.id}`, { content: 'injected', nonce: 'injected' }],
    ['PUT', `/messages/${message.id}`, { content: 'injected' }],
    ['PATCH', `/messages/${message.id}`, { content: 'injected' }],
    ['PUT', `/members/${owner.memberId}`, { bio: 'injected' }],
    ['PATCH', `/members/${owner.memberId}`, { bio: 'injected' }],
    ['POST', '/notifications/read', { ids: [message.id] }],
  ];
  const payloads = (): [event: string, valid: Record<string, unknown>][] => [
    ['join_community', { community_id: place.community.id }],
    ['join_thread', { thread_id: place.thread.id }],
    ['sync_thread', { thread_id: place.thread.id, after_rev: 0 }],
    ['send_message', { thread_id: place.thread.id, content: 'injected', nonce: 'injected' }],
    ['edit_message', { message_id: message.id, content: 'injected' }],
    ['delete_message', { message_id: message.id }],
    ['add_reaction', { message_id: message.id, emoji: '👍' }],
    ['mark_read', { thread_id: place.thread.id, seq: 1 }],
    ['typing', { thread_id: place.thread.id }],
    ['set_presence', { state: 'online' }],
    ['create_community', { name: 'injected' }],
    ['update_community', { community_id: place.community.id, name: 'injected' }],
    ['change_membership', { community_id: place.community.id, member_id: bystander.client.memberId, role: 'member' }],
    ['create_thread', { community_id: place.community.id, title: 'injected' }],
    ['update_thread', { thread_id: place.thread.id, title: 'injected' }],
    ['update_member', { member_id: owner.memberId, bio: 'injected' }],
    ['search_messages', { q: 'injected', author: owner.memberId }],
    ['list_messages', { thread_id: place.thread.id, limit: 10 }],
    ['list_members', { q: 'injected', cursor: 'x' }],
    ['get_member_by_username', { username: 'injected' }],
    ['read_notifications', { ids: [message.id] }],
  ];
  const expectUntouched = async (): Promise<void> => {
    const { items } = await owner.operations.listMessages({ thread_id: place.thread.id });
    expect(items).toMatchObject([{ id: message.id, content: 'first', rev: 1 }]);
    expect(await owner.operations.getThread({ thread_id: place.thread.id })).toMatchObject({ title: 'A thread' });
    expect(await owner.operations.getCommunity({ community_id: place.community.id })).toMatchObject({ name: place.community.name });
    const self = await owner.operations.getMember({ member_id: owner.memberId as string });
    expect(self).toMatchObject({ bio: null });
    expectProblem(await knock(url, '/api/auth/login', { json: { login: 'injected', password } }), 'unauthenticated');
    await bystander.isUnharmed();
  };
  const operators = [{ $ne: null }, { $gt: '' }, { $regex: '.*' }, { $where: 'sleep(1000)' }, { $in: [''] }, [{ $ne: null }], ['x', 'y']];

  it('22 operators in place of values, at both doors', async () => {
    for (const [method, path, valid] of bodies()) {
      for (const name of Object.keys(valid)) {
        for (const operator of operators) {
          expectProblem(await ask(method, path, { json: { ...valid, [name]: operator } }), 'validation_failed');
        }
      }
      for (const json of [{ ...valid, $where: '1' }, { ...valid, 'a.b': 1 }, { ...valid, 'author.id': 1 }, { $ne: null }, [valid]]) {
        expectProblem(await ask(method, path, { json }), 'validation_failed');
      }
    }
    const socket = new RawSocket(url);
    await socket.enter(access);
    for (const [event, valid] of payloads()) {
      const forms = Object.keys(valid).flatMap((name) => operators.map((operator) => ({ ...valid, [name]: operator })));
      for (const form of [...forms, { ...valid, $where: '1' }, { ...valid, 'a.b': 1 }, { $ne: null }, [valid], null, 'text', 1, true]) {
        expect(await socket.ask(event, form)).toMatchObject({ ok: false, error: { code: 'validation_failed' } });
      }
    }
    socket.close();
    await expectUntouched();
  });

  it('22 operators in addresses', async () => {
    for (const query of [
      'q[$ne]=',
      'q[$regex]=.*',
      'cursor[$gt]=',
      'limit[$gt]=0',
      'limit=10&limit=20',
      'mine[]=true',
      '$where=1',
      'q.a=1',
      'q=a&q=b',
    ]) {
      expectProblem(await ask('GET', `/communities?${query}`), 'validation_failed');
      expectProblem(await ask('GET', `/members?${query}`), 'validation_failed');
    }
    for (const query of [
      'q=a&author[$ne]=x',
      'q=a&author=%7B%22%24ne%22%3Anull%7D',
      'q[$ne]=a',
      'q=a&before[$gt]=0',
      'q=a&thread_id=$ne',
    ]) {
      expectProblem(await ask('GET', `/messages/search?${query}`), 'validation_failed');
    }
    for (const id of [
      '%7B%22%24ne%22%3Anull%7D',
      '$ne',
      '[object%20Object]',
      '..%2f..%2fetc',
      `${place.thread.id}%00`,
      '%F0%9F%92%A5',
      'null',
    ]) {
      expectProblem(await ask('GET', `/threads/${id}`), 'validation_failed');
      expectProblem(await ask('GET', `/members/${id}`), 'validation_failed');
    }
  });

  it('22 patterns are looked for as text', async () => {
    for (const pattern of ['.*', '^', '$where', '(z%2B)%2B$', '[', '\\', '%7B%22%24ne%22%3A1%7D', '*']) {
      for (const path of [
        `/members?q=${pattern}`,
        `/communities?q=${pattern}`,
        `/threads/search?q=${pattern}`,
        `/messages/search?q=${pattern}`,
      ]) {
        const answer = await ask('GET', path);
        expect({ path, status: answer.status, body: answer.body }).toEqual({ path, status: 200, body: { items: [], next_cursor: null } });
      }
    }
    // The same search with words finds.
    expect(
      ((await ask('GET', `/communities?q=${encodeURIComponent(place.community.name)}`)).body as { items: unknown[] }).items,
    ).toHaveLength(1);
    const text = '{"$ne": null} $where .* <script> $(id) %00 \\u0000';
    const sent = await bystander.client.operations.sendMessage({ thread_id: bystander.thread.id, content: text });
    expect(sent).toMatchObject({ content: text });
  });

  it('23 keys that reach for prototypes, at both doors', async () => {
    const raw = (valid: Record<string, unknown>, extra: string): string => `${JSON.stringify(valid).slice(0, -1)},${extra}}`;
    const extras = [
      '"__proto__":{"is_admin":true,"role":"owner","polluted":"yes"}',
      '"constructor":{"prototype":{"is_admin":true,"polluted":"yes"}}',
      '"\\u005f_proto__":{"polluted":"yes"}',
      '"a":{"b":{"__proto__":{"polluted":"yes"}}}',
      '"__defineGetter__":"x"',
      '"hasOwnProperty":1',
      '"toString":"x"',
      '"then":"x"',
      '"toJSON":"x"',
    ];
    for (const [method, path, valid] of bodies()) {
      for (const extra of extras) {
        const { detail } = expectProblem(await ask(method, path, { raw: raw(valid, extra) }), 'validation_failed');
        // Seen before it was parsed, and not only because no schema knows it.
        if (extra.includes('polluted')) expect(detail).toContain('a key that is not allowed');
      }
    }
    const socket = new RawSocket(url);
    await socket.enter(access);
    for (const [event, valid] of payloads()) {
      for (const extra of extras) {
        expect(await socket.askRaw(`["${event}",${raw(valid, extra)}]`)).toMatchObject({ ok: false, error: { code: 'validation_failed' } });
      }
    }
    for (const event of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']) {
      expect(await socket.ask(event, {})).toMatchObject({ ok: false, error: { code: 'validation_failed' } });
    }
    socket.close();
    for (const query of [
      '__proto__[polluted]=yes',
      '__proto__=x',
      'constructor[prototype][polluted]=yes',
      'toString=x',
      'hasOwnProperty=x',
    ]) {
      expectProblem(await ask('GET', `/communities?${query}`), 'validation_failed');
    }
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expectProblem(await ask('GET', `/members/username/${name}`), 'not_found');
      expectProblem(await ask('GET', `/members/${name}`), 'validation_failed');
      expectProblem(await ask('GET', `/${name}`), 'not_found');
    }
    // Nothing has become everybody's property.
    const community = await ask('GET', `/communities/${place.community.id}`);
    expect(community.status).toBe(200);
    expect(community.text).not.toContain('polluted');
    expectProblem(await ask('DELETE', `/members/${bystander.client.memberId}`), 'forbidden');
    await expectUntouched();
  });

  it('26 marks that turn, hide or end text in names, and names that pose as others', async () => {
    // Written by number: such marks must not stand in a source either.
    const marks = [0x202e, 0x2066, 0x200b, 0x200d, 0x2060, 0xfeff, 0x0000, 0x0007, 0x001b, 0x000a, 0x000d, 0x007f, 0xd800, 0xdfff];
    const named = (mark: number): [method: string, path: string, json: unknown][] => {
      const name = `a${String.fromCharCode(mark)}b`;
      return [
        ['POST', '/auth/register', { username: name, email: 'injected@example.org', password }],
        ['POST', '/auth/register', { username: 'injected', email: 'injected@example.org', password, full_name: name }],
        ['PUT', `/members/${owner.memberId}`, { full_name: name }],
        ['PATCH', `/members/${owner.memberId}`, { full_name: name }],
        ['POST', '/communities', { name }],
        ['POST', '/communities', { name: 'injected', tags: [name] }],
        ['POST', `/threads/community/${place.community.id}`, { title: name }],
      ];
    };
    for (const mark of marks) {
      for (const [method, path, json] of named(mark)) expectProblem(await ask(method, path, { json }), 'validation_failed');
    }
    // In text that is more than a name, only what no text can hold.
    for (const mark of [0x0000, 0x001b, 0xd800, 0xdfff]) {
      const content = `a${String.fromCharCode(mark)}b`;
      expectProblem(await ask('POST', `/messages/thread/${place.thread.id}`, { json: { content } }), 'validation_failed');
      expectProblem(await ask('PUT', `/members/${owner.memberId}`, { json: { bio: content } }), 'validation_failed');
    }
    // Look-alikes: Cyrillic a, full-width a, ligature, combining accent, empty, too long, a path.
    for (const username of ['\u0430da', '\uff41da', '\ufb01x', 'ada\u0301', '', ' ', 'a', '.ada', '../ada', 'a/b', 'a@b', 'a'.repeat(33)]) {
      const json = { username, email: 'injected@example.org', password };
      expectProblem(await ask('POST', '/auth/register', { json }), 'validation_failed');
    }
    const { username } = await owner.operations.getMember({ member_id: owner.memberId as string });
    const json = { username: username.toUpperCase(), email: 'injected@example.org', password };
    expectProblem(await ask('POST', '/auth/register', { json }), 'conflict');
    await expectUntouched();
  });
});
