import { afterEach, describe, expect, it } from '@jest/globals';
import { type Answer, RestHouse } from './rest-house.js';

let house: RestHouse;
let made = 0;
afterEach(() => house.close());

const paths = ['/api/auth/register', '/api/members'];
const signUp = (path: string, token?: string): Promise<Answer> => {
  const username = `stranger${++made}`;
  const body = { username, email: `${username}@example.org`, password: 'correct horse' };
  return house.ask('POST', path, { body, ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }) });
};

describe('sign-up', () => {
  it('while it is open takes whoever comes, with a bad token or none', async () => {
    house = await RestHouse.open();
    for (const path of paths) for (const token of [undefined, 'x.y.z']) expect((await signUp(path, token)).status).toBe(201);
    expect((await house.ask('GET', '/api/auth/sign_up')).body).toEqual({ sign_up: 'open' });
  });

  it('while it is closed is the administrators’ alone, by both routes, and says so', async () => {
    house = await RestHouse.open();
    const [root, ada] = [await house.person('root'), await house.person('ada')];
    const { store } = house;
    await house.close();
    house = await RestHouse.open({ store, admins: [root.id], accountRules: { signUp: 'closed' } });
    for (const path of paths) {
      for (const token of [undefined, ada.token]) {
        const refused = await signUp(path, token);
        expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
        expect(refused.body.detail).toMatch(/ask an administrator/);
      }
      // Its client shall get itself a new one.
      expect((await signUp(path, `${root.token}x`)).status).toBe(401);
      expect((await signUp(path, root.token)).status).toBe(201);
    }
    expect((await house.ask('GET', '/api/auth/sign_up')).body).toEqual({ sign_up: 'closed' });
  });
});
