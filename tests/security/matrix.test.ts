import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Operation } from '../../src/catalogue/operation.js';
import { ParleyClient } from '../../src/client/index.js';
import { limits } from '../../src/protocol/access.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { password, signUp, token } from '../cluster/people.js';
import {
  byPlainSocket,
  byRest,
  bySocket,
  closePlain,
  inputFor,
  operationNamed,
  operations,
  restWaysOf,
  socketNamesOf,
  unfilled,
} from './doors.js';
import { disagreements, expectedOf, subjectsOf } from './expectation.js';
import { among, byRestToo, bySocketToo, inTurn } from './matrix-ways.js';
import { operationCases } from './operation-cases.js';
import { type Outcome, type Standing, signedIn, standings, type Visibility, visibilities, words } from './permission-table.js';
import { RawSocket } from './raw-socket.js';
import { expectProblem, knock, outcomeOf } from './rest-door.js';
import { type Cast, closeCast, Scene, signUpCast } from './scene.js';
import { wordOf } from './words-of-operations.js';

describe('every operation, for everyone, through every door', () => {
  let cluster: TestCluster;
  let cast: Cast;
  let admin: ParleyClient;
  const scenes = {} as Record<Visibility, Scene>;
  /** Answers to signed-in askers that a cache might keep. */
  const storable: string[] = [];

  beforeAll(async () => {
    // An administrator is named by id, which is known only after signing up.
    const before = await startCluster({ nodes: 1 });
    const named = await signUp(before.urls, 'admin');
    const { username, id } = await named.operations.getMember({ member_id: named.memberId as string });
    named.close();
    await before.stop();
    cluster = await startCluster({ nodes: 1, name: before.name, env: { ADMINS: id } });
    admin = new ParleyClient({ urls: cluster.urls });
    await admin.login(username, password);
    cast = await signUpCast(cluster.urls[0] as string);
    await Promise.all([admin, ...Object.values(cast.people)].map((person) => person.connect()));
    for (const visibility of visibilities) scenes[visibility] = await Scene.set(cast, visibility);
  });
  afterAll(async () => {
    if (cast) {
      closePlain(Object.values(cast.people));
      closeCast(cast);
    }
    admin?.close();
    await cluster?.stop();
  });

  /** One row: everyone asks by every way, with what is theirs and with what is another's. */
  const everyone = async <W>(
    operation: Operation,
    visibility: Visibility,
    who: readonly Standing[],
    ways: readonly W[],
    ask: (way: W, client: ParleyClient | null, input: Record<string, unknown>, expected: Outcome) => Promise<string>,
  ): Promise<void> => {
    const scene = scenes[visibility];
    const expected: Record<string, string> = {};
    const seen: Record<string, string> = {};
    for (const subject of subjectsOf(operation)) {
      for (const standing of who) {
        const outcome = expectedOf(operation, scene, standing, subject);
        const asker = { scene, visibility, standing, client: scene.who(standing), subject, allowed: outcome === 'ok' };
        for (const way of ways) {
          const cell = `${standing}, ${subject}, ${JSON.stringify(way)}`;
          expected[cell] = outcome;
          const client = (await operationCases[operation.name]?.instead?.(asker)) ?? asker.client;
          const input = await inputFor(operation, { ...asker, client });
          seen[cell] = await ask(way, client, input, outcome);
          if (client !== asker.client) client?.close();
        }
      }
    }
    expect(seen).toEqual(expected);
  };

  it('14 each operation declares a limit and has something for each field that it needs; words and cases are of operations', () => {
    for (const { limit } of operations) expect(Object.keys(limits)).toContain(limit);
    const names = operations.map(({ name }) => name);
    for (const [name, word] of Object.entries(wordOf)) {
      expect(names).toContain(name);
      expect(Object.keys(words)).toContain(word);
    }
    for (const name of Object.keys(operationCases)) expect(names).toContain(name);
    expect(operations.flatMap(unfilled)).toEqual([]);
  });

  it('14 what operations state of the scene’s people is what version 1 said of them', () => {
    expect(operations.flatMap((operation) => Object.values(scenes).flatMap((scene) => disagreements(operation, scene)))).toEqual([]);
  });

  for (const visibility of visibilities) {
    const where = visibility === 'public' || visibility === 'private' ? `with a ${visibility} community` : `in a ${visibility} thread`;
    describe(where, () => {
      it.each(among(byRestToo, visibility))('14 $title', async (operation) => {
        const { status, alsoStatus } = operation.rest!;
        await everyone(operation, visibility, standings, restWaysOf(operation), async (way, client, input, expected) => {
          const answer = await byRest(cast.url, way, input, client && (await token(client)));
          const outcome = outcomeOf(answer);
          if (expected === 'ok') expect([status, alsoStatus]).toContain(answer.status);
          else if (outcome === expected) expectProblem(answer, expected);
          if (client && !String(answer.headers['cache-control']).includes('no-store')) {
            storable.push(`${operation.name} ${answer.status}`);
          }
          return outcome;
        });
      });

      it.each(inTurn('socket', visibility))('15 $title, signed in', async (operation) => {
        await everyone(operation, visibility, signedIn, socketNamesOf(operation), async (name, client, input) => {
          // Who asks instead is not connected yet.
          await client!.connect();
          return bySocket(client!, name, input);
        });
      });

      it.each(inTurn('websocket', visibility))('15 $title, by a plain WebSocket', async (operation) => {
        await everyone(operation, visibility, signedIn, socketNamesOf(operation), (name, client, input) =>
          byPlainSocket(cast.url, client!, name, input),
        );
      });
    });
  }

  it.each(bySocketToo)('15 $title, by nobody', async (operation) => {
    const scene = scenes.public;
    const payload = await inputFor(operation, {
      ...{ scene, visibility: 'public', standing: 'nobody', client: null, subject: 'other', allowed: false },
    });
    for (const name of socketNamesOf(operation)) {
      const event = JSON.stringify([name, payload]);
      const turnedAway = new RawSocket(cast.url);
      await turnedAway.greeted();
      turnedAway.send('40{}');
      const word = await turnedAway.frame('a refusal', (frame) => frame.startsWith('4'));
      expect(word.slice(0, 2)).toBe('44');
      expect(JSON.parse(word.slice(2))).toMatchObject({ data: { code: 'unauthenticated' } });
      turnedAway.send(`421${event}`);
      await turnedAway.ended;
      expect(turnedAway.frames.filter((frame) => /^4[0235]/.test(frame))).toEqual([]);

      const unasked = new RawSocket(cast.url);
      await unasked.greeted();
      unasked.send(`421${event}`);
      await unasked.ended;
      expect(unasked.frames.filter((frame) => frame.startsWith('4'))).toEqual([]);
    }
  });

  it('15 what does not open at sockets is not carried out there, whoever asks', async () => {
    const closed = operations.filter((operation) => socketNamesOf(operation).length === 0);
    expect(closed.map(({ name }) => name)).toContain('register');
    for (const operation of closed) {
      await everyone(operation, 'public', signedIn, [operation.name], async (name, client, input, expected) => {
        expect([name, await bySocket(client!, name, input)]).toEqual([name, 'validation_failed']);
        return expected;
      });
    }
  });

  it('14 lets an administrator deactivate others, and nothing more', async () => {
    const access = await token(admin);
    const member_id = cast.people.owner.memberId as string;
    const refused: [name: string, input: Record<string, unknown>, code: 'forbidden' | 'not_found'][] = [
      ['update_member', { member_id, bio: 'changed' }, 'forbidden'],
      ['delete_community', { community_id: scenes.public.community.id }, 'forbidden'],
      ['get_community', { community_id: scenes.private.community.id }, 'not_found'],
    ];
    for (const [name, input, code] of refused) {
      for (const way of restWaysOf(operationNamed(name))) expectProblem(await byRest(cast.url, way, input, access), code);
      expect([name, await bySocket(admin, name, input)]).toEqual([name, code]);
    }
    const leavers = await Promise.all([signUp(cluster.urls, 'leaver'), signUp(cluster.urls, 'leaver')]);
    // Their tokens are used by hand.
    for (const leaver of leavers) leaver.close();
    const [first, second] = leavers.map((leaver) => ({ member_id: leaver.memberId as string }));
    for (const way of restWaysOf(operationNamed('deactivate_member'))) {
      expect((await byRest(cast.url, way, first!, access)).status).toBe(204);
    }
    expect(await bySocket(admin, 'deactivate_member', second!)).toBe('ok');
    for (const leaver of leavers) {
      expectProblem(await knock(cast.url, '/api/members', { token: await token(leaver) }), 'unauthenticated');
    }
  });

  it('14 15 has changed nothing where it refused', async () => {
    const { owner, moderator, member, muted, banned, stranger } = cast.people;
    for (const visibility of visibilities) {
      const scene = scenes[visibility];
      for (const [by, { message, thread }] of Object.entries(scene.works)) {
        const now = await owner.operations.getMessage({ message_id: message.id });
        expect(now).toMatchObject({ content: `by ${by}`, rev: message.rev, reactions: [] });
        expect(await owner.operations.getThread({ thread_id: thread.id })).toMatchObject({ title: `of ${by}`, is_pinned: false });
      }
      const { items } = await owner.operations.listCommunityMembers({ community_id: scene.community.id });
      const roles = Object.fromEntries(items.map((item) => [item.member.id, item.role]));
      expect(roles).toMatchObject({
        [owner.memberId as string]: 'owner',
        [moderator.memberId as string]: 'moderator',
        [member.memberId as string]: 'member',
        [muted.memberId as string]: 'member',
      });
      expect(roles).not.toHaveProperty(banned.memberId as string);
      expect(roles).not.toHaveProperty(stranger.memberId as string);
    }
  });

  it('15 sends nothing to one who may not be in a room', async () => {
    const { banned, stranger, owner } = cast.people;
    const { thread, community } = scenes.public;
    const heard: unknown[] = [];
    for (const outsider of [banned, stranger]) {
      outsider.on('new_message', (payload) => heard.push(payload));
      await expect(outsider.emit('join_thread', { thread_id: thread.id })).rejects.toMatchObject({ code: 'forbidden' });
      await expect(outsider.emit('join_community', { community_id: community.id })).rejects.toMatchObject({ code: 'forbidden' });
    }
    await scenes.public.message(owner);
    // A later event to both by the same road: what was sent before has arrived by then.
    const own = await stranger.operations.createCommunity({ name: 'elsewhere' });
    const elsewhere = await stranger.operations.createThread({ community_id: own.id, title: 'elsewhere' });
    await banned.operations.joinAsMember({ community_id: own.id });
    const marks = [banned, stranger].map((outsider) => new Promise<void>((resolve) => outsider.on('new_message', () => resolve())));
    for (const outsider of [banned, stranger]) await outsider.emit('join_thread', { thread_id: elsewhere.id });
    await stranger.operations.sendMessage({ thread_id: elsewhere.id, content: 'mark' });
    await Promise.all(marks);
    expect(heard.map((payload) => (payload as { message: { content: string } }).message.content)).toEqual(['mark', 'mark']);
  });

  it('47 forbids to store every answer to somebody who is signed in', () => {
    expect(storable).toEqual([]);
  });
});
