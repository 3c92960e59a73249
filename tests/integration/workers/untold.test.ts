import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import { domainKinds } from '../../../src/actors/domain/kinds.js';
import type { SyncLedger } from '../../../src/actors/ledger/messages.js';
import { memberLedger } from '../../../src/actors/ledger/names.js';
import { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { newId } from '../../../src/kernel/ids.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import type { LedgerItem } from '../../../src/protocol/ledgers.js';
import { communityLedger } from '../../../src/store/community-items.js';
import type { Store } from '../../../src/store/contracts.js';
import { connectStore } from '../../../src/store/mongo/client.js';
import { toNotification, toOwnMembership, toOwnSession } from '../../../src/store/resources.js';
import { UntoldSweep } from '../../../src/workers/untold.js';
import { dropDatabase, mongoUrl, randomDatabase } from '../../conformance/store/backends.js';
import { aCommunity, aMembership, aNotification, aSession, aThread } from '../../conformance/store/records.js';
import { until } from '../../until.js';

const nothing = () => undefined;
/** As an import leaves them: nobody was told of any. */
const memberCount = 250;
const eachIn = 4;
const threadCount = 1_400;

describe('what ledgers do not know, on MongoDB', () => {
  const logger = pino({ level: 'silent' });
  const database = randomDatabase();
  let store: Store;
  let close: () => Promise<void>;
  let actors: LocalActorSystem;

  beforeEach(async () => {
    const telemetry = new Telemetry();
    ({ store, close } = await connectStore({ url: mongoUrl, database, clock: systemClock, telemetry, logger }));
    const fanout = { publish: nothing, reached: nothing, evict: nothing, recheck: nothing, close: nothing };
    const kinds = domainKinds({ store, fanout, nudge: { changed: nothing, deleted: nothing } });
    actors = new LocalActorSystem({ kinds, clock: systemClock, logger, telemetry, claimOf: () => ({ epoch: 1, since: 0 }) });
  });
  afterEach(async () => {
    await actors.stop();
    await close();
    await dropDatabase(mongoUrl, database);
  });

  test('is copied by the sweep alone, and nothing is left untold', async () => {
    const communities = Array.from({ length: 20 }, () => aCommunity());
    for (const community of communities) await store.communities.insert(community);
    const members = Array.from({ length: memberCount }, () => newId(Date.now()));
    const memberships = members.flatMap((member_id, at) =>
      Array.from({ length: eachIn }, (_, i) => aMembership({ member_id, community_id: communities[(at + i) % communities.length]!.id })),
    );
    await store.memberships.putMissing(memberships);
    const rung = members.map((member_id, at) => aNotification({ member_id, community_id: communities[at % communities.length]!.id }));
    await store.notifications.insert(rung);
    const signedIn = members.map((member_id) => aSession({ member_id }));
    await Promise.all(signedIn.map((one) => store.sessions.insert(one)));
    const gone = aCommunity();
    await store.communities.insert(gone);
    await store.memberships.put(aMembership({ community_id: gone.id, member_id: members[0]! }));
    await store.communities.update(gone.id, { deleted_at: 5 });

    // A clock that is ahead: what was marked just now has been untold for long.
    const ahead = { ...systemClock, now: () => systemClock.now() + 60_000 };
    const sweep = new UntoldSweep(store, actors, ahead, logger);
    const records = [store.memberships, store.notifications, store.sessions];
    await until('nothing to be untold', async () => {
      await sweep.run(5_000);
      const left = await Promise.all(records.map((one) => one.untoldMembers(ahead.now(), undefined, 1)));
      return left.every((some) => some === null);
    });

    const byId = new Map(communities.map((community) => [community.id, community]));
    const shown = async (ledger: string) =>
      (await store.ledgers.living(ledger, null, 100)).map(({ kind, key, value }) => [kind, key, value]);
    for (const [at, member_id] of members.entries()) {
      const mine = memberships.filter((one) => one.member_id === member_id);
      const expected = [
        ...mine.map((one) => ['membership', one.community_id, toOwnMembership(byId.get(one.community_id)!, one)]),
        ['notification', rung[at]!.id, toNotification(rung[at]!)],
        ['session', signedIn[at]!.id, toOwnSession(signedIn[at]!)],
      ];
      await until('the items to be stored', async () => (await shown(memberLedger(member_id))).length === expected.length);
      expect(await shown(memberLedger(member_id))).toEqual(expect.arrayContaining(expected));
    }
    expect(await store.memberships.get(gone.id, members[0]!)).toBeNull();
  });

  test('has thousands of threads of one community, and a snapshot gives the newest 1,000 of them', async () => {
    const community = aCommunity({ is_public: true });
    await store.communities.insert(community);
    const threads = Array.from({ length: threadCount }, () => aThread({ community_id: community.id }));
    for (let at = 0; at < threadCount; at += 1_000) await store.threads.putMissing(threads.slice(at, at + 1_000));
    const ahead = { ...systemClock, now: () => systemClock.now() + 60_000 };
    const sweep = new UntoldSweep(store, actors, ahead, logger);
    await until('nothing to be untold', async () => {
      await sweep.run(1_000);
      return (await store.threads.untoldMembers(ahead.now(), undefined, 1)) === null;
    });
    const ledger = communityLedger(community.id);
    const { head } = await store.ledgers.edges(ledger);
    await until('the items to be stored', async () => (await store.ledgers.edges(ledger)).projected === head);
    expect(await store.ledgers.ofKind(ledger, 'thread', null, threadCount + 1)).toHaveLength(threadCount);

    const by = newId(Date.now());
    const ask = (more: object) =>
      actors.ask<SyncLedger>(communityAddress(community.id), { type: 'sync_ledger', by, ledger, ...more }, { timeoutMs: 10_000 });
    const items: LedgerItem[] = [];
    for (let page = await ask({}); ; page = await ask({ from: page.next })) {
      items.push(...page.items);
      if (page.next === null) break;
    }
    const shown = items.filter(({ kind }) => kind === 'thread');
    expect(shown).toHaveLength(1_000);
    const others = await store.ledgers.newest(ledger, 'thread', Math.min(...shown.map(({ rev }) => rev)), 1);
    expect(others).toHaveLength(1);
  });
});
