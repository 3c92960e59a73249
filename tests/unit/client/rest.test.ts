import { beforeEach, describe, expect, it } from '@jest/globals';
import { Endpoints } from '../../../src/client/endpoints.js';
import { type Operations, operationsBy } from '../../../src/client/operations.js';
import { RestDoor } from '../../../src/client/rest.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { hexId } from './thread-model.js';

interface Seen {
  url: string;
  method: string | undefined;
  authorization: string | null;
  body: unknown;
}
let clock: FakeClock;
let seen: Seen[];
let answers: (Response | Error)[];
let refreshed: string[];
let door: Operations;
let member: string | null;

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
const problem = (status: number, code: string, more: object = {}): Response =>
  json(status, { code, detail: `the ${code}`, status, ...more });

beforeEach(() => {
  clock = new FakeClock();
  seen = [];
  answers = [];
  refreshed = [];
  member = 'ann';
  const rest = new RestDoor({
    endpoints: new Endpoints(['http://one', 'http://two']),
    clock,
    random: () => 0,
    token: async () => 't1',
    refresh: async (stale) => {
      refreshed.push(stale);
      return 't2';
    },
    memberId: () => member,
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers);
      seen.push({
        url: String(url),
        method: init?.method,
        authorization: headers.get('authorization'),
        body: init?.body === undefined ? undefined : JSON.parse(String(init.body)),
      });
      const answer = answers.shift() ?? json(200, {});
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  door = operationsBy((way, input, options) => rest.ask(way, input, options));
});
/** Lets time run until the call has an end. */
const settled = async <T>(call: Promise<T>): Promise<T> => {
  call.catch(() => undefined);
  await clock.advance(30_000);
  return call;
};

describe('the REST door', () => {
  it('fills the path, leaves out what is undefined and sends the token', async () => {
    answers = [json(200, { items: [], next_cursor: null })];
    await door.listMessages({ thread_id: hexId(1), before_seq: 5, limit: undefined });
    answers = [json(204, undefined)];
    await expect(door.logout()).resolves.toBeUndefined();
    answers = [json(200, {})];
    await door.getMemberByUsername({ username: 'a/b' });
    expect(seen).toEqual([
      { url: `http://one/api/messages/thread/${hexId(1)}?before_seq=5`, method: 'GET', authorization: 'Bearer t1', body: undefined },
      { url: 'http://one/api/auth/logout', method: 'POST', authorization: 'Bearer t1', body: undefined },
      { url: 'http://one/api/members/username/a%2Fb', method: 'GET', authorization: 'Bearer t1', body: undefined },
    ]);
  });

  it.each<[string, () => Promise<unknown>, Response]>([
    ['a repeated read', () => door.listCommunities(), problem(503, 'unavailable')],
    ['a refused token', () => door.createCommunity({ name: 'by Ann' }), problem(401, 'unauthenticated')],
  ])('asks nothing in the name of who signs in meanwhile: %s', async (_, call, answer) => {
    answers = [answer];
    const asked = call();
    member = 'bob';
    await expect(settled(asked)).rejects.toBeInstanceOf(Fault);
    expect(seen).toHaveLength(1);
  });

  it('sends no token where none is taken', async () => {
    await door.login({ login: 'a', password: 'b' });
    expect(seen[0]).toMatchObject({ authorization: null, body: { login: 'a', password: 'b' } });
  });

  it('sends everything that the path does not name as the body of what is no GET, and none where nothing is left', async () => {
    await door.changeMembership({ community_id: hexId(1), member_id: hexId(2), role: 'moderator' });
    await door.addReaction({ message_id: hexId(3), emoji: '👍' });
    await door.deactivateMember({ member_id: hexId(2), password: 'b' });
    expect(seen).toMatchObject([
      { url: `http://one/api/communities/${hexId(1)}/members/${hexId(2)}`, method: 'PATCH', body: { role: 'moderator' } },
      { url: `http://one/api/messages/${hexId(3)}/reactions/%F0%9F%91%8D`, method: 'PUT', body: undefined },
      { url: `http://one/api/members/${hexId(2)}`, method: 'DELETE', body: { password: 'b' } },
    ]);
  });

  it('asks nobody when the path lacks what it names', async () => {
    await expect(door.getThread({} as never)).rejects.toMatchObject({ code: 'validation_failed' });
    expect(seen).toEqual([]);
  });

  it('throws with the present item, by REST and from an acknowledgement, where that is another than was known', async () => {
    const item = { kind: 'setting', key: 'theme', rev: 7, value: 'dark' };
    answers = [problem(409, 'conflict', { item })];
    await expect(door.putSetting({ key: 'theme', value: 'light', if_rev: 5 })).rejects.toMatchObject({ code: 'conflict', item });
    expect(Fault.fromJSON(new Fault('conflict', undefined, { item }).toJSON())).toMatchObject({ code: 'conflict', item });
  });

  it('throws the Fault of a problem document', async () => {
    answers = [problem(400, 'validation_failed', { errors: [{ path: 'name', message: 'must not be empty' }] })];
    await expect(door.createCommunity({ name: '' })).rejects.toMatchObject({
      code: 'validation_failed',
      message: 'the validation_failed',
      errors: [{ path: 'name', message: 'must not be empty' }],
    });
  });

  it('replaces a refused token once', async () => {
    answers = [problem(401, 'unauthenticated'), json(200, { ok: 1 })];
    await expect(door.listSessions()).resolves.toEqual({ ok: 1 });
    expect(seen.map((one) => one.authorization)).toEqual(['Bearer t1', 'Bearer t2']);
    answers = [problem(401, 'unauthenticated'), problem(401, 'unauthenticated')];
    await expect(door.listSessions()).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(refreshed).toEqual(['t1', 't1']);
  });

  it('repeats what is safe to repeat after what was asked for, on the next node when one is lost', async () => {
    answers = [problem(429, 'rate_limited', { retry_after_ms: 3_000 }), new TypeError('refused'), json(200, { id: 1 })];
    const call = door.getThread({ thread_id: hexId(1) });
    await clock.advance(2_999);
    expect(seen).toHaveLength(1);
    await expect(settled(call)).resolves.toEqual({ id: 1 });
    expect(seen.map((one) => one.url.slice(0, 10))).toEqual(['http://one', 'http://one', 'http://two']);
  });

  it('does not repeat what might happen twice', async () => {
    answers = [problem(503, 'unavailable')];
    await expect(settled(door.createCommunity({ name: 'a' }))).rejects.toMatchObject({ code: 'unavailable' });
    answers = [problem(503, 'unavailable')];
    await expect(settled(door.sendMessage({ thread_id: hexId(1), content: 'a' }))).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(seen).toHaveLength(2);
    answers = [problem(503, 'unavailable'), json(200, {})];
    await settled(door.sendMessage({ thread_id: hexId(1), content: 'a', nonce: 'n' }));
    expect(seen).toHaveLength(4);
  });

  it('is bounded: in attempts, in waiting, in time for one answer', async () => {
    answers = Array.from({ length: 9 }, () => problem(503, 'overloaded'));
    await expect(settled(door.listSessions())).rejects.toMatchObject({ code: 'overloaded' });
    expect(seen).toHaveLength(4);
    answers = [problem(503, 'overloaded', { retry_after_ms: 60_000 })];
    await expect(door.listSessions()).rejects.toMatchObject({ retry_after_ms: 60_000 });
    answers = [json(502, 'a proxy says so', { 'retry-after': '90' })];
    await expect(door.listSessions()).rejects.toMatchObject({ code: 'unavailable', retry_after_ms: 90_000 });
  });
});
