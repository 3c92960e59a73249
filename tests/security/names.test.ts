import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { found, password, signUpAndConnect, token } from '../cluster/people.js';
import { expectProblem, knock } from './rest-door.js';

describe('names', () => {
  let cluster: TestCluster;
  let url: string;
  let owner: ParleyClient;
  let access: string;
  let place: Awaited<ReturnType<typeof found>>;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    url = cluster.urls[0] as string;
    owner = await signUpAndConnect([url]);
    access = await token(owner);
    place = await found(owner);
  });
  afterAll(async () => {
    owner?.close();
    await cluster?.stop();
  });

  const ask = (method: string, path: string, json: object) => knock(url, `/api${path}`, { method, token: access, json });
  const named = (name: string): [method: string, path: string, json: object][] => [
    ['POST', '/auth/register', { username: 'posing', email: 'posing@example.org', password, full_name: name }],
    ['PUT', `/members/${owner.memberId}`, { full_name: name }],
    ['PATCH', `/members/${owner.memberId}`, { full_name: name }],
    ['POST', '/communities', { name }],
    ['POST', '/communities', { name: 'posing', tags: [name] }],
    ['PUT', `/communities/${place.community.id}`, { name }],
    ['PATCH', `/communities/${place.community.id}`, { name }],
    ['POST', `/threads/community/${place.community.id}`, { title: name }],
    ['PUT', `/threads/${place.thread.id}`, { title: name, tags: [name] }],
    ['PATCH', `/threads/${place.thread.id}`, { title: name, tags: [name] }],
    ['POST', `/messages/thread/${place.thread.id}`, { content: 'x', attachments: [{ url: 'https://files.example/x', name }] }],
  ];
  const emitted = (event: 'set_presence', text: string) => owner.emit(event, { state: 'online', text }).catch(({ code }) => code);

  it('68 no character of a class that nobody sees stands in a name', async () => {
    const classes = [/\p{Default_Ignorable_Code_Point}/u, /\p{Bidi_Control}/u, /\p{Cc}/u, /[\p{Zl}\p{Zp}]/u];
    const all = new Set([0x2800, 0x1d159, 0xfff9, 0xfffa, 0xfffb]);
    for (let code = 0; code <= 0xe0fff; code++) {
      const last = [...all].at(-1) as number;
      // Of each long run of them its ends.
      if (classes.some((one) => one.test(String.fromCodePoint(code))) && !(code - last === 1 && code > 0xe0010 && code < 0xe0ff0))
        all.add(code);
    }
    const { schemas } = { schemas: await import('../../src/protocol/primitives.js') };
    const line = schemas.line(1, 100);
    for (const code of all) expect([code, line.safeParse(`An${String.fromCodePoint(code)}n`).success]).toEqual([code, false]);

    // And the doors keep to it.
    for (const mark of ['\u3164', '\u00ad', '\u034f', '\u2800', '\u202e', '\u2069', '\u061c', '\u{e0041}', '\ufe0f', '\u200d', '\u2028']) {
      for (const [method, path, json] of named(`An${mark}n`)) expectProblem(await ask(method, path, json), 'validation_failed');
      expect(await emitted('set_presence', `An${mark}n`)).toBe('validation_failed');
    }
  });

  it('68 what is blank to the eye is no name, no title and no message', async () => {
    for (const blank of ['\u3164', '\u2800', '\u00ad', '\u115f', '\u200b\u2060', '\u3000\u0085', '\ufe0f', '\u{e0041}']) {
      for (const [method, path, json] of named(blank)) expectProblem(await ask(method, path, json), 'validation_failed');
      expectProblem(await ask('POST', `/messages/thread/${place.thread.id}`, { content: blank }), 'validation_failed');
      expectProblem(await knock(url, `/api/members?q=${encodeURIComponent(blank)}`, { token: access }), 'validation_failed');
    }
  });

  it('a reaction is exactly one emoji, and the same in either form at the socket', async () => {
    const { message } = await owner.emit('send_message', { thread_id: place.thread.id, content: 'hello', nonce: 'names-1' });
    const react = (event: 'add_reaction' | 'remove_reaction', emoji: string) => owner.emit(event, { message_id: message.id, emoji });
    for (const text of ['x', 'lgtm', '👍👍', '\u3164', '👍 ', '1', '']) {
      await expect(react('add_reaction', text)).rejects.toMatchObject({ code: 'validation_failed' });
    }
    await react('add_reaction', '\u2764');
    await react('add_reaction', '👩\u200d💻');
    expect((await react('add_reaction', '\u2764\ufe0f')).message).toMatchObject({
      reactions: [
        { emoji: '\u2764\ufe0f', count: 1, me: true },
        { emoji: '👩\u200d💻', count: 1, me: true },
      ],
    });
    expect((await react('remove_reaction', '\u2764')).message).toMatchObject({ reactions: [{ emoji: '👩\u200d💻' }] });
  });
});
