import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient, ObjectId } from 'mongodb';
import type { Socket } from 'socket.io-client';
import type { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { password, signUp, token } from '../cluster/people.js';
import { openSocket } from './bystander.js';
import { claimsOf } from './forged-token.js';
import { type Answer, expectProblem, knock } from './rest-door.js';
import { idOf, usernameOf } from './trio.js';

const hour = 3_600_000;

describe('what acts on an account itself, on two nodes', () => {
  let cluster: TestCluster;
  let one: string;
  let two: string;
  let mongo: MongoClient;
  const people: ParleyClient[] = [];
  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2 });
    [one, two] = cluster.urls as [string, string];
    mongo = await MongoClient.connect(process.env.TEST_MONGODB_URL as string);
  });
  afterAll(async () => {
    for (const person of people) person.close();
    await mongo?.close();
    await cluster?.stop();
  });

  /** Somebody whose session was opened an hour ago. */
  const somebody = async (): Promise<{ client: ParleyClient; access: string; username: string }> => {
    const client = await signUp(cluster.urls);
    people.push(client);
    const access = await token(client);
    const _id = ObjectId.createFromHexString(claimsOf(access).sid);
    await mongo
      .db(cluster.name)
      .collection('sessions')
      .updateOne({ _id }, { $set: { created_at: new Date(Date.now() - hour) } });
    return { client, access, username: await usernameOf(client) };
  };
  const logIn = (login: string, secret: string): Promise<Answer> => knock(one, '/api/auth/login', { json: { login, password: secret } });
  const ending = (socket: Socket): Promise<string> => {
    let reason = 'closed without a word';
    socket.once('session_ended', (payload: { reason: string }) => {
      reason = payload.reason;
    });
    return new Promise((resolve) => socket.once('disconnect', () => resolve(reason)));
  };

  it('64 e-mail, username, password and closing want the password again, by whichever way', async () => {
    const { client, access, username } = await somebody();
    const self = `/api/members/${idOf(client)}`;
    const before = await client.operations.getMember({ member_id: idOf(client) });
    const ways: [method: string, path: string, json: object | undefined][] = [
      ['POST', '/api/auth/password', { new_password: 'of the thief' }],
      ['POST', '/api/auth/email', { email: 'thief@example.org' }],
      ['PUT', self, { email: 'thief@example.org' }],
      ['PUT', self, { username: `${username}x`, bio: 'mine now' }],
      ['PATCH', self, { email: 'thief@example.org' }],
      ['PATCH', self, { username: `${username}x`, bio: 'mine now' }],
      ['DELETE', self, undefined],
      ['DELETE', self, {}],
    ];
    for (const [method, path, json] of ways) {
      const given = [json, { ...json, password: 'a wrong password' }, { ...json, password: `${password} ` }];
      for (const body of given) {
        const answer = await knock(two, path, { method, token: access, ...(body !== undefined && { json: body }) });
        expect(expectProblem(answer, 'forbidden').errors?.map((error) => error.path)).toEqual(['password']);
      }
      for (const odd of [null, 5, [password], { $ne: null }, '']) {
        expectProblem(await knock(two, path, { method, token: access, json: { ...json, password: odd } }), 'validation_failed');
      }
    }
    const socket = await openSocket(two, access);
    const member_id = idOf(client);
    const events: [name: string, input: object][] = [
      ['change_password', { new_password: 'of the thief' }],
      ['change_email', { email: 'thief@example.org' }],
      ['update_member', { member_id, email: 'thief@example.org' }],
      ['update_member', { member_id, username: `${username}x`, bio: 'mine now' }],
      ['deactivate_member', { member_id }],
    ];
    for (const [name, input] of events) {
      const refused = { ok: false, error: { code: 'forbidden', errors: [{ path: 'password' }] } };
      for (const given of [{}, { password: 'a wrong password' }, { password: `${password} ` }]) {
        expect([name, await socket.emitWithAck(name, { ...input, ...given })]).toMatchObject([name, refused]);
      }
    }
    socket.disconnect();
    expect(await client.operations.getMember({ member_id: idOf(client) })).toEqual(before);
    expect((await logIn(username, password)).status).toBe(200);
    for (const method of ['PUT', 'PATCH']) {
      const bio = await knock(one, self, { method, token: access, json: { bio: 'free to change' } });
      expect(bio.status).toBe(200);
    }
  });

  it('64 a changed password ends all other sessions, their sockets at once, on every node', async () => {
    const { client, access, username } = await somebody();
    const thief = (await logIn(username, password)).body as { access_token: string; refresh_token: string };
    const sockets = await Promise.all([openSocket(one, thief.access_token), openSocket(two, thief.access_token)]);
    const own = await openSocket(two, access);
    const ends = sockets.map(ending);
    const json = { password, new_password: 'a better battery' };
    expect((await knock(one, '/api/auth/password', { token: access, json })).status).toBe(204);
    expect(await Promise.all(ends)).toEqual(['password_changed', 'password_changed']);
    for (const url of cluster.urls) {
      expectProblem(await knock(url, '/api/members', { token: thief.access_token }), 'unauthenticated');
      const refresh = await knock(url, '/api/auth/refresh', { json: { refresh_token: thief.refresh_token } });
      expectProblem(refresh, 'unauthenticated');
    }
    expect(own.connected).toBe(true);
    expect(await own.emitWithAck('mark_all_read', {})).toMatchObject({ ok: true });
    own.disconnect();
    expectProblem(await logIn(username, password), 'unauthenticated');
    expect((await logIn(username, 'a better battery')).status).toBe(200);
    expect((await client.operations.listSessions({})).items.length).toBe(2);
  });

  it('64 all other sessions can be ended by themselves, and no one else’s', async () => {
    const { access, username } = await somebody();
    const bystander = await somebody();
    const other = (await logIn(username, password)).body as { access_token: string };
    const socket = await openSocket(two, other.access_token);
    const end = ending(socket);
    expect((await knock(one, '/api/auth/sessions', { method: 'DELETE', token: access })).status).toBe(204);
    expect(await end).toBe('signed_out');
    expectProblem(await knock(two, '/api/members', { token: other.access_token }), 'unauthenticated');
    for (const still of [access, bystander.access]) expect((await knock(two, '/api/members', { token: still })).status).toBe(200);
  });

  it('64 a closed account is gone for others at once, and comes back by its password alone', async () => {
    const { client, access, username } = await somebody();
    const other = await somebody();
    const socket = await openSocket(two, access);
    const end = ending(socket);
    const closed = await knock(one, `/api/members/${idOf(client)}`, { method: 'DELETE', token: access, json: { password } });
    expect(closed.status).toBe(204);
    expect(await end).toBe('deactivated');
    const found = await knock(two, `/api/members?q=${username}`, { token: other.access });
    expect((found.body as { items: unknown[] }).items).toEqual([]);
    expectProblem(await logIn(username, 'a wrong password'), 'unauthenticated');
    expect(expectProblem(await logIn(username, password), 'forbidden').detail).toMatch(/can be opened again until \d{4}-\d\d-\d\dT/);
    const reopen = (secret: string): Promise<Answer> => knock(two, '/api/auth/reopen', { json: { login: username, password: secret } });
    expectProblem(await reopen('a wrong password'), 'unauthenticated');
    expect((await reopen(password)).status).toBe(200);
    expectProblem(await knock(one, '/api/members', { token: access }), 'unauthenticated');
    expect((await logIn(username, password)).status).toBe(200);
  });
});
