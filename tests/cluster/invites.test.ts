import { afterEach, describe, expect, it } from '@jest/globals';
import { io } from 'socket.io-client';
import { communityAddress } from '../../src/actors/domain/community/messages.js';
import type { Community } from '../../src/protocol/resources.js';
import { testRedisUrl } from '../services-env.js';
import { type Account, writeAccounts } from './accounts.js';
import { Claims } from './claims.js';
import { startCluster, type TestCluster } from './harness.js';
import { signUp } from './people.js';

const people = 1_000;
const places = 100;
/** So many have been told that they are in when the node dies. */
const beforeDeath = 30;
const retryMs = 200;

/** What one hears who asks until there is a clear answer, of whichever node lives. */
const clearAnswer = async (urls: readonly string[], { token }: Account, path: string): Promise<{ status: number; body: unknown }> => {
  for (let attempt = 0; ; attempt++) {
    const url = urls[attempt % urls.length];
    const answer = await fetch(`${url}/api${path}`, { method: 'POST', headers: { authorization: `Bearer ${token}` } }).catch(
      () => undefined,
    );
    if (answer && answer.status < 500) return { status: answer.status, body: await answer.json() };
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
};

describe('a thousand people accept one invite on three nodes', () => {
  let cluster: TestCluster;
  let claims: Claims | undefined;
  afterEach(async () => {
    claims?.close();
    await cluster.stop();
  });

  it('exactly as many come in as may, also when the node that counts them is killed, and who was told so is in', async () => {
    cluster = await startCluster({ nodes: 3 });
    const { urls } = cluster;
    const [owner, accounts] = [await signUp(urls), await writeAccounts(cluster, people + 1)];
    const community = await owner.operations.createCommunity({ name: 'Sought after', is_public: false });
    const invite = await owner.operations.createInvite({ community_id: community.id, max_uses: places });
    claims = new Claims(cluster, testRedisUrl());
    const counting = (await claims.of(communityAddress(community.id)))!.node;

    const told: string[] = [];
    let killed: Promise<unknown> | undefined;
    const [last, ...crowd] = accounts as [Account, ...Account[]];
    const answers = await Promise.all(
      crowd.map(async (account, at) => {
        const from = [...urls.slice(at % 3), ...urls.slice(0, at % 3)];
        const { status, body } = await clearAnswer(from, account, `/invites/${invite.code}/accept`);
        if (status === 200) {
          expect(body).toMatchObject({ id: community.id, me: { role: 'member' } });
          told.push(account.id);
          if (told.length === beforeDeath) killed = counting.end('SIGKILL');
        }
        return status;
      }),
    );
    expect(killed).toBeDefined();
    await killed;
    expect(answers.filter((status) => status === 200)).toHaveLength(places);
    expect(answers.filter((status) => status === 404)).toHaveLength(people - places);

    const members: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await owner.operations.listCommunityMembers({ community_id: community.id, limit: 100, ...(cursor && { cursor }) });
      members.push(...page.items.map(({ member }) => member.id));
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(members.filter((id) => id !== owner.memberId).sort()).toEqual([...told].sort());
    expect((await owner.operations.getCommunity({ community_id: community.id })).member_count).toBe(places + 1);
    // It is used up: for whoever comes later, through another door too, it is not there.
    expect((await owner.operations.listInvites({ community_id: community.id })).items).toEqual([]);
    const living = cluster.nodes.find((node) => node !== counting)!;
    const bySocket = async ({ token }: Account): Promise<{ ok: boolean; data?: Community; error?: { code: string } }> => {
      const socket = io(living.url, { auth: { token }, transports: ['websocket'] });
      try {
        return await socket.timeout(20_000).emitWithAck('accept_invite', { code: invite.code });
      } finally {
        socket.close();
      }
    };
    expect(await bySocket(last)).toMatchObject({ ok: false, error: { code: 'not_found' } });
    expect(await bySocket(accounts.find(({ id }) => id === told[0])!)).toMatchObject({ ok: true, data: { id: community.id } });
    owner.close();
  });
});
