import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Person, RestHouse } from './rest-house.js';

let house: RestHouse;
let ada: Person;
beforeAll(async () => {
  house = await RestHouse.open();
  ada = await house.person('ada');
});
afterAll(() => house.close());

const get = async (path: string, query: { q?: string; tag?: string }): Promise<unknown[]> =>
  (await house.ask('GET', `/api${path}?${new URLSearchParams({ ...query })}`, { by: ada })).body.items;

describe('through the REST door', () => {
  it('people are found by any part of any of their names, in any spelling', async () => {
    for (const [username, full_name] of [
      ['pepe.garcia', 'José Núñez'],
      ['am', 'Anne-Marie'],
      ['yt', '山田太郎'],
      ['fa', 'می\u200cخواهم'],
    ]) {
      const body = { username, email: `${username}@example.org`, password: 'correct horse', full_name };
      expect((await house.ask('POST', '/api/auth/register', { body })).status).toBe(201);
    }
    const found: [q: string, username: string][] = [
      ['jose', 'pepe.garcia'],
      ['garcia', 'pepe.garcia'],
      ['Anne-Marie', 'am'],
      ['太郎', 'yt'],
      ['می\u200cخواهم', 'fa'],
      ['ميخواهم', 'fa'],
      ['nu\u00adnez', 'pepe.garcia'],
    ];
    for (const [q, username] of found) expect([q, await get('/members', { q })]).toMatchObject([q, [{ username }]]);
  });

  it('communities are found by any part of the name, and by tags, which have no doubles', async () => {
    const body = { name: ' Café ', tags: ['Dev', 'dev', ' dev ', 'Straße'] };
    const { body: made } = await house.ask('POST', '/api/communities', { by: ada, body });
    expect(made).toMatchObject({ name: 'Café', tags: ['Dev', 'Straße'] });
    for (const query of [{ q: 'cafe' }, { q: 'AFÉ' }, { tag: 'DEV' }, { tag: ' dev ' }, { tag: 'strasse' }]) {
      expect([query, await get('/communities', query)]).toMatchObject([query, [{ id: made.id }]]);
    }
    const changed = await house.ask('PUT', `/api/communities/${made.id}`, { by: ada, body: { tags: ['Öl', 'OL'] } });
    expect(changed.body.tags).toEqual(['Öl']);
    expect(await get('/communities', { tag: 'ol' })).toHaveLength(1);
    const thread = await house.ask('POST', `/api/threads/community/${made.id}`, {
      by: ada,
      body: { title: 'می\u200cخواهم', tags: ['Ops', 'ops'] },
    });
    expect(thread.body).toMatchObject({ title: 'می\u200cخواهم', tags: ['Ops'] });
  });

  it('a password fits however its letters are composed: at sign-in, at a change, at closing and opening again', async () => {
    const [composed, decomposed] = ['Zo\u00eb caf\u00e9 n\u00ba1', 'Zo\u00eb caf\u00e9 n\u00ba1'.normalize('NFD')];
    const register = { username: 'zoe', email: 'zoe@example.org', password: decomposed };
    expect((await house.ask('POST', '/api/auth/register', { body: register })).status).toBe(201);
    const signIn = async (password: string) => house.ask('POST', '/api/auth/login', { body: { login: 'zoe', password } });
    for (const password of [composed, decomposed]) expect((await signIn(password)).status).toBe(200);
    expect((await signIn('Zoe cafe nº1')).status).toBe(401);
    const { body } = await signIn(composed);
    const zoe: Person = { id: body.member.id, username: 'zoe', token: body.access_token, refresh: body.refresh_token };
    const change = { password: decomposed, new_password: composed };
    expect((await house.ask('POST', '/api/auth/password', { by: zoe, body: change })).status).toBe(204);
    expect((await house.ask('DELETE', `/api/members/${zoe.id}`, { by: zoe, body: { password: decomposed } })).status).toBe(204);
    expect((await house.ask('POST', '/api/auth/reopen', { body: { login: 'zoe', password: decomposed } })).status).toBe(200);
  });

  it('what is blank or misleads is refused with its path and the reason', async () => {
    const refused = async (path: string, body: object) => (await house.ask('POST', `/api${path}`, { by: ada, body })).body;
    const error = (path: string, message: RegExp) => ({
      code: 'validation_failed',
      errors: [{ path, message: expect.stringMatching(message) }],
    });
    expect(await refused('/communities', { name: '\u2800' })).toMatchObject(error('name', /blank/));
    expect(await refused('/communities', { name: 'Ann\u3164' })).toMatchObject(error('name', /invisible/));
    expect(await refused('/communities', { name: 'a\u2066b' })).toMatchObject(error('name', /direction/));
    expect(await refused('/communities', { name: 'a', tags: ['b', '\u00ad'] })).toMatchObject(error('tags.1', /blank/));
  });
});
