import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { found, password, signUp, signUpAndConnect, token } from '../cluster/people.js';
import { type Answer, expectProblem, knock, outcomeOf } from './rest-door.js';
import { idOf, say, usernameOf } from './trio.js';

describe('who owns a community, who lets people in, and who opens it', () => {
  let cluster: TestCluster;
  let admin: ParleyClient;
  let owner: ParleyClient;
  let moderator: ParleyClient;
  let member: ParleyClient;
  let stranger: ParleyClient;

  const ask = async (by: ParleyClient, method: string, path: string, json?: unknown): Promise<Answer> =>
    knock(cluster.urls[0] as string, `/api${path}`, { method, token: await token(by), ...(json !== undefined && { json }) });
  /** What PUT is refused, PATCH is refused alike. */
  const put = async (by: ParleyClient, path: string, body: Record<string, unknown>): Promise<Answer> => {
    const answer = await ask(by, 'PUT', path, body);
    if (answer.status >= 400) {
      const patch = await ask(by, 'PATCH', path, body);
      expect([patch.status, outcomeOf(patch)]).toEqual([answer.status, outcomeOf(answer)]);
    }
    return answer;
  };
  const change = (by: ParleyClient, community: string, whom: ParleyClient, body: Record<string, unknown>) =>
    put(by, `/communities/${community}/members/${idOf(whom)}`, body);
  const membersOf = async (community: string): Promise<Record<string, string>> => {
    const { items } = await owner.operations.listCommunityMembers({ community_id: community });
    return Object.fromEntries(items.map((item) => [item.member.id, item.role]));
  };
  /** With a moderator and a plain member in it. */
  const place = async (options: { is_public?: boolean } = {}) => {
    const { community, thread } = await found(owner, [moderator, member]);
    expect((await change(owner, community.id, moderator, { role: 'moderator' })).status).toBe(200);
    if (options.is_public === false) await owner.operations.updateCommunity({ community_id: community.id, is_public: false });
    return { id: community.id, thread };
  };

  beforeAll(async () => {
    // An administrator is named by id, which is known only after signing up.
    const before = await startCluster({ nodes: 1 });
    const named = await signUp(before.urls, 'admin');
    const username = await usernameOf(named);
    const id = idOf(named);
    named.close();
    await before.stop();
    cluster = await startCluster({ nodes: 1, name: before.name, env: { ADMINS: id } });
    admin = new ParleyClient({ urls: cluster.urls });
    await admin.login(username, password);
    [owner, moderator, member, stranger] = await Promise.all([
      signUp(cluster.urls, 'owner'),
      signUp(cluster.urls, 'moderator'),
      signUp(cluster.urls, 'member'),
      signUpAndConnect(cluster.urls, 'stranger'),
    ]);
  });
  afterAll(async () => {
    for (const client of [admin, owner, moderator, member, stranger]) client?.close();
    await cluster?.stop();
  });

  it.each([true, false])('63 nobody becomes a member unasked (public: %s)', async (is_public) => {
    const { id, thread } = await place({ is_public });
    const rung: unknown[] = [];
    const forget = stranger.on('notification', (event) => rung.push(event));
    const bodies = ['member', 'moderator', 'owner'].flatMap((role) => [{ role }, { role, is_banned: false }, { role, muted_until: null }]);
    for (const by of [owner, moderator, member]) {
      for (const body of bodies) expectProblem(await change(by, id, stranger, body), 'forbidden');
    }
    // Neither does one who was banned, by being let off.
    expect((await change(owner, id, stranger, { is_banned: true })).status).toBe(200);
    expectProblem(await change(owner, id, stranger, { is_banned: false, role: 'member' }), 'forbidden');
    expect((await change(owner, id, stranger, { is_banned: false })).status).toBe(200);
    for (const body of bodies) expectProblem(await change(owner, id, stranger, body), 'forbidden');
    expect(Object.keys(await membersOf(id)).sort()).toEqual([owner, moderator, member].map(idOf).sort());
    expect(((await stranger.operations.getMember({ member_id: idOf(stranger) })) as { communities?: string[] }).communities).not.toContain(
      id,
    );

    // A mention rings for members, and for nobody else.
    await say(owner, thread.id, `@${await usernameOf(stranger)} and @${await usernameOf(member)}, come`);
    const isRung = async (who: ParleyClient): Promise<boolean> => {
      const { items } = await who.operations.listNotifications({});
      return items.some((item) => item.thread_id === thread.id);
    };
    for (let i = 0; i < 300 && !(await isRung(member)); i++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect([await isRung(member), await isRung(stranger), rung]).toEqual([true, false, []]);
    forget();
  });

  it('63 an administrator of the installation adds people as plain members, and does nothing else by it', async () => {
    const { id } = await place({ is_public: false });
    for (const role of ['moderator', 'owner']) expectProblem(await change(admin, id, stranger, { role }), 'forbidden');
    expectProblem(await change(admin, id, stranger, { role: 'member', muted_until: null }), 'forbidden');
    expect((await change(admin, id, stranger, { role: 'member' })).status).toBe(200);
    expect(await membersOf(id)).toMatchObject({ [idOf(stranger)]: 'member' });
    for (const body of [{ role: 'moderator' }, { is_banned: true }, {}]) {
      expectProblem(await change(admin, id, stranger, body), 'not_found');
    }
    expectProblem(await ask(admin, 'GET', `/communities/${id}`), 'not_found');
  });

  it.each(['the route of its own', 'the role'])('19 ownership is handed over by the owner alone, by %s', async (way) => {
    const { id, thread } = await place();
    const handOver = (by: ParleyClient, to: ParleyClient) =>
      way === 'the role' ? change(by, id, to, { role: 'owner' }) : ask(by, 'PUT', `/communities/${id}/owner`, { member_id: idOf(to) });
    for (const by of [moderator, member, stranger, admin]) {
      for (const to of [owner, moderator, member, stranger, by]) expectProblem(await handOver(by, to), 'forbidden');
    }
    expectProblem(await handOver(owner, stranger), way === 'the role' ? 'forbidden' : 'not_found');
    expect((await handOver(owner, member)).status).toBe(200);
    expect(await membersOf(id)).toEqual({ [idOf(owner)]: 'moderator', [idOf(moderator)]: 'moderator', [idOf(member)]: 'owner' });
    expect(await stranger.operations.getCommunity({ community_id: id })).toMatchObject({ owner_id: idOf(member), created_by: idOf(owner) });
    // The same again, as after an answer that was lost.
    expect((await handOver(owner, member)).status).toBe(200);
    // What was the owner's is so no more.
    expectProblem(await ask(owner, 'DELETE', `/communities/${id}`), 'forbidden');
    expectProblem(await handOver(owner, moderator), 'forbidden');
    expectProblem(await change(owner, id, moderator, { role: 'member' }), 'forbidden');
    expect((await ask(owner, 'POST', `/threads/${thread.id}/pin`, { is_pinned: true })).status).toBe(200);
    expect((await ask(member, 'DELETE', `/communities/${id}`)).status).toBe(204);
  });

  it('the owner’s closed account leaves the community to the oldest moderator, and is neither listed nor counted nor rung', async () => {
    const leaving = await signUp(cluster.urls, 'leaving');
    const { community, thread } = await found(leaving, [member, moderator]);
    const { id } = community;
    expect((await change(leaving, id, moderator, { role: 'moderator' })).status).toBe(200);
    const said = await say(leaving, thread.id, 'my words stay');
    const name = await usernameOf(leaving);
    leaving.close();
    expect((await ask(leaving, 'DELETE', `/members/${idOf(leaving)}`)).status).toBe(204);

    expect(await membersOf(id)).toEqual({ [idOf(moderator)]: 'owner', [idOf(member)]: 'member' });
    const seen = await stranger.operations.getCommunity({ community_id: id });
    expect(seen).toMatchObject({ owner_id: idOf(moderator), member_count: 2 });
    expect(await member.operations.getMessage({ message_id: said.id })).toMatchObject({ content: 'my words stay', author: idOf(leaving) });
    expect(await member.operations.getMember({ member_id: idOf(leaving) })).toMatchObject({ username: name, is_active: false });
    expect(await member.operations.listCommunitiesOfMember({ member_id: idOf(leaving) })).toMatchObject({ items: [] });
    await say(member, thread.id, `@${name}, are you there?`);
    for (const by of [moderator, member, admin]) {
      for (const body of [{ role: 'member' }, { role: 'owner' }, { is_banned: true }]) {
        expect((await change(by, id, leaving, body)).status).toBeGreaterThanOrEqual(400);
      }
    }
    expect((await ask(moderator, 'PUT', `/communities/${id}/owner`, { member_id: idOf(leaving) })).status).toBe(404);
    expect((await ask(moderator, 'DELETE', `/communities/${id}`)).status).toBe(204);
  });

  it('with nobody left only an administrator hands it over, to somebody they added, and only then', async () => {
    const leaving = await signUp(cluster.urls, 'leaving');
    const { community } = await found(leaving);
    const handOver = (by: ParleyClient) => ask(by, 'PUT', `/communities/${community.id}/owner`, { member_id: idOf(member) });
    expect((await change(admin, community.id, member, { role: 'member' })).status).toBe(200);
    expectProblem(await handOver(admin), 'forbidden');
    expect((await ask(member, 'POST', `/communities/${community.id}/leave`)).status).toBe(204);
    leaving.close();
    expect((await ask(admin, 'DELETE', `/members/${idOf(leaving)}`)).status).toBe(204);
    expect(await stranger.operations.getCommunity({ community_id: community.id })).toMatchObject({
      owner_id: idOf(leaving),
      member_count: 0,
    });
    expect((await ask(member, 'POST', `/communities/${community.id}/join`)).status).toBe(200);
    for (const by of [member, stranger, moderator]) expectProblem(await handOver(by), 'forbidden');
    expect((await handOver(admin)).status).toBe(200);
    expect(await membersOf(community.id)).toEqual({ [idOf(member)]: 'owner' });
  });

  it('a deleted community stands on nobody’s profile', async () => {
    const { id } = await place();
    await owner.operations.deleteCommunity({ community_id: id });
    for (const who of [owner, moderator, member]) {
      const { communities } = (await who.operations.getMember({ member_id: idOf(who) })) as { communities: string[] };
      expect(communities).not.toContain(id);
      const signedIn = await who.operations.login({ login: await usernameOf(who), password });
      expect(signedIn.member.communities).toEqual(communities);
      const { items } = await stranger.operations.listCommunitiesOfMember({ member_id: idOf(who) });
      expect(items.map((item) => item.id)).not.toContain(id);
    }
  });

  it('66 opening a private community is the owner’s', async () => {
    const { id } = await place({ is_public: false });
    const open = (by: ParleyClient, body: Record<string, unknown> = { is_public: true }) => put(by, `/communities/${id}`, body);
    for (const body of [{ is_public: true }, { name: 'Open', is_public: true }]) {
      expectProblem(await open(moderator, body), 'forbidden');
      expectProblem(await open(member, body), 'forbidden');
      expectProblem(await open(stranger, body), 'not_found');
      expectProblem(await open(admin, body), 'not_found');
    }
    expectProblem(await ask(stranger, 'GET', `/communities/${id}`), 'not_found');
    expect(await owner.operations.getCommunity({ community_id: id })).toMatchObject({ is_public: false });
    expectProblem(await ask(moderator, 'DELETE', `/communities/${id}`), 'forbidden');
    // What tends it stays a moderator's, closing it among that.
    expect((await open(moderator, { name: 'Tended', tags: ['a'], is_public: false })).status).toBe(200);
    expect((await open(owner)).status).toBe(200);
    expect((await open(moderator, { name: 'Tended', is_public: true })).status).toBe(200);
    expect((await open(moderator, { is_public: false })).status).toBe(200);
    expectProblem(await open(moderator), 'forbidden');
  });
});
