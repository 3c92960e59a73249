import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { found, token } from '../cluster/people.js';
import { PlainClient } from '../plain-client.js';
import { until } from '../until.js';
import { openSocket } from './bystander.js';
import { claimsOf, forge, hmac, hs256, secret } from './forged-token.js';
import { rawAnswer } from './raw-answer.js';
import { RawSocket } from './raw-socket.js';
import { type Answer, knock } from './rest-door.js';

let cluster: TestCluster;
let client: ParleyClient;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, env: { LOG_LEVEL: 'trace' } });
  client = new ParleyClient({ urls: cluster.urls });
});
afterAll(async () => {
  client?.close();
  await cluster?.stop();
});

it('49 no password, token, key or message text reaches a log, whatever goes well or wrong', async () => {
  const url = cluster.urls[0] as string;
  const canaries: string[] = [secret];
  /** A word that is nowhere else. */
  const canary = (kind: string): string => {
    const word = `Canary${kind}${Math.random().toString(36).slice(2, 10)}`;
    canaries.push(word);
    return word;
  };
  const keep = (answer: Answer): { access_token: string; refresh_token: string } => {
    const kept = answer.body as { access_token: string; refresh_token: string };
    canaries.push(kept.refresh_token, kept.access_token, kept.access_token.split('.')[2] as string);
    return kept;
  };

  // Signing in.
  const name = `c${Math.random().toString(36).slice(2, 8)}`;
  const password = canary('Password');
  const email = `${name}@example.org`;
  const registered = await knock(url, '/api/auth/register', { json: { username: name, email, password } });
  expect(registered.status).toBe(201);
  keep(registered);
  await knock(url, '/api/auth/register', { json: { username: name, email, password: canary('Taken') } });
  await knock(url, '/api/auth/register', { json: { username: '!', email: 'x', password: canary('Invalid') } });
  await knock(url, '/api/auth/login', { json: { login: name, password: canary('Wrong') } });
  await knock(url, '/api/auth/login', { json: { login: canary('Login'), password: canary('Nobody') } });
  await knock(url, '/api/auth/login', { json: { login: name, password: { $ne: canary('Operator') } } });
  await knock(url, '/api/auth/login', { raw: `{"login":"${name}","password":"${canary('Malformed')}` });
  await knock(url, '/api/auth/login', {
    raw: `password=${canary('Form')}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  await client.login(name, password);
  canaries.push(await token(client));
  const { refresh_token } = keep(await knock(url, '/api/auth/login', { json: { login: email, password } }));
  keep(await knock(url, '/api/auth/refresh', { json: { refresh_token } }));
  await knock(cluster.urls[1] as string, '/api/auth/refresh', { json: { refresh_token } });
  await knock(url, '/api/auth/refresh', { json: { refresh_token: canary('Refresh') } });
  await knock(url, `/api/auth/refresh?refresh_token=${canary('Address')}`, { json: {} });

  // Tokens that are none.
  const access = await token(client);
  const forgeries = [canary('Token'), forge(hs256, { ...claimsOf(access), exp: 1 }), forge(hs256, claimsOf(access), hmac('x'))];
  for (const forged of forgeries) {
    canaries.push(forged);
    await knock(url, '/api/members', { token: forged });
    await knock(url, `/api/members?access_token=${forged}`, { headers: { cookie: `session=${canary('Cookie')}` } });
    await expect(openSocket(url, forged)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect((await new PlainClient(url, { token: forged }).ended).reason).toBe('unauthenticated');
  }

  // Messages, by both doors.
  await client.connect();
  const { community, thread } = await found(client);
  await client.emit('join_thread', { thread_id: thread.id });
  const sent = await client.send(thread.id, { content: `hello ${canary('Sent')} @${name}` });
  await client.emit('edit_message', { message_id: sent.id, content: canary('Edited') });
  const attachments = [{ url: `https://files.example.org/${canary('File')}`, name: canary('Name') }];
  await client.operations.sendMessage({ thread_id: thread.id, content: canary('Rest'), attachments, nonce: canary('Nonce') });
  await client.operations.editMessage({ message_id: sent.id, content: canary('RestEdited') });
  await client.operations.createThread({ community_id: community.id, title: 'fine', content: canary('Opening') });
  await client.operations.updateMember({ member_id: client.memberId as string, bio: canary('Bio') });
  await client.emit('set_presence', { state: 'idle', text: canary('Presence') });
  await client.operations.searchMessages({ q: canary('Search') });
  await client.operations.listMembers({ q: canary('People') });

  // What was REST's alone, by socket; what was the socket's alone, by REST.
  const refused = { code: 'forbidden' };
  const secrets = { password: canary('WrongPresent'), new_password: canary('NewPassword') };
  await expect(client.emit('change_password', secrets)).rejects.toMatchObject(refused);
  await expect(client.emit('change_email', { password: canary('WrongToo'), email })).rejects.toMatchObject(refused);
  await client.emit('search_messages', { q: canary('SearchBySocket') });
  await client.emit('update_member', { member_id: client.memberId as string, bio: canary('BioBySocket') });
  await knock(url, `/api/messages/${sent.id}/reactions/${canary('Reaction')}`, { method: 'PUT', token: access });
  await knock(url, `/api/invites/${canary('Invite')}`);

  // The same, refused.
  const post = (body: { json: unknown } | { raw: string }) => knock(url, `/api/messages/thread/${thread.id}`, { token: access, ...body });
  await post({ json: { content: canary('Extra'), seq: 1 } });
  await post({ json: { content: [canary('Array')] } });
  await post({ json: { [canary('Key')]: 1 } });
  await post({ raw: `{"content":"${canary('Broken')}` });
  await post({ raw: `{"__proto__":{"content":"${canary('Proto')}"}}` });
  await post({ json: { content: `${canary('Long')}${'x'.repeat(20_000)}` } });
  await post({ raw: `{"content":"${canary('Large')}${'x'.repeat(1_000_000)}"}` });
  await knock(url, `/api/messages/${canary('Path')}`, { token: access });
  await knock(url, `/api/${canary('Nowhere')}`, { token: access });
  await knock(url, `/api/messages/thread/${'0'.repeat(24)}`, { token: access, json: { content: canary('NotFound') } });
  const socket = new RawSocket(url);
  await socket.enter(access);
  await socket.ask('send_message', { thread_id: thread.id, content: canary('Extra'), nonce: 'n', author: 'x' });
  await socket.ask('send_message', { thread_id: '0'.repeat(24), content: canary('NotFound'), nonce: 'n' });
  await socket.ask(canary('Event'), { content: canary('Unknown') });
  await socket.ask('send_message', canary('Text'));
  socket.send(`42["send_message",{"thread_id":"${thread.id}","content":"${canary('Unacknowledged')}","nonce":"${'n'.repeat(99)}"}]`);
  await socket.ask('edit_message', { message_id: sent.id, content: canary('Last') });
  socket.send(`42["send_message",{"content":"${canary('Unclosed')}`);
  await socket.ended;

  // A token in an address, which goes well or wrong in any way.
  const address = (path: string, headers: Record<string, string> = {}): PlainClient =>
    new PlainClient(url, { path, token: access, headers });
  const plain = address('/ws');
  await plain.ask('send_message', { thread_id: thread.id, content: canary('Plain'), nonce: 'p' });
  await plain.ask(canary('Action'), { content: canary('PlainUnknown') });
  await plain.send(`{"action":"send_message","content":"${canary('PlainUnclosed')}`);
  await plain.ask('set_presence', { state: canary('State') });
  await address(`/ws/${'0'.repeat(24)}`).ended;
  await address('/ws/x').ended;
  await address('/wsx').ended;
  await address('/ws', { origin: 'https://evil.example' }).ended;
  await address('/ws', { host: 'evil.example' }).ended;
  const older = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 7', `Host: ${new URL(url).host}`].join('\r\n');
  await rawAnswer(url, `GET /ws?token=${access} HTTP/1.1\r\n${older}\r\n\r\n`);
  await knock(url, `/ws?token=${access}`);
  await knock(url, `/ws?token=${access}&token=${canary('Twice')}`);
  await knock(url, `/ws?token=${access}`, { json: {} });
  await client.logout();
  await plain.ended;
  await cluster.stop();

  for (const node of cluster.nodes) {
    let length = -1;
    await until('the log to be written', () => {
      const before = length;
      length = node.log.length;
      return length === before;
    });
    const lines = node.log.split('\n');
    // The fence was there to be jumped: at this level every request leaves a line.
    expect(lines.length).toBeGreaterThan(5);
    for (const word of canaries) expect(lines.filter((line) => line.includes(word))).toEqual([]);
    expect(lines.filter((line) => line.includes('$argon2id$'))).toEqual([]);
  }
  expect(cluster.nodes.map((node) => node.log).join()).toContain('/api/messages');
});
