import { beforeEach, describe, expect, it } from '@jest/globals';
import { Endpoints } from '../../../src/client/endpoints.js';
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
let door: RestDoor;
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
  door = new RestDoor({
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
    await door.call('history', { params: { thread_id: hexId(1) }, query: { before_seq: 5, limit: undefined } });
    answers = [json(204, undefined)];
    await expect(door.call('logout')).resolves.toBeUndefined();
    answers = [json(200, {})];
    await door.call('getMemberByUsername', { params: { username: 'a/b' } });
    expect(seen).toEqual([
      { url: `http://one/api/messages/thread/${hexId(1)}?before_seq=5`, method: 'GET', authorization: 'Bearer t1', body: undefined },
      { url: 'http://one/api/auth/logout', method: 'POST', authorization: 'Bearer t1', body: undefined },
      { url: 'http://one/api/members/username/a%2Fb', method: 'GET', authorization: 'Bearer t1', body: undefined },
    ]);
  });

  it.each<[string, () => Promise<unknown>, Response]>([
    ['a repeated read', () => door.call('listCommunities'), problem(503, 'unavailable')],
    ['a refused token', () => door.call('createCommunity', { body: { name: 'by Ann' } }), problem(401, 'unauthenticated')],
  ])('asks nothing in the name of who signs in meanwhile: %s', async (_, call, answer) => {
    answers = [answer];
    const asked = call();
    member = 'bob';
    await expect(settled(asked)).rejects.toBeInstanceOf(Fault);
    expect(seen).toHaveLength(1);
  });

  it('sends no token where none is taken', async () => {
    await door.call('login', { body: { login: 'a', password: 'b' } });
    expect(seen[0]).toMatchObject({ authorization: null, body: { login: 'a', password: 'b' } });
  });

  it('throws the Fault of a problem document', async () => {
    answers = [problem(400, 'validation_failed', { errors: [{ path: 'name', message: 'must not be empty' }] })];
    await expect(door.call('createCommunity', { body: { name: '' } })).rejects.toMatchObject({
      code: 'validation_failed',
      message: 'the validation_failed',
      errors: [{ path: 'name', message: 'must not be empty' }],
    });
  });

  it('replaces a refused token once', async () => {
    answers = [problem(401, 'unauthenticated'), json(200, { ok: 1 })];
    await expect(door.call('listSessions')).resolves.toEqual({ ok: 1 });
    expect(seen.map((one) => one.authorization)).toEqual(['Bearer t1', 'Bearer t2']);
    answers = [problem(401, 'unauthenticated'), problem(401, 'unauthenticated')];
    await expect(door.call('listSessions')).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(refreshed).toEqual(['t1', 't1']);
  });

  it('repeats what is safe to repeat after what was asked for, on the next node when one is lost', async () => {
    answers = [problem(429, 'rate_limited', { retry_after_ms: 3_000 }), new TypeError('refused'), json(200, { id: 1 })];
    const call = door.call('getThread', { params: { id: hexId(1) } });
    await clock.advance(2_999);
    expect(seen).toHaveLength(1);
    await expect(settled(call)).resolves.toEqual({ id: 1 });
    expect(seen.map((one) => one.url.slice(0, 10))).toEqual(['http://one', 'http://one', 'http://two']);
  });

  it('does not repeat what might happen twice', async () => {
    answers = [problem(503, 'unavailable')];
    await expect(settled(door.call('createCommunity', { body: { name: 'a' } }))).rejects.toMatchObject({ code: 'unavailable' });
    answers = [problem(503, 'unavailable')];
    await expect(settled(door.call('sendMessage', { params: { thread_id: hexId(1) }, body: { content: 'a' } }))).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(seen).toHaveLength(2);
    answers = [problem(503, 'unavailable'), json(200, {})];
    await settled(door.call('sendMessage', { params: { thread_id: hexId(1) }, body: { content: 'a', nonce: 'n' } }));
    expect(seen).toHaveLength(4);
  });

  it('is bounded: in attempts, in waiting, in time for one answer', async () => {
    answers = Array.from({ length: 9 }, () => problem(503, 'overloaded'));
    await expect(settled(door.call('listSessions'))).rejects.toMatchObject({ code: 'overloaded' });
    expect(seen).toHaveLength(4);
    answers = [problem(503, 'overloaded', { retry_after_ms: 60_000 })];
    await expect(door.call('listSessions')).rejects.toMatchObject({ retry_after_ms: 60_000 });
    answers = [json(502, 'a proxy says so', { 'retry-after': '90' })];
    await expect(door.call('listSessions')).rejects.toMatchObject({ code: 'unavailable', retry_after_ms: 90_000 });
  });
});
