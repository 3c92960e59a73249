import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ParleyClient } from '../../src/client/index.js';
import { MemoryLedgerStore } from '../../src/client/ledgers/ledger-store.js';
import { Fault } from '../../src/protocol/problem.js';
import { isDeleted, type Message, type Thread } from '../../src/protocol/resources.js';
import { testMongodbUrl, testRedisUrl } from '../services-env.js';
import { until } from '../until.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, password, signUpAndConnect } from './people.js';
import { readAll } from './talk.js';

interface Ended {
  code: number | null;
  output: string;
}

/** Runs one of the commands as people do, on the services of the tests. */
const command = (name: 'backup' | 'restore' | 'verify', database: string, args: readonly string[]): Promise<Ended> => {
  const env = { PATH: process.env.PATH ?? '', NODE_ENV: 'test', MONGODB_DATABASE: database, KEY_PREFIX: database };
  const child = spawn(process.execPath, ['--import', 'tsx', `scripts/${name}.ts`, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
};

const ask = async (
  url: string,
  path: string,
  token?: string,
  body?: object,
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const response = await fetch(`${url}/api${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { ...(body && { 'content-type': 'application/json' }), ...(token && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const historyAt = async (url: string): Promise<unknown> => (await ask(url, '/version')).body.history;
const usernameOf = async (client: ParleyClient): Promise<string> =>
  (await client.operations.getMember({ member_id: client.memberId as string })).username;

/** Somebody who goes on sending, one message after the other. */
class Chatter {
  readonly said: Message[] = [];
  #going = true;
  readonly #work: Promise<void>;
  constructor(client: ParleyClient, threads: readonly Thread[]) {
    this.#work = this.#go(client, threads);
  }
  async #go(client: ParleyClient, threads: readonly Thread[]): Promise<void> {
    for (let n = 0; this.#going; n++) this.said.push(await client.send(threads[n % threads.length]!.id, { content: `chatter ${n}` }));
  }
  async end(): Promise<void> {
    this.#going = false;
    await this.#work;
  }
}

describe('a backup of a cluster that serves', () => {
  let dir: string;
  let cluster: TestCluster;
  let other: TestCluster | undefined;
  let people: ParleyClient[];
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'parley-backup-'));
    other = undefined;
    people = [];
    cluster = await startCluster({ nodes: 2 });
  });
  afterEach(async () => {
    for (const person of people) person.close();
    await cluster.stop();
    await other?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const person = async (name: string): Promise<ParleyClient> => {
    const client = await signUpAndConnect(cluster.urls, name);
    people.push(client);
    return client;
  };

  it('gives back, elsewhere, all that was acknowledged before it began', async () => {
    const [ada, bob, eve] = [await person('ada'), await person('bob'), await person('eve')];
    const { community, thread } = await found(ada, [bob, eve]);
    const secret = await ada.operations.createThread({
      ...{ community_id: community.id, title: 'Secret', is_private: true, member_ids: [bob.memberId as string] },
    });
    for (let n = 1; n <= 60; n++) await ada.send(n % 3 ? thread.id : secret.id, { content: `before ${n} elephant` });
    const [first, second] = (await readAll(ada, thread.id)) as [Message, Message];
    await ada.emit('edit_message', { message_id: first.id, content: 'edited giraffe' });
    await ada.emit('delete_message', { message_id: second.id });
    await bob.markRead(thread.id, 7);
    const username = await usernameOf(bob);
    const device = (await ask(cluster.urls[0]!, '/auth/login', undefined, { login: username, password })).body;

    // One device of Bob's keeps what it knows of his and the community's ledger.
    const kept = new MemoryLedgerStore();
    const names = ['me', `community:${community.id}`];
    const follow = async (at: string): Promise<ParleyClient> => {
      const client = new ParleyClient({ urls: [at], ledgers: () => kept });
      people.push(client);
      await client.login(username, password);
      for (const name of names) client.ledgers.follow(name);
      await client.connect();
      return client;
    };
    const themeOf = (client: ParleyClient) => client.ledgers.state('me').items('setting').get('theme')?.value;
    const titleOf = (client: ParleyClient) =>
      client.ledgers.state(`community:${community.id}`).items<{ name: string }>('community').get(community.id)?.value.name;
    const knows = (client: ParleyClient, theme: string, title: string) => () => {
      const isCurrent = names.every((name) => client.ledgers.state(name).status === 'current');
      return isCurrent && themeOf(client) === theme && titleOf(client) === title;
    };
    const phone = await follow(cluster.urls[1]!);
    await phone.operations.putSetting({ key: 'theme', value: 'light' });
    await until('the device to know it', knows(phone, 'light', community.name));

    const chatter = new Chatter(bob, [thread, secret]);
    await until('some chatter', () => chatter.said.length > 20);
    const before = [...chatter.said];
    const threads = [thread, secret];
    const acknowledged = (await Promise.all(threads.map(({ id }) => readAll(ada, id)))).flat();
    const out = join(dir, 'one');
    const taken = await command('backup', cluster.name, ['--out', out, '--mongo', testMongodbUrl(), '--data-dir', dir]);
    const during = chatter.said.length - before.length;
    await chatter.end();
    expect(taken).toMatchObject({ code: 0, output: expect.stringContaining('documents') });
    expect(during).toBeGreaterThan(0);
    await phone.operations.putSetting({ key: 'theme', value: 'dark' });
    await ada.operations.updateCommunity({ community_id: community.id, name: 'Called so after the backup' });
    await until('the device to know more than the backup', knows(phone, 'dark', 'Called so after the backup'));
    const knew = phone.ledgers.state(names[1]!).rev;
    await phone.ledgers.flush();
    phone.close();
    for (const name of readdirSync(out)) expect(statSync(join(out, name)).mode & 0o777).toBe(0o600);
    expect(await command('verify', cluster.name, ['--from', out])).toMatchObject({ code: 0, output: expect.stringContaining('is whole') });

    const services = ['--redis', testRedisUrl(), '--mongo', testMongodbUrl(), '--data-dir', dir];
    const under = await command('restore', cluster.name, ['--from', out, '--replace', ...services]);
    expect(under).toMatchObject({ code: 1, output: expect.stringContaining('these nodes are running on the store') });

    const name = `${cluster.name}_b`;
    const restored = await command('restore', name, ['--from', out, ...services]);
    expect(restored).toMatchObject({ code: 0, output: expect.stringContaining('everything is back') });
    other = await startCluster({ nodes: 1, name });
    const [url] = other.urls as [string];
    expect(await historyAt(url)).not.toBe(await historyAt(cluster.urls[0]!));
    expect(restored.output).toContain(await historyAt(url));

    // By the old access token, the old refresh token, and the old password.
    expect((await ask(url, `/members/${bob.memberId}`, device.access_token as string)).status).toBe(200);
    expect((await ask(url, '/auth/refresh', undefined, { refresh_token: device.refresh_token })).status).toBe(200);
    const again = new ParleyClient({ urls: [url] });
    people.push(again);
    await again.login(username, password);
    await again.connect();

    const there = new Map<string, Message>();
    for (const { id } of threads) {
      const messages = await readAll(again, id);
      expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, at) => at + 1));
      for (const message of messages) there.set(message.id, message);
      const { message_count } = await again.operations.getThread({ thread_id: id });
      expect(message_count).toBe(messages.filter((message) => !isDeleted(message)).length);
      expect((await again.send(id, { content: 'after' })).seq).toBe(messages.length + 1);
    }
    for (const message of [...acknowledged, ...before])
      expect(there.get(message.id)).toEqual(expect.objectContaining({ seq: message.seq }));
    expect(there.get(first.id)).toMatchObject({ content: 'edited giraffe' });
    expect(isDeleted(there.get(second.id)!)).toBe(true);

    const back = await follow(url);
    await until('the device to know what the backup has, and nothing of what it knew beyond', knows(back, 'light', community.name));
    expect(back.ledgers.state(names[1]!).rev).toBeLessThan(knew);
    await back.operations.putSetting({ key: 'theme', value: 'blue' });
    await until('the device to follow it', knows(back, 'blue', community.name));

    const stranger = new ParleyClient({ urls: [url] });
    people.push(stranger);
    await stranger.login(await usernameOf(eve), password);
    await expect(stranger.operations.getThread({ thread_id: secret.id })).rejects.toBeInstanceOf(Fault);
    expect((await stranger.operations.getThread({ thread_id: thread.id })).id).toBe(thread.id);
    const searched = async (q: string) => (await again.operations.searchMessages({ q })).items.length;
    await until('the index to be level', async () => (await searched('giraffe')) === 1 && (await searched('after')) === threads.length);
  });
});
