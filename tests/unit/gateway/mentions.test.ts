import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bounds } from '../../../src/protocol/primitives.js';
import { type Answer, type Body, type Person, RestHouse } from './rest-house.js';

/** Mentions through the REST door: what is kept of them, and what is refused. */
describe('mentions', () => {
  let house: RestHouse;
  let ada: Person;
  let ben: Person;
  let community: string;
  let thread: string;
  beforeAll(async () => {
    house = await RestHouse.open();
    [ada, ben] = [await house.person('ada'), await house.person('ben')];
    community = (await ask('POST', '/communities', { name: 'Engines' })).body.id;
  });
  afterAll(() => house.close());
  beforeEach(async () => {
    thread = (await begin('Plain')).body.id;
  });

  const ask = (method: string, path: string, body?: unknown): Promise<Answer> => house.ask(method, `/api${path}`, { by: ada, body });
  const begin = (title: string, content?: string): Promise<Answer> => ask('POST', `/threads/community/${community}`, { title, content });
  const rewrite = (id: string, change: object): Promise<Answer> => ask('PUT', `/threads/${id}`, change);
  const send = (content: string): Promise<Answer> => ask('POST', `/messages/thread/${thread}`, { content });
  const both = () => ({ mentions: [ben.id, ada.id], mention_names: ['ben', 'ada'] });
  const isPlain = (shown: Body, mentions?: []): void => {
    expect(shown.mentions).toEqual(mentions);
    expect(shown.mention_names).toBeUndefined();
  };

  it('of a message are kept with their names, through edits', async () => {
    const sent = await send('_@Ben_, ask @ada. But not `@nobody`');
    expect(sent).toMatchObject({ status: 201, body: both() });
    const { id } = sent.body;
    expect((await ask('GET', `/messages/thread/${thread}`)).body.items).toMatchObject([both()]);
    const edited = await ask('PUT', `/messages/${id}`, { content: '@ada alone' });
    expect(edited.body).toMatchObject({ mentions: [ada.id], mention_names: ['ada'] });
    expect(await house.store.messages.byId(id)).toMatchObject({ mentions: [ada.id], mention_names: ['ada'] });
    isPlain((await ask('PUT', `/messages/${id}`, { content: '`@ada`' })).body, []);
    isPlain((await house.store.messages.byId(id))!, []);
    isPlain((await send('plain')).body, []);
  });

  it('of an opening text are kept likewise', async () => {
    const begun = await begin('Asked', 'What do you think, @ben and @ada?');
    expect(begun).toMatchObject({ status: 201, body: both() });
    const { id } = begun.body;
    for (const path of [`/threads/${id}`, `/threads/community/${community}`]) {
      const { body } = await ask('GET', path);
      expect(body.items?.find((item: Body) => item.id === id) ?? body).toMatchObject(both());
    }
    expect((await rewrite(id, { title: 'Asked again' })).body).toMatchObject(both());
    expect(await house.store.threads.byId(id)).toMatchObject(both());
    expect((await rewrite(id, { content: '@ada' })).body).toMatchObject({ mentions: [ada.id], mention_names: ['ada'] });
    for (const content of ['`@ada`', null]) {
      await rewrite(id, { content: '@ada' });
      isPlain((await rewrite(id, { content })).body);
      isPlain((await house.store.threads.byId(id))!);
    }
  });

  it('are of those who have the names now', async () => {
    const cyd = await house.person('cyd');
    const old = (await send('@cyd')).body;
    const renamed = await house.ask('PUT', `/api/members/${cyd.id}`, {
      by: cyd,
      body: { username: 'cydney', password: 'correct horse' },
    });
    expect(renamed.status).toBe(200);
    const other = await house.person('cyd');
    expect((await send('@cyd')).body).toMatchObject({ mentions: [other.id], mention_names: ['cyd'] });
    expect((await send('@cydney')).body).toMatchObject({ mentions: [cyd.id], mention_names: ['cydney'] });
    const shown = (await ask('GET', `/messages/thread/${thread}`)).body.items.find((item: Body) => item.id === old.id);
    expect(shown).toMatchObject({ mentions: [cyd.id], mention_names: ['cyd'] });

    // Who mends a word rings nobody else: a name that stood there means whom it meant. One that did not is of now.
    const mended = await ask('PUT', `/messages/${old.id}`, { content: '@Cyd, and @cydney' });
    expect(mended.body).toMatchObject({ mentions: [cyd.id, cyd.id], mention_names: ['cyd', 'cydney'] });
    await ask('PUT', `/messages/${old.id}`, { content: 'nobody' });
    expect((await ask('PUT', `/messages/${old.id}`, { content: '@cyd' })).body).toMatchObject({ mentions: [other.id] });
    const begun = (await begin('T', '@cyd')).body;
    await house.store.members.update(other.id, { username: 'cyder' });
    expect((await rewrite(begun.id, { content: 'now: @cyd' })).body).toMatchObject({ mentions: [other.id], mention_names: ['cyd'] });
  });

  it('of more people than may be are refused whole, with the figures, and of just so many are taken', async () => {
    const names = Array.from({ length: bounds.mentions + 1 }, (_, i) => `m${i}x`);
    for (const username of names) {
      const member = (await house.store.members.byId(ada.id))!;
      const id = `${'0'.repeat(24)}${names.indexOf(username).toString(16)}`.slice(-24);
      await house.store.members.insert({ ...member, id, username, email: `${username}@example.org` });
    }
    const [few, many] = [names.slice(1), names].map((some) => `@nobody @${some.join(' @')} @${some[0]}`) as [string, string];
    const message = (await send('first')).body.id;
    const before = (await begin('T', 'before')).body.id;
    const refusals = [
      await send(many),
      await ask('PUT', `/messages/${message}`, { content: many }),
      await begin('Many', many),
      await rewrite(before, { content: many }),
    ];
    const errors = [{ path: 'content', message: 'names 101 people; at most 100 may be named' }];
    for (const { status, body } of refusals) {
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'validation_failed', errors });
    }
    expect((await ask('GET', `/messages/thread/${thread}`)).body.items).toMatchObject([{ content: 'first' }]);
    expect((await ask('GET', `/threads/${before}`)).body.content).toBe('before');
    expect((await send(few)).body.mentions).toHaveLength(bounds.mentions);
    expect((await ask('PUT', `/messages/${message}`, { content: few })).body.mentions).toHaveLength(bounds.mentions);
    expect((await begin('Few', few)).body.mentions).toHaveLength(bounds.mentions);
  });
});
