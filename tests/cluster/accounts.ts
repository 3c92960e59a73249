import { AccessTokens } from '../../src/gateway/auth/access-tokens.js';
import { systemClock } from '../../src/kernel/clock.js';
import { newId } from '../../src/kernel/ids.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import { connectStore } from '../../src/store/mongo/client.js';
import { silent } from '../conformance/store/backends.js';
import { aMember } from '../conformance/store/records.js';
import { testMongodbUrl } from '../services-env.js';
import { clusterSecret, type TestCluster } from './harness.js';

export interface Account {
  id: string;
  token: string;
}

const tokenSeconds = 3_600;
const atOnce = 32;

/** Many accounts with a session each, written straight into a cluster's store: to sign thousands up would take minutes of hashing. */
export const writeAccounts = async (cluster: TestCluster, count: number): Promise<Account[]> => {
  const clock = systemClock;
  const { store, close } = await connectStore({
    url: testMongodbUrl(),
    database: cluster.name,
    clock,
    telemetry: new Telemetry(),
    logger: silent,
  });
  try {
    const now = clock.now();
    const until = now + tokenSeconds * 1_000;
    const tokens = new AccessTokens({ secret: clusterSecret, previousSecret: null, seconds: tokenSeconds, clock });
    const members = Array.from({ length: count }, () => aMember({ id: newId(now), joined_at: now }));
    await store.members.putMissing(members);
    const accounts: Account[] = [];
    let next = 0;
    const signIn = async (): Promise<void> => {
      while (next < members.length) {
        const member_id = members[next++]!.id;
        const session = { id: newId(now), member_id, created_at: now, last_used_at: now, expires_at: until, ends_at: until };
        await store.sessions.insert({ ...session, user_agent: null, ip: null, ended_at: null });
        accounts.push({ id: member_id, token: tokens.sign({ member_id, session_id: session.id }).access_token });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, signIn));
    return accounts;
  } finally {
    await close();
  }
};
