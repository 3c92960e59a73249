import { randomBytes } from 'node:crypto';
import { AccessTokens } from '../../src/gateway/auth/access-tokens.js';
import { systemClock } from '../../src/kernel/clock.js';
import { newId } from '../../src/kernel/ids.js';
import { createLogger } from '../../src/kernel/logger.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import type { MembershipRecord, Store } from '../../src/store/contracts.js';
import { connectStore } from '../../src/store/mongo/client.js';
import type { Scene } from './scene.js';

export const tokenSeconds = 86_400;
const step = 1_000;
const sessionsAtOnce = 32;

/**
 * Writes a scene into a database before any node runs on it, and answers each member's access token. Nobody has a password: to sign
 * thousands in would take the bench minutes of hashing. Nodes look at the tokens and sessions as at any others.
 */
export const writeScene = async (mongoUrl: string, database: string, secret: string, scene: Scene): Promise<string[]> => {
  const clock = systemClock;
  const logger = createLogger({ level: 'warn', node: 'bench' });
  const { store, close } = await connectStore({ url: mongoUrl, database, clock, telemetry: new Telemetry(), logger });
  try {
    const now = clock.now();
    const members = Array.from({ length: scene.members }, () => newId(now));
    await inSteps(members, (part) => store.members.putMissing(part.map((id) => member(id, now))).then(() => undefined));
    for (const place of scene.places) await writePlace(store, place, members, now);
    const access = new AccessTokens({ secret, previousSecret: null, seconds: tokenSeconds, clock });
    const tokens = new Array<string>(members.length);
    let next = 0;
    const signIn = async (): Promise<void> => {
      while (next < members.length) {
        const at = next++;
        const member_id = members[at]!;
        const until = now + tokenSeconds * 1000;
        const session = { id: newId(now), member_id, created_at: now, last_used_at: now, expires_at: until, ends_at: until };
        await store.sessions.insert({ ...session, user_agent: null, ip: null, ended_at: null });
        tokens[at] = access.sign({ member_id, session_id: session.id }).access_token;
      }
    };
    await Promise.all(Array.from({ length: sessionsAtOnce }, signIn));
    return tokens;
  } finally {
    await close();
  }
};

const writePlace = async (store: Store, place: Scene['places'][number], members: readonly string[], now: number): Promise<void> => {
  const inside = members.slice(place.members.from, place.members.to);
  const [owner] = inside;
  if (owner === undefined) throw new Error('a community needs a member');
  const common = { created_by: owner, created_at: now, updated_at: now, deleted_at: null, tags: [] };
  await store.communities.insert({
    ...common,
    owner_id: owner,
    ledger_rev: 1,
    handed_over_by: null,
    id: place.id,
    kind: 'community',
    name: `Bench ${place.id}`,
    description: null,
    member_count: inside.length,
    is_public: true,
    avatar_url: null,
  });
  const membership = (member_id: string): MembershipRecord => ({
    community_id: place.id,
    member_id,
    roles: [],
    state: 'active',
    joined_at: now,
    muted_until: null,
    version: 1,
  });
  await inSteps(inside, (part) => store.memberships.putMissing(part.map(membership)));
  await inSteps(place.threads, (part) =>
    store.threads.putMissing(
      part.map((id) => ({
        ...common,
        id,
        community_id: place.id,
        title: `Thread ${id}`,
        content: null,
        last_activity: now,
        is_pinned: false,
        message_count: 0,
        last_seq: 0,
        head_rev: 0,
        floor_seq: 0,
        floor_rev: 0,
      })),
    ),
  );
};

const member = (id: string, now: number) => ({
  id,
  username: `b${id}`,
  email: `${id}@bench.invalid`,
  password_hash: null,
  full_name: null,
  avatar_url: null,
  bio: null,
  joined_at: now,
  is_active: true,
  reopen_until: null,
  signed_out: null,
  presence: { state: 'offline' as const, text: null, last_active_at: null, fresh_until: now },
});

const inSteps = async <T>(items: readonly T[], work: (part: T[]) => Promise<void>): Promise<void> => {
  for (let from = 0; from < items.length; from += step) await work(items.slice(from, from + step));
};

export const newSecret = (): string => randomBytes(32).toString('base64url');
