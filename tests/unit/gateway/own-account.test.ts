import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { changePassword } from '../../../src/features/accounts/contract.js';
import { MemoryGuesses } from '../../../src/gateway/limits/guesses.js';
import { guessing } from '../../../src/gateway/limits/guessing.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { type Answer, type Person, RestHouse } from './rest-house.js';

const password = 'correct horse';
const [ada0, admin0] = ['its member', 'an administrator'] as const;
const wrong = 'a wrong password';
const minute = 60_000;

/** Days go by at once on the wall, without the timers of days. */
class LeapingClock extends FakeClock {
  #leapt = 0;
  leap(ms: number): void {
    this.#leapt += ms;
  }
  override now(): number {
    return super.now() + this.#leapt;
  }
}

let clock: LeapingClock;
let house: RestHouse;
let ada: Person;
beforeEach(async () => {
  clock = new LeapingClock();
  house = await RestHouse.open({ clock, guesses: new MemoryGuesses(clock) });
  ada = await house.person('ada');
});
afterEach(() => house.close());

interface Act {
  name: string;
  method: string;
  path: (of: Person) => string;
  body: object;
}
/** Everything that acts on an account itself, through every door. */
const acts: Act[] = [
  { name: 'change the password', method: 'POST', path: () => '/api/auth/password', body: { new_password: 'another horse' } },
  { name: 'change the e-mail', method: 'POST', path: () => '/api/auth/email', body: { email: 'new@example.org' } },
  ...['PATCH', 'PUT'].flatMap((method): Act[] => {
    const path = ({ id }: Person) => `/api/members/${id}`;
    return [
      { name: `change the e-mail in the profile (${method})`, method, path, body: { email: 'new@example.org' } },
      { name: `change the name by which one signs in (${method})`, method, path, body: { username: 'lovelace' } },
    ];
  }),
  { name: 'close the account', method: 'DELETE', path: ({ id }) => `/api/members/${id}`, body: {} },
];
const ask = (act: Act, by: Person, more: object = {}): Promise<Answer> =>
  house.ask(act.method, act.path(by), { by, body: { ...act.body, ...more } });
const logIn = async (login: string, secret: string): Promise<Answer> =>
  house.ask('POST', '/api/auth/login', { body: { login, password: secret } });
const refreshed = async (person: Person): Promise<Person> => {
  const { body } = await house.ask('POST', '/api/auth/refresh', { body: { refresh_token: person.refresh } });
  return { ...person, token: body.access_token, refresh: body.refresh_token };
};
const asksFor = (message: string) => ({ status: 403, body: { code: 'forbidden', errors: [{ path: 'password', message }] } });

describe.each(acts)('to $name', (act) => {
  it('an access token alone is not enough, nor a wrong password', async () => {
    await clock.advance(5 * minute);
    const before = await house.store.members.byId(ada.id);
    expect(await ask(act, ada)).toMatchObject(asksFor('is needed'));
    expect(await ask(act, ada, { password: wrong })).toMatchObject(asksFor('is wrong'));
    expect(await house.store.members.byId(ada.id)).toEqual(before);
    expect((await ask(act, ada, { password })).status).toBeLessThan(300);
    expect(await house.store.members.byId(ada.id)).not.toEqual(before);
  });

  it('a sign-in of the last five minutes is enough; a refresh does not make it younger, and a wrong password is wrong all the same', async () => {
    await clock.advance(4 * minute);
    const later = await refreshed(ada);
    await clock.advance(minute);
    expect(await ask(act, later)).toMatchObject(asksFor('is needed'));
    const { body } = await logIn('ada', password);
    const again = { ...ada, token: body.access_token };
    expect(await ask(act, again, { password: wrong })).toMatchObject(asksFor('is wrong'));
    await clock.advance(5 * minute - 1);
    expect((await ask(act, again)).status).toBeLessThan(300);
  });

  it('guesses are counted as at sign-in, and the right password must wait as well', async () => {
    await clock.advance(5 * minute);
    for (let i = 0; i < guessing.free; i++) expect((await ask(act, ada, { password: wrong })).status).toBe(403);
    for (const secret of [wrong, password]) {
      const refused = await ask(act, ada, { password: secret });
      expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited', retry_after_ms: guessing.firstMs } });
      expect(refused.headers.get('retry-after')).toBe('1');
    }
    await clock.advance(guessing.firstMs);
    expect((await ask(act, ada, { password })).status).toBeLessThan(300);
  });

  it.each(['ada', 'ADA', 'ada@example.org'])('nobody who guesses %s at the door keeps its member waiting', async (login) => {
    await clock.advance(5 * minute);
    for (let i = 0; i <= guessing.free; i++) await logIn(login, wrong);
    expect((await logIn(login, password)).status).toBe(429);
    expect((await ask(act, ada, { password })).status).toBeLessThan(300);
  });

  it('a thief who guesses by a stolen token keeps neither the door shut nor other sessions waiting', async () => {
    const { body } = await logIn('ada', password);
    const stolen = { ...ada, token: body.access_token };
    await clock.advance(5 * minute);
    for (let i = 0; i < guessing.free; i++) await ask(act, stolen, { password: wrong });
    expect((await ask(act, stolen, { password })).status).toBe(429);
    expect((await logIn('ada', password)).status).toBe(200);
    // Nor does a sign-in elsewhere give the thief new guesses.
    expect((await ask(act, stolen, { password })).status).toBe(429);
    expect((await ask(act, ada, { password })).status).toBeLessThan(300);
  });
});

it('a password is changed as often as one may sign in, fresh session or not: each change costs a hash', () => {
  expect(changePassword.limit).toBe('sign_in');
});

