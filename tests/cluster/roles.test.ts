import { afterEach, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { Fault } from '../../src/protocol/problem.js';
import { until } from '../until.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, signUp, signUpAndConnect } from './people.js';

const idOf = (client: ParleyClient): string => client.memberId as string;
const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'ok',
    (thrown: unknown) => Fault.from(thrown).code,
  );

describe('roles on two nodes', () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  it('what is given on one node counts on the other, live, and what is taken does not any more', async () => {
    cluster = await startCluster({ nodes: 2 });
    const [here, there] = cluster.urls as [string, string];
    const [owner, member] = [await signUpAndConnect([here], 'owner'), await signUpAndConnect([there], 'member')];
    const { community, thread } = await found(owner, [member]);
    const { id: community_id } = community;
    const { id: role_id } = await owner.operations.createRole({ community_id, name: 'Gardener', permissions: ['manage_threads'] });
    const heard: unknown[] = [];
    await member.emit('join_community', { community_id });
    member.on('member_roles_changed', ({ member_id, roles }) => heard.push([member_id, roles]));
    member.on('roles_changed', ({ roles }) => heard.push(roles.map(({ name }) => name)));
    const pin = (is_pinned: boolean) => codeOf(member.operations.pinThread({ thread_id: thread.id, is_pinned }));
    expect(await pin(true)).toBe('forbidden');
    const role = { community_id, member_id: idOf(member), role_id };
    await owner.operations.giveRole(role);
    await until('the role that was given', async () => (await pin(true)) === 'ok');
    await owner.operations.takeRole(role);
    await until('the role that was taken', async () => (await pin(false)) === 'forbidden');
    await owner.operations.deleteRole({ community_id, role_id });
    await until('three events', () => heard.length === 3);
    expect(heard).toEqual([
      [idOf(member), [role_id]],
      [idOf(member), []],
      ['Moderator', 'everyone'],
    ]);
    for (const person of [owner, member]) person.close();
  });

  it('what was answered stands, whichever node is killed, and nothing is made twice', async () => {
    cluster = await startCluster({ nodes: 2 });
    const [owner, member] = [await signUp([...cluster.urls].reverse()), await signUp([...cluster.urls].reverse())];
    const places = await Promise.all(Array.from({ length: 4 }, () => found(owner, [member])));
    let going = true;
    let done = 0;
    /** What has no clear answer is asked again until it has one. */
    const surely = async <T>(ask: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          const answer = await ask();
          done++;
          return answer;
        } catch (thrown) {
          const fault = Fault.from(thrown);
          if (!fault.retryable && fault.code !== 'timeout') throw fault;
        }
      }
    };
    /** Answers the roles as they are to be, the highest first, and which of them the member holds. */
    const play = async (community_id: string) => {
      let ids: string[] = (await surely(() => owner.operations.listRoles({ community_id }))).items.slice(0, -1).map(({ id }) => id);
      let held: string[] = [];
      for (let n = 1; going; n++) {
        const nonce = `${community_id}-${n}`;
        const { id } = await surely(() => owner.operations.createRole({ community_id, name: `role ${n}`, nonce }));
        ids.push(id);
        await surely(() => owner.operations.giveRole({ community_id, member_id: idOf(member), role_id: id }));
        held.push(id);
        ids = [...ids.slice(1), ...ids.slice(0, 1)];
        await surely(() => owner.operations.orderRoles({ community_id, role_ids: ids }));
        const [old] = held.length > 3 ? held : [];
        if (old === undefined) continue;
        await surely(() => owner.operations.deleteRole({ community_id, role_id: old }));
        ids = ids.filter((one) => one !== old);
        held = held.filter((one) => one !== old);
      }
      return { ids, held: ids.filter((one) => held.includes(one)) };
    };
    const playing = places.map(({ community }) => play(community.id));
    for (const node of cluster.nodes) {
      const before = done;
      while (done < before + 40) await new Promise((resolve) => setTimeout(resolve, 20));
      await node.end('SIGKILL');
      await node.start();
    }
    going = false;
    const expected = await Promise.all(playing);
    for (const [at, { community }] of places.entries()) {
      const { items } = await owner.operations.listRoles({ community_id: community.id });
      expect(items.slice(0, -1).map(({ id }) => id)).toEqual(expected[at]?.ids);
      const { me } = await member.operations.getCommunity({ community_id: community.id });
      expect(me?.roles).toEqual(expected[at]?.held);
    }
    for (const person of [owner, member]) person.close();
  });
});
