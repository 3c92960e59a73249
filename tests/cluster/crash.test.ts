import { afterEach, describe, expect, it } from '@jest/globals';
import { ParleyClient } from '../../src/client/index.js';
import type { Message, Thread } from '../../src/protocol/resources.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, password, signUpAndConnect } from './people.js';
import { readAll } from './talk.js';

const expectEachOnce = (stored: Message[], acknowledged: Message[]): void => {
  expect(stored.map((m) => m.seq)).toEqual(stored.map((_m, i) => i + 1));
  const byId = new Map(stored.map((m) => [m.id, m.seq]));
  for (const m of acknowledged) expect(byId.get(m.id)).toBe(m.seq);
  const nonces = stored.map((m) => ('nonce' in m ? m.nonce : m.id));
  expect(new Set(nonces).size).toBe(stored.length);
};

describe('kill -9', () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  it('of a node under load: clients go on on the others, every acknowledged message is there once', async () => {
    cluster = await startCluster({ nodes: 3 });
    const people = await Promise.all(
      Array.from({ length: 6 }, (_x, i) => signUpAndConnect([...cluster.urls.slice(i % 3), ...cluster.urls.slice(0, i % 3)])),
    );
    const threads: Thread[] = [];
    for (let i = 0; i < 6; i++) threads.push((await found(people[i]!, people)).thread);
    const acknowledged = new Map(threads.map((t) => [t.id, [] as Message[]]));
    let going = true;
    const load = people.map(async (p, i) => {
      for (let n = 0; going; n++) {
        const thread = threads[(i + n) % threads.length]!;
        acknowledged.get(thread.id)!.push(await p.send(thread.id, { content: `${i}/${n}` }, { withinMs: 60_000, timeoutMs: 2_000 }));
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await cluster.nodes[1]!.end('SIGKILL');
    const atKill = [...acknowledged.values()].map((list) => list.length);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    for (const [i, list] of [...acknowledged.values()].entries()) expect(list.length).toBeGreaterThan(atKill[i]!);
    going = false;
    await Promise.all(load);
    for (const thread of threads) expectEachOnce(await readAll(people[0]!, thread.id), acknowledged.get(thread.id)!);
    for (const p of people) p.close();
  });

  it('of every node: nothing acknowledged is lost', async () => {
    cluster = await startCluster({ nodes: 2 });
    const ada = await signUpAndConnect(cluster.urls);
    const { thread } = await found(ada);
    const sends = Array.from({ length: 300 }, (_x, i) => ada.send(thread.id, { content: `${i}` }, { withinMs: 60_000 }));
    const acknowledged: Message[] = [];
    for (const send of sends) void send.then((m) => acknowledged.push(m));
    await Promise.race(sends);
    await Promise.all(cluster.nodes.map((n) => n.end('SIGKILL')));
    await Promise.all(cluster.nodes.map((n) => n.start()));
    const all = await Promise.all(sends);
    expectEachOnce(await readAll(ada, thread.id), [...acknowledged, ...all]);
    const username = (await ada.operations.getMember({ member_id: ada.memberId! })).username;
    const again = new ParleyClient({ urls: cluster.urls });
    await again.login(username, password);
    // A batch cut in the middle may leave tombstones, which count in seq but not as messages.
    expect((await again.operations.getThread({ thread_id: thread.id })).message_count).toBe(300);
    ada.close();
    again.close();
  });
});
