import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { invite } from '../../../src/features/invites/contract.js';
import { noSuchInvite } from '../../../src/features/invites/policy.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { community } from '../../../src/protocol/resources.js';
import { type Answer, type Person, RestHouse } from '../gateway/rest-house.js';

describe('invites, by REST', () => {
  let house: RestHouse;
  let clock: FakeClock;
  let owner: Person;
  let place: string;

  beforeEach(async () => {
    clock = new FakeClock();
    house = await RestHouse.open({ clock, http: { publicUrl: 'https://talk.example' } });
    owner = await house.person();
    const made = await house.ask('POST', '/api/communities', {
      by: owner,
      body: { name: 'Readers', description: 'Books', is_public: false },
    });
    place = made.body.id;
  });
  afterEach(() => house.close());

  const create = (by: Person | undefined, body: object = {}) => house.ask('POST', `/api/communities/${place}/invites`, { by, body });
  const list = (by: Person) => house.ask('GET', `/api/communities/${place}/invites`, { by });
  const preview = (code: string) => house.ask('GET', `/api/invites/${code}`);
  const accept = (by: Person | undefined, code: string) => house.ask('POST', `/api/invites/${code}/accept`, { by });
  const revoke = (by: Person, id: string) => house.ask('DELETE', `/api/invites/${id}`, { by });
  const standing = (who: Person, body: object) => house.ask('PUT', `/api/communities/${place}/members/${who.id}`, { by: owner, body });
  const joined = async (): Promise<Person> => {
    const [person, { body }] = [await house.person(), await create(owner)];
    expect((await accept(person, body.code)).status).toBe(200);
    return person;
  };
  const expectMiss = ({ status, body }: Answer): void => {
    expect([status, body.code, body.detail]).toEqual([404, 'not_found', noSuchInvite().message]);
  };

  test('a link is made, looked at without signing in, and lets somebody into a private community', async () => {
    const made = await create(owner, { max_uses: 2, expires_in_s: 60 });
    expect(made.status).toBe(201);
    expect(invite.parse(made.body)).toEqual({
      id: expect.any(String),
      code: expect.stringMatching(/^[\w-]{24}$/),
      url: `https://talk.example/invites/${made.body.code}`,
      uses: 0,
      max_uses: 2,
      role_id: null,
      expires_at: new Date(clock.now() + 60_000).toISOString(),
      created_by: owner.id,
      created_at: new Date(clock.now()).toISOString(),
      community_id: place,
    });
    expect((await preview(made.body.code)).body).toEqual({
      community: { id: place, name: 'Readers', description: 'Books', member_count: 1, avatar_url: null },
    });
    const guest = await house.person();
    expect((await house.ask('GET', `/api/communities/${place}`, { by: guest })).status).toBe(404);
    const accepted = await accept(guest, made.body.code);
    expect([accepted.status, community.parse(accepted.body)]).toEqual([
      200,
      expect.objectContaining({ id: place, member_count: 2, me: expect.objectContaining({ role: 'member' }) }),
    ]);
    // The same again is the same, and takes no second use.
    expect((await accept(guest, made.body.code)).status).toBe(200);
    expect((await list(owner)).body).toMatchObject({ items: [{ id: made.body.id, uses: 1 }], next_cursor: null });
  });

  test('every code that lets nobody in is refused in the same words', async () => {
    const [guest, other] = [await house.person(), await house.person()];
    const codes: Record<string, string> = { unknown: 'A'.repeat(24), strange: encodeURIComponent('ü $where') };
    const usedUp = (await create(owner, { max_uses: 1 })).body;
    await accept(other, usedUp.code);
    codes['used up'] = usedUp.code;
    const revoked = (await create(owner)).body;
    expect((await revoke(owner, revoked.id)).status).toBe(204);
    codes.revoked = revoked.code;
    codes.expired = (await create(owner, { expires_in_s: 10 })).body.code;
    await clock.advance(10_000);
    for (const code of Object.values(codes)) {
      expectMiss(await preview(code));
      expectMiss(await accept(guest, code));
    }
    const living = (await create(owner)).body.code;
    expect((await preview(living)).status).toBe(200);
    await house.ask('DELETE', `/api/communities/${place}`, { by: owner });
    expectMiss(await preview(living));
    expectMiss(await accept(guest, living));
  });

  test('who is banned is refused, who was removed may come back, who used the last place keeps it', async () => {
    const { code } = (await create(owner, { max_uses: 1 })).body;
    const guest = await house.person();
    await accept(guest, code);
    await house.ask('DELETE', `/api/communities/${place}/members/${guest.id}`, { by: owner });
    expect((await accept(guest, code)).status).toBe(200);
    await standing(guest, { is_banned: true });
    expect((await accept(guest, code)).body.code).toBe('forbidden');
    expectMiss(await accept(await house.person(), code));
    expect((await accept(undefined, code)).status).toBe(401);
  });

  test('members make and see their own, moderators and the owner all; who is muted makes none', async () => {
    const [ada, ben, stranger] = [await joined(), await joined(), await house.person()];
    const [own, others] = [(await create(ada)).body, (await create(ben)).body];
    const idsOf = async (by: Person) => (await list(by)).body.items.map(({ id }: { id: string }) => id);
    expect(await idsOf(ada)).toEqual([own.id]);
    expect((await idsOf(owner)).slice(0, 2)).toEqual([others.id, own.id]);
    for (const asked of [await create(stranger), await list(stranger)]) expect(asked.status).toBe(404);
    expectMiss(await revoke(ada, others.id));
    expectMiss(await revoke(stranger, others.id));
    expectMiss(await revoke(owner, 'a'.repeat(24)));
    await standing(ada, { muted_until: new Date(clock.now() + 60_000).toISOString() });
    expect((await create(ada)).body).toMatchObject({ code: 'forbidden', detail: 'You are muted in this community' });
    expect(await idsOf(ada)).toEqual([own.id]);
    // Twice is once.
    for (let i = 0; i < 2; i++) expect((await revoke(ada, own.id)).status).toBe(204);
    await standing(ben, { role: 'moderator' });
    expect((await revoke(ben, (await create(owner)).body.id)).status).toBe(204);
    expect(await idsOf(ada)).toEqual([]);
  });

  test('a nonce makes one invite, however often it is sent', async () => {
    const [first, again] = [await create(owner, { nonce: 'n', max_uses: 3 }), await create(owner, { nonce: 'n', max_uses: 3 })];
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect((await create(owner, { nonce: 'n', max_uses: 4 })).body.code).toBe('conflict');
    expect((await list(owner)).body.items).toHaveLength(1);
  });

  test('a community has at most a hundred living ones; what has ended makes room and is cleared away', async () => {
    for (let i = 0; i < 99; i++) expect((await create(owner, i < 3 ? { expires_in_s: 5 } : {})).status).toBe(201);
    const { code, id } = (await create(owner, { max_uses: 1 })).body;
    expect((await create(owner)).body).toMatchObject({ code: 'conflict', detail: expect.stringContaining('at most 100') });
    const guest = await house.person();
    await accept(guest, code);
    expect((await create(owner)).status).toBe(201);
    expectMiss(await accept(guest, code));
    expectMiss(await revoke(owner, id));
    await clock.advance(5_000);
    for (let i = 0; i < 3; i++) expect((await create(owner)).status).toBe(201);
    expect((await create(owner)).body.code).toBe('conflict');
    expect((await list(owner)).body.items).toHaveLength(100);
  });

  test('input that does not fit is told so', async () => {
    for (const body of [
      { max_uses: 0 },
      { max_uses: 1.5 },
      { expires_in_s: 31_536_001 },
      { more: 1 },
      { community_id: place },
      { nonce: 'ü' },
    ]) {
      expect((await create(owner, body)).body).toMatchObject({ code: 'validation_failed', errors: [expect.anything()] });
    }
    expect((await list(owner)).body.items).toEqual([]);
  });
});