describe('an account', () => {
  it('keeps what does not act on it free of the password, and a profile sent back whole', async () => {
    await clock.advance(5 * minute);
    const { body } = await house.ask('GET', `/api/members/${ada.id}`, { by: ada });
    const whole = { username: body.username, email: body.email, full_name: 'Ada', bio: 'Countess' };
    const changed = await house.ask('PUT', `/api/members/${ada.id}`, { by: ada, body: whole });
    expect(changed).toMatchObject({ status: 200, body: { full_name: 'Ada', bio: 'Countess' } });
  });

  it('of another is not touched, whatever password is given', async () => {
    const bob = await house.person('bob');
    for (const act of acts.filter(({ path }) => path(ada) !== path(bob))) {
      const answer = await house.ask(act.method, act.path(ada), { by: bob, body: { ...act.body, password } });
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect(answer.body.errors).toBeUndefined();
    }
  });

  it('has one password at a time, and a change of it ends all other sessions', async () => {
    const other = { ...ada, token: (await logIn('ada', password)).body.access_token };
    await clock.advance(1);
    expect((await house.ask('POST', '/api/auth/password', { by: ada, body: { password, new_password: 'another horse' } })).status).toBe(
      204,
    );
    expect((await house.ask('GET', '/api/members', { by: other })).status).toBe(401);
    expect((await house.ask('GET', '/api/members', { by: ada })).status).toBe(200);
    expect(house.broadcast.told).toEqual([{ ids: [expect.any(String)], reason: 'password_changed' }]);
    expect((await logIn('ada', password)).status).toBe(401);
    expect((await logIn('ada', 'another horse')).status).toBe(200);
    for (const bad of ['short', 'x'.repeat(257)]) {
      const body = { password: 'another horse', new_password: bad };
      expect((await house.ask('POST', '/api/auth/password', { by: ada, body })).status).toBe(400);
    }
  });

  it('knows no device from before a change of its password', async () => {
    const device_token: unknown = (await logIn('ada', password)).body.device_token;
    const withDevice = async (): Promise<number> =>
      (await house.ask('POST', '/api/auth/login', { body: { login: 'ada', password, device_token } })).status;
    for (let n = 0; n < guessing.free + 1; n++) await logIn('ada', 'wrong horse');
    expect(await withDevice()).toBe(200);
    await clock.advance(1_000);
    expect((await house.ask('POST', '/api/auth/password', { by: ada, body: { password, new_password: password } })).status).toBe(204);
    for (let n = 0; n < 3; n++) await logIn('ada', 'wrong horse');
    expect(await withDevice()).toBe(429);
  });

  it('that its member has closed is closed to others at once, and can be opened again for thirty days', async () => {
    const bob = await house.person('bob');
    const closedAt = clock.now();
    expect((await house.ask('DELETE', `/api/members/${ada.id}`, { by: ada })).status).toBe(204);
    expect((await house.ask('GET', '/api/members', { by: ada })).status).toBe(401);
    const { body: list } = await house.ask('GET', '/api/members', { by: bob });
    expect(list.items.map(({ username }: { username: string }) => username)).toEqual(['bob']);
    expect((await logIn('ada', wrong)).status).toBe(401);
    const told = await logIn('ada', password);
    const until = new Date(closedAt + 30 * 1440 * minute).toISOString();
    expect(told).toMatchObject({ status: 403, body: { detail: `This account is closed. It can be opened again until ${until}` } });
    clock.leap(closedAt + 30 * 1440 * minute - 1 - clock.now());
    const reopen = (secret: string): Promise<Answer> =>
      house.ask('POST', '/api/auth/reopen', { body: { login: 'ada@example.org', password: secret } });
    expect((await reopen(wrong)).status).toBe(401);
    const opened = await reopen(password);
    expect(opened).toMatchObject({ status: 200, body: { member: { id: ada.id, is_active: true } } });
    // What was closed with it stays closed, and a lost answer may be asked for again.
    expect((await house.ask('POST', '/api/auth/refresh', { body: { refresh_token: ada.refresh } })).status).toBe(401);
    expect((await reopen(password)).status).toBe(200);
    expect((await logIn('ada', password)).status).toBe(200);
  });

  it.each([
    ['after thirty days', ada0, 30],
    ['that an administrator has closed', admin0, 0],
  ] as const)('%s stays closed, with the words of a wrong password', async (_when, byWhom, days) => {
    const root = await house.person('root');
    await house.close();
    house = await RestHouse.open({ clock, store: house.store, guesses: new MemoryGuesses(clock), admins: [root.id] });
    const by = byWhom === ada0 ? ada : root;
    expect((await house.ask('DELETE', `/api/members/${ada.id}`, { by })).status).toBe(204);
    clock.leap(days * 1440 * minute);
    const words = async (path: string, login: string): Promise<object> => {
      const { status, body } = await house.ask('POST', path, { body: { login, password } });
      return { status, ...body, request_id: '' };
    };
    for (const path of ['/api/auth/login', '/api/auth/reopen']) expect(await words(path, 'ada')).toEqual(await words(path, 'nobody'));
    const body = { username: 'ADA', email: 'other@example.org', password };
    expect((await house.ask('POST', '/api/auth/register', { body })).status).toBe(409);
  });

  it('can be left on all other devices at once', async () => {
    const others = await Promise.all([1, 2].map(async () => ({ ...ada, token: (await logIn('ada', password)).body.access_token })));
    await clock.advance(10 * minute);
    expect((await house.ask('DELETE', '/api/auth/sessions', { by: ada })).status).toBe(204);
    for (const other of others) expect((await house.ask('GET', '/api/members', { by: other })).status).toBe(401);
    const { body } = await house.ask('GET', '/api/auth/sessions', { by: ada });
    expect(body.items).toMatchObject([{ is_current: true }]);
  });
});
