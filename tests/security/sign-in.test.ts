import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { password, signUp } from '../cluster/people.js';
import { Bystander } from './bystander.js';
import { type Answer, expectProblem, knock } from './rest-door.js';

describe('passwords', () => {
  let cluster: TestCluster;
  let url: string;
  let bystander: Bystander;
  const people: ParleyClient[] = [];

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    url = cluster.urls[0] as string;
    bystander = await Bystander.on(cluster.nodes[0] as TestCluster['nodes'][0]);
    people.push(await signUp(cluster.urls), await signUp(cluster.urls));
  });
  afterAll(async () => {
    bystander?.close();
    for (const person of people) person.close();
    await cluster?.stop();
  });

  const nameOf = async (client: ParleyClient): Promise<{ username: string; email: string }> => {
    const self = await client.operations.getMember({ member_id: client.memberId as string });
    return { username: self.username, email: (self as { email: string }).email };
  };
  const logIn = (login: string, secret: string): Promise<Answer> => knock(url, '/api/auth/login', { json: { login, password: secret } });

  it('9 are kept as argon2id of 19 MiB and two passes or more, each with a salt of its own', async () => {
    const mongo = await MongoClient.connect(process.env.TEST_MONGODB_URL as string);
    const stored = await mongo.db(cluster.name).collection('members').find({}).toArray();
    await mongo.close();
    expect(stored.length).toBeGreaterThanOrEqual(3);
    const salts = stored.map((member) => {
      const [, algorithm, version, cost, salt] = (member.password_hash as string).split('$');
      const { m, t } = /^m=(?<m>\d+),t=(?<t>\d+),p=\d+$/.exec(cost ?? '')?.groups ?? {};
      expect({ algorithm, version }).toEqual({ algorithm: 'argon2id', version: 'v=19' });
      expect(Number(m)).toBeGreaterThanOrEqual(19 * 1024);
      expect(Number(t)).toBeGreaterThanOrEqual(2);
      expect(Buffer.from(salt as string, 'base64').length).toBeGreaterThanOrEqual(16);
      expect(JSON.stringify(member)).not.toContain(password);
      return salt;
    });
    expect(new Set(salts).size).toBe(salts.length);
  });

  it('9 of 1 MB are refused with 400, whoever they are for', async () => {
    const long = 'x'.repeat(1_000_000);
    const { username } = await nameOf(people[0] as ParleyClient);
    for (const answer of [
      await logIn(username, long),
      await logIn('nobody-of-that-name', long),
      await knock(url, '/api/auth/register', { json: { username: 'long', email: 'long@example.org', password: long } }),
      await knock(url, '/api/members', { json: { username: 'long', email: 'long@example.org', password: long } }),
    ]) {
      const problem = expectProblem(answer, 'validation_failed');
      expect(problem.errors?.map((error) => error.path)).toContain('password');
      expect(answer.text.length).toBeLessThan(2_000);
    }
    expectProblem(await logIn('long', long), 'validation_failed');
    expectProblem(await logIn('long', password), 'unauthenticated');
    for (const short of ['', '1234567', null, 12345678, ['correct horse battery'], { $ne: null }]) {
      const json = { username: 'short', email: 'short@example.org', password: short };
      expectProblem(await knock(url, '/api/auth/register', { json }), 'validation_failed');
    }
  });

  it('9 checked 200 at once are all answered, some with a refusal, and the node goes on serving', async () => {
    const { username } = await nameOf(people[0] as ParleyClient);
    const crowd = Array.from({ length: 200 }, (_x, i) => logIn(username, i % 2 ? password : 'a wrong password'));
    await bystander.isUnharmed();
    const answers = await Promise.all(crowd);
    answers.forEach((answer, i) => {
      if (answer.status === 503) {
        expect(expectProblem(answer, 'overloaded').retry_after_ms).toBeGreaterThan(0);
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      } else if (i % 2) expect(answer.status).toBe(200);
      else expectProblem(answer, 'unauthenticated');
    });
    // More than may wait came at once.
    expect(answers.filter((answer) => answer.status === 503).length).toBeGreaterThan(0);
    expect(answers.filter((answer) => answer.status === 200).length).toBeGreaterThan(0);
    expect((await logIn(username, password)).status).toBe(200);
    await bystander.isUnharmed();
  });

  it('10 a wrong name, a wrong password and an account closed for good are answered with the same words', async () => {
    const { username, email } = await nameOf(people[0] as ParleyClient);
    const leaver = await signUp(cluster.urls);
    people.push(leaver);
    const left = await nameOf(leaver);
    await leaver.operations.deactivateMember({ member_id: leaver.memberId as string });
    const mongo = await MongoClient.connect(process.env.TEST_MONGODB_URL as string);
    const members = mongo.db(cluster.name).collection('members');
    await members.updateOne({ username: left.username }, { $set: { reopen_until: new Date(0) } });
    await mongo.close();
    const unknown = `u${randomBytes(4).toString('hex')}`;
    const seen = [];
    for (const answer of [
      await logIn(username, 'a wrong password'),
      await logIn(email, 'a wrong password'),
      await logIn(unknown, password),
      await logIn(`${unknown}@example.org`, password),
      await logIn(left.username, password),
      await logIn(left.username, 'a wrong password'),
    ]) {
      const { request_id: _, ...problem } = expectProblem(answer, 'unauthenticated');
      const { date: __, 'content-length': length, ...headers } = answer.headers;
      expect(Object.keys(headers).join()).not.toMatch(/member|user/);
      seen.push({ problem, length, names: Object.keys(headers) });
    }
    for (const one of seen) expect(one).toEqual(seen[0]);
  });
});
