import { afterEach, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import { Fault } from '../../src/protocol/problem.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, signUp } from './people.js';

const idOf = (client: ParleyClient): string => client.memberId as string;
const rounds = 2;

describe('kill -9 among hand-overs', () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  it('leaves each community with exactly one owner, who is the one that the last answer named', async () => {
    cluster = await startCluster({ nodes: 2 });
    const people = await Promise.all(Array.from({ length: 4 }, () => signUp([...cluster.urls].reverse())));
    const byId = new Map(people.map((person) => [idOf(person), person]));
    const places = await Promise.all(Array.from({ length: 6 }, () => found(people[0] as ParleyClient, people.slice(1))));
    let going = true;
    let handed = 0;
    /** One after the other; what has no clear answer is asked again until it has one. */
    const play = async (id: string): Promise<string> => {
      let owner = idOf(people[0] as ParleyClient);
      for (let n = 1; going; n++) {
        const next = idOf(people.filter((person) => idOf(person) !== owner)[n % 3] as ParleyClient);
        for (let isDone = false; !isDone; ) {
          const asked = byId.get(owner)?.operations.handOverCommunity({ community_id: id, member_id: next });
          isDone = await (asked as Promise<unknown>).then(
            () => true,
            (thrown: unknown) => {
              const fault = Fault.from(thrown);
              // Nothing else: whoever handed over may ask again, and hears that it is done.
              if (!fault.retryable && fault.code !== 'timeout') throw fault;
              return false;
            },
          );
        }
        owner = next;
        handed++;
      }
      return owner;
    };
    const playing = places.map(({ community }) => play(community.id));
    for (let round = 0; round < rounds; round++) {
      const before = handed;
      while (handed < before + 20) await new Promise((resolve) => setTimeout(resolve, 20));
      const node = cluster.nodes[round % 2];
      await node?.end('SIGKILL');
      await node?.start();
    }
    going = false;
    const owners = await Promise.all(playing);
    for (const [at, { community }] of places.entries()) {
      const { id } = community;
      for (const person of people) {
        expect((await person.operations.getCommunity({ community_id: id })).owner_id).toBe(owners[at]);
        const { items } = await person.operations.listCommunityMembers({ community_id: id });
        expect(items.filter(({ role }) => role === 'owner').map(({ member }) => member.id)).toEqual([owners[at]]);
      }
    }
    for (const person of people) person.close();
  });
});
