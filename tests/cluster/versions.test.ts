import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Backbone } from '../../src/actors/cluster/backbone.js';
import { ClusterNode } from '../../src/actors/cluster/node.js';
import { connectRedisBackbone } from '../../src/actors/cluster/redis/connect.js';
import { type OtherMessage, Wire, type WireStep } from '../../src/actors/cluster/wire.js';
import { communityAddress, type GetCommunity } from '../../src/actors/domain/community/messages.js';
import { domainKinds } from '../../src/actors/domain/kinds.js';
import { threadAddress } from '../../src/actors/domain/thread/messages.js';
import { systemClock } from '../../src/kernel/clock.js';
import { createLogger } from '../../src/kernel/logger.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import { type ConnectedStore, connectStore } from '../../src/store/mongo/client.js';
import { testMongodbUrl, testRedisUrl } from '../services-env.js';
import { until } from '../until.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, signUpAndConnect } from './people.js';

/** A version after today's: it calls the message's body `body`. And one after that, which is read by today's code again. */
const renames: WireStep = {
  up: ({ m, ...rest }) => ({ ...rest, body: m }) as unknown as OtherMessage,
  down: ({ body, ...rest }) => ({ ...rest, m: body }) as unknown as OtherMessage,
};
const renamesBack: WireStep = { up: renames.down, down: renames.up };

const clock = systemClock;
const logger = createLogger({ level: 'silent', node: 'of another release' });

describe('a node of another release, on the Redis and the store of a living cluster', () => {
  let cluster: TestCluster | undefined;
  let name: string;
  let backbone: Backbone;
  let connected: ConnectedStore;
  let node: ClusterNode | undefined;

  beforeEach(async () => {
    name = `v${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
    backbone = connectRedisBackbone({ url: testRedisUrl(), prefix: name, clock, logger });
    connected = await connectStore({ url: testMongodbUrl(), database: name, clock, telemetry: new Telemetry(), logger });
  });
  afterEach(async () => {
    await node?.stop();
    await cluster?.stop();
    await backbone.close();
    await connected.close();
    node = undefined;
    cluster = undefined;
  });

  const make = (wire: Wire): ClusterNode => {
    const nothing = () => undefined;
    const silence = { publish: nothing, reached: nothing, evict: nothing, recheck: nothing, close: nothing };
    const nudge = { changed: () => undefined, deleted: () => undefined };
    node = new ClusterNode({
      nodeId: 'other',
      url: '',
      kinds: domainKinds({ store: connected.store, fanout: silence, nudge }),
      backbone,
      witness: connected.store.epochs,
      clock,
      logger,
      telemetry: new Telemetry(),
      wire,
    });
    return node;
  };

  it('takes its share when they have a version in common: asks go both ways', async () => {
    cluster = await startCluster({ nodes: 1, name });
    const ada = await signUpAndConnect(cluster.urls);
    const other = make(new Wire(1, [renames, renamesBack]));
    await other.start();
    await until('the first node to have handed over', () => cluster!.nodes[0]!.ready());
    const owners = new Map<string, number>();
    for (let i = 0; i < 16; i++) {
      const { community, thread } = await found(ada);
      const { message } = await ada.emit('send_message', { thread_id: thread.id, content: 'hello', nonce: `${i}` });
      expect(message.seq).toBe(1);
      for (const address of [threadAddress(thread.id), communityAddress(community.id)]) {
        const owner = other.ownerOf(address)!.split('-')[0]!;
        owners.set(owner, (owners.get(owner) ?? 0) + 1);
      }
      const ask: GetCommunity = { type: 'get', by: ada.memberId! };
      expect(await other.system.ask(communityAddress(community.id), ask)).toMatchObject({ id: community.id });
    }
    expect([...owners.keys()].sort()).toEqual(['n1', 'other']);
    ada.close();
  });

  it('does not join when they have none, and the living ones go on', async () => {
    cluster = await startCluster({ nodes: 1, name });
    const ada = await signUpAndConnect(cluster.urls);
    const { thread } = await found(ada);
    await expect(make(new Wire(2, [renamesBack])).start()).rejects.toThrow('speaks versions 2 to 3 of the protocol between nodes, but n1-');
    expect((await backbone.slots.read()).members.map((m) => m.instance.split('-')[0])).toEqual(['n1']);
    expect(await cluster.nodes[0]!.ready()).toBe(true);
    expect((await ada.emit('send_message', { thread_id: thread.id, content: 'still here', nonce: 'n' })).message.seq).toBe(1);
    ada.close();
  });

  it('keeps a node of this release out when it has left its version behind: that one says so and ends', async () => {
    const other = make(new Wire(2, [renamesBack]));
    await other.start();
    const before = await backbone.slots.read();
    await expect(startCluster({ nodes: 1, name })).rejects.toThrow(
      /ended while starting:[\s\S]*could not start: this process speaks version 1 of the protocol between nodes, but other-\S+ in the cluster speaks versions 2 to 3/,
    );
    const after = await backbone.slots.read();
    expect(after.claims).toEqual(before.claims);
    expect(after.members).toEqual(before.members);
    expect(other.ready()).toEqual({ ok: true });
  });
});
