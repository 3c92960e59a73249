import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Socket } from 'socket.io-client';
import { ParleyClient } from '../../src/client/index.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { found, password, signUp, token } from '../cluster/people.js';
import { openSocket } from './bystander.js';
import { claimsOf, forge, hs256 } from './forged-token.js';
import { type Answer, expectProblem, knock } from './rest-door.js';

describe('sessions on two nodes', () => {
  let cluster: TestCluster;
  let one: string;
  let two: string;
  const people: ParleyClient[] = [];

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2 });
    [one, two] = cluster.urls as [string, string];
  });
  afterAll(async () => {
    for (const person of people) person.close();
    await cluster?.stop();
  });

  const newcomer = async (url: string): Promise<ParleyClient> => {
    const client = await signUp([url]);
    people.push(client);
    return client;
  };

  /** Resolves when the socket is told and then closed, with the reason. */
  const ending = (socket: Pick<Socket, 'once'>): Promise<string> => {
    let reason = 'closed without a word';
    socket.once('session_ended', (payload: { reason: string }) => {
      reason = payload.reason;
    });
    return new Promise((resolve) => socket.once('disconnect', () => resolve(reason)));
  };

  const logIn = async (client: ParleyClient): Promise<{ access: string; refresh: string; session: string }> => {
    const { username } = await client.operations.getMember({ member_id: client.memberId as string });
    const signed = await client.operations.login({ login: username, password });
    return { access: signed.access_token, refresh: signed.refresh_token, session: claimsOf(signed.access_token).sid };
  };
  const refresh = (url: string, refresh_token: string, device?: string): Promise<Answer> =>
    knock(url, '/api/auth/refresh', { json: { refresh_token }, ...(device !== undefined && { headers: { 'user-agent': device } }) });
  const tokensOf = (answer: Answer): { access_token: string; refresh_token: string } => {
    expect(answer.status).toBe(200);
    return answer.body as { access_token: string; refresh_token: string };
  };
  const expectDead = async (access: string): Promise<void> => {
    for (const url of [one, two]) {
      expectProblem(await knock(url, '/api/members', { token: access }), 'unauthenticated');
      await expect(openSocket(url, access)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  };

  it('6 a session ended while its sockets are open on two nodes: they close at once, its tokens are worth nothing, others stay', async () => {
    const member = await newcomer(one);
    const stolen = await logIn(member);
    const sockets = await Promise.all([openSocket(one, stolen.access), openSocket(two, stolen.access)]);
    const spared = await openSocket(two, await token(member));
    const ends = sockets.map(ending);
    await member.operations.endSession({ session_id: stolen.session });
    expect(await Promise.all(ends)).toEqual(['signed_out', 'signed_out']);
    await expectDead(stolen.access);
    expectProblem(await refresh(two, stolen.refresh), 'unauthenticated');
    expect(spared.connected).toBe(true);
    expect(await spared.emitWithAck('mark_all_read', {})).toMatchObject({ ok: true });
    spared.disconnect();
  });

  it('6 signing out, and an account that is closed, end sockets likewise', async () => {
    const member = await newcomer(one);
    const device = await logIn(member);
    const here = await openSocket(two, device.access);
    const there = await openSocket(one, await token(member));
    const hereEnds = ending(here);
    expect((await knock(one, '/api/auth/logout', { method: 'POST', token: device.access })).status).toBe(204);
    await hereEnds;
    await expectDead(device.access);
    expect(there.connected).toBe(true);

    const last = await token(member);
    const thereEnds = ending(there);
    await member.operations.deactivateMember({ member_id: member.memberId as string });
    await thereEnds;
    await expectDead(last);
  });

  it('6 a socket closes when the access token that opened it ends, and the session goes on', async () => {
    const member = await newcomer(one);
    const short = forge(hs256, { ...claimsOf(await token(member)), exp: Math.floor(Date.now() / 1000) + 2 });
    const socket = await openSocket(one, short);
    // Not session_ended, which would sign the client out: it comes back with a new token.
    expect(await ending(socket)).toBe('closed without a word');
    await expectDead(short);
    expect((await knock(one, '/api/members', { token: await token(member) })).status).toBe(200);
  });

  it("7 a banned member's socket leaves the rooms, and coming back opens none", async () => {
    const owner = await newcomer(one);
    const banned = await newcomer(two);
    await banned.connect();
    const { community, thread } = await found(owner, [banned]);
    const heard: string[] = [];
    banned.on('new_message', ({ message }) => heard.push('content' in message ? message.content : 'deleted'));
    await banned.emit('join_thread', { thread_id: thread.id });
    await banned.emit('join_community', { community_id: community.id });
    await owner.operations.changeMembership({ community_id: community.id, member_id: banned.memberId as string, is_banned: true });

    const again = new ParleyClient({ urls: [two] });
    people.push(again);
    await again.login((await banned.operations.getMember({ member_id: banned.memberId as string })).username, password);
    await again.connect();
    for (const client of [again, banned]) {
      await expect(client.emit('join_thread', { thread_id: thread.id })).rejects.toMatchObject({ code: 'forbidden' });
      await expect(client.emit('join_community', { community_id: community.id })).rejects.toMatchObject({ code: 'forbidden' });
      const send = client.emit('send_message', { thread_id: thread.id, content: 'let me in', nonce: 'n' });
      await expect(send).rejects.toMatchObject({ code: 'forbidden' });
      await expect(client.operations.joinAsMember({ community_id: community.id })).rejects.toMatchObject({ code: 'forbidden' });
    }

    // What is said now is not heard by the old socket. A mark in a thread of its own tells that it would have arrived.
    await owner.operations.sendMessage({ thread_id: thread.id, content: 'without them' });
    const own = await found(banned);
    await banned.emit('join_thread', { thread_id: own.thread.id });
    const marked = new Promise<void>((resolve) => banned.on('new_message', () => resolve()));
    await banned.operations.sendMessage({ thread_id: own.thread.id, content: 'mark' });
    await marked;
    expect(heard).toEqual(['mark']);
  });

  it('8 a refresh token used twice ends its session, with all its tokens and sockets, on every node', async () => {
    const member = await newcomer(one);
    const thief = await logIn(member);
    const next = tokensOf(await refresh(one, thief.refresh));
    const socket = await openSocket(two, next.access_token);
    const end = ending(socket);
    expectProblem(await refresh(two, thief.refresh, 'another device'), 'unauthenticated');
    await end;
    expectProblem(await refresh(one, next.refresh_token), 'unauthenticated');
    await expectDead(next.access_token);
    await expectDead(thief.access);
    // Another session of the same member is another family.
    expect((await knock(two, '/api/members', { token: await token(member) })).status).toBe(200);
  });

  it('8 one whose answer was lost, sent again by the same device, is answered with the same successor, on whichever node', async () => {
    const member = await newcomer(one);
    const device = await logIn(member);
    const lost = tokensOf(await refresh(one, device.refresh));
    for (const url of [one, two]) {
      const again = tokensOf(await refresh(url, device.refresh));
      expect(again.refresh_token).toBe(lost.refresh_token);
      expect((await knock(two, '/api/members', { token: again.access_token })).status).toBe(200);
    }
    // Once the successor is used, nobody honest sends the one before it.
    const next = tokensOf(await refresh(two, lost.refresh_token));
    expectProblem(await refresh(one, device.refresh), 'unauthenticated');
    await expectDead(next.access_token);
  });

  it('8 two honest refreshes at the same moment do not', async () => {
    const member = await newcomer(one);
    for (let round = 0; round < 5; round++) {
      const device = await logIn(member);
      const both = await Promise.all([refresh(one, device.refresh), refresh(round % 2 ? one : two, device.refresh)]);
      for (const answer of both) expect((await knock(two, '/api/members', { token: tokensOf(answer).access_token })).status).toBe(200);
      const [first, second] = both.map((answer) => tokensOf(answer).refresh_token);
      expect(first).toBe(second);
      tokensOf(await refresh(one, first as string));
    }
  });
});
