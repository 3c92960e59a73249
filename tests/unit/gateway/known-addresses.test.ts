import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectionsOf } from '../../../src/catalogue/assembled.js';
import { features } from '../../../src/features/index.js';
import { systemClock } from '../../../src/kernel/clock.js';
import type { Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { type Answer, type Body, type Person, RestHouse } from './rest-house.js';

const password = 'correct horse';
let calls: string[];
let house: RestHouse;
let mallory: Person;

/** What a member's ledger does some time after a sign-in, whatever was given: no request waits for it. */
const afterwards = /^ledgers\.|^sessions\.(?:told|untold|byIds)$/;

/** Notes which calls of the store are made: the work that one can count, and measure. */
const counted = (store: Store): Store =>
  new Proxy(store, {
    get: (whole, name: keyof Store) => {
      const part = whole[name];
      return typeof part !== 'object'
        ? part
        : new Proxy(part, {
            get: (repository, call) => {
              const own: unknown = Reflect.get(repository, call);
              if (typeof own !== 'function') return own;
              return (...args: unknown[]): unknown => {
                const called = `${String(name)}.${String(call)}`;
                if (!afterwards.test(called)) calls.push(called);
                return own.apply(repository, args) as unknown;
              };
            },
          });
    },
  });

beforeEach(async () => {
  calls = [];
  house = await RestHouse.open({ store: counted(createMemoryStore({ clock: systemClock, collections: collectionsOf(features) })) });
  await house.person('ada');
  mallory = await house.person('mallory');
  // From here on her session is known without asking the store.
  await house.ask('GET', '/api/auth/sessions', { by: mallory });
});
afterEach(() => house.close());

let names = 0;
/** The ways in which an address can be given, each by somebody who has not tried before. */
const ways: Record<string, (email: string) => Promise<Answer>> = {
  register: (email) => house.ask('POST', '/api/auth/register', { body: { username: `new${++names}`, email, password } }),
  'register as a member': (email) => house.ask('POST', '/api/members', { body: { username: `new${++names}`, email, password } }),
  'change it': (email) => house.ask('POST', '/api/auth/email', { by: mallory, body: { email, password } }),
  'change it in the profile': (email) => house.ask('PUT', `/api/members/${mallory.id}`, { by: mallory, body: { email, password } }),
};

/** Everything an answer tells, without what is new each time. */
const told = ({ status, body, headers }: Answer): object => {
  const shape = (value: Body): Body =>
    value !== null && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([key, v]) => [key, shape(v)]))
      : typeof value;
  return { status, body: shape(body), headers: [...headers.keys()].sort() };
};

describe.each(Object.entries(ways))('whether an address is known, asked by: %s', (_name, give) => {
  it('is told by no answer, by no field shown to oneself and by no work', async () => {
    const worlds = [];
    for (const email of ['nobody@example.org', 'ada@example.org', 'ADA@Example.org', 'mallory2@example.org']) {
      calls = [];
      const answer = await give(email);
      expect((answer.body.member ?? answer.body).email).toBe(email);
      worlds.push({ ...told(answer), calls: calls.sort() });
    }
    for (const world of worlds) expect(world).toEqual(worlds[0]);
  });

  it('leaves its first holder the sign-in by it', async () => {
    await give('ADA@example.org');
    const { status, body } = await house.ask('POST', '/api/auth/login', { body: { login: 'ada@example.org', password } });
    expect([status, body.member.username]).toEqual([200, 'ada']);
  });
});

describe('an address', () => {
  it('that two give at the same moment is one’s to sign in by', async () => {
    const secrets = ['the first of two', 'the second of two'];
    const register = (secret: string, i: number) =>
      house.ask('POST', '/api/auth/register', { body: { username: `twin${i}`, email: 'twins@example.org', password: secret } });
    const both = await Promise.all(secrets.map(register));
    expect(both.map(({ status }) => status)).toEqual([201, 201]);
    const logIn = (login: string, secret: string): Promise<Answer> =>
      house.ask('POST', '/api/auth/login', { body: { login, password: secret } });
    const byAddress = await Promise.all(secrets.map((secret) => logIn('twins@example.org', secret)));
    expect(byAddress.map(({ status }) => status).sort()).toEqual([200, 401]);
    const byName = await Promise.all(secrets.map((secret, i) => logIn(`twin${i}`, secret)));
    expect(byName.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('that its holder has left is the next one’s who asks for it', async () => {
    await house.ask('POST', '/api/auth/email', { by: mallory, body: { email: 'ada@example.org', password } });
    const { body: ada } = await house.ask('POST', '/api/auth/login', { body: { login: 'ada', password } });
    const by = { ...mallory, token: ada.access_token };
    await house.ask('POST', '/api/auth/email', { by, body: { email: 'countess@example.org', password } });
    const logIn = (login: string): Promise<Answer> => house.ask('POST', '/api/auth/login', { body: { login, password } });
    expect((await logIn('countess@example.org')).body.member.username).toBe('ada');
    expect((await logIn('ada@example.org')).status).toBe(401);
    await house.ask('POST', '/api/auth/email', { by: mallory, body: { email: 'ada@example.org', password } });
    expect((await logIn('ada@example.org')).body.member.username).toBe('mallory');
  });
});
