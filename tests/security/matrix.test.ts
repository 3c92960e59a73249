import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ParleyClient } from '../../src/client/index.js';
import { limits, permissions } from '../../src/protocol/access.js';
import { type RouteName, routes } from '../../src/protocol/routes.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { password, signUp, token } from '../cluster/people.js';
import { dependsOnSubject, dependsOnVisibility, expectedOutcome, type Subject, standings, type Visibility } from './permission-table.js';
import { type Answer, expectProblem, knock, outcomeOf } from './rest-door.js';
import { type Call, routeCases } from './route-cases.js';
import { type Cast, closeCast, Scene, signUpCast } from './scene.js';

const names = Object.keys(routes) as RouteName[];
const visibilities: Visibility[] = ['public', 'private'];

const ask = (url: string, name: RouteName, call: Call, accessToken: string | null): Promise<Answer> => {
  const { method, path } = routes[name];
  const filled = path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(call.params?.[key] ?? ''));
  const query = call.query ? `?${new URLSearchParams(call.query)}` : '';
  return knock(url, `/api${filled}${query}`, {
    method: method.toUpperCase(),
    token: call.as ?? accessToken,
    ...(call.body !== undefined && { json: call.body }),
  });
};

describe('every route, for everyone', () => {
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
    const { username, id } = await named.rest('getMember', { params: { id: named.memberId as string } });
    named.close();
    await before.stop();
    cluster = await startCluster({ nodes: 1, name: before.name, env: { ADMINS: id } });
    admin = new ParleyClient({ urls: cluster.urls });
    await admin.login(username, password);
    cast = await signUpCast(cluster.urls[0] as string);
    for (const visibility of visibilities) scenes[visibility] = await Scene.set(cast, visibility);
  });
  afterAll(async () => {
    if (cast) closeCast(cast);
    admin?.close();
    await cluster?.stop();
  });

  it('14 has a case for each route, and each route declares a permission and a limit', () => {
    expect(Object.keys(routeCases).sort()).toEqual([...names].sort());
    for (const name of names) {
      expect(Object.keys(permissions)).toContain(routes[name].permission);
      expect(Object.keys(limits)).toContain(routes[name].limit);
    }
  });

  for (const visibility of visibilities) {
    describe(`with a ${visibility} community`, () => {
      const asked = names.filter(
        (name) => visibility === 'public' || routeCases[name].inBoth || dependsOnVisibility(routes[name].permission),
      );
      it.each(asked)('14 %s', async (name) => {
        const scene = scenes[visibility];
        const { permission } = routes[name];
        const { call, but } = routeCases[name];
        const subjects: Subject[] = dependsOnSubject(permission) ? ['own', 'other'] : ['other'];
        const expected: Record<string, string> = {};
        const seen: Record<string, string> = {};
        for (const subject of subjects) {
          for (const standing of standings) {
            const cell = `${standing}, ${subject}`;
            const outcome = but?.outcome(visibility, standing, subject) ?? expectedOutcome(permission, standing, visibility, subject);
            const client = scene.who(standing);
            const request = await call({ scene, standing, client, subject, allowed: outcome === 'ok' });
            const answer = await ask(cast.url, name, request, client && (await token(client)));
            expected[cell] = outcome;
            seen[cell] = outcomeOf(answer);
            if (outcome === 'ok') {
              const { status, alsoStatus } = { alsoStatus: undefined, ...routes[name] };
              expect([status, alsoStatus]).toContain(answer.status);
            } else if (seen[cell] === outcome) expectProblem(answer, outcome);
            if (client && !String(answer.headers['cache-control']).includes('no-store')) storable.push(`${name} ${answer.status}`);
          }
        }
        expect(seen).toEqual(expected);
      });
    });
  }

  it('14 lets an administrator deactivate others, and nothing more', async () => {
    const leaver = await signUp(cluster.urls, 'leaver');
    // Its tokens are used by hand.
    leaver.close();
    const access = await token(admin);
    const { owner } = cast.people;
    const profile = await ask(cast.url, 'updateMember', { params: { id: owner.memberId as string }, body: { bio: 'changed' } }, access);
    expectProblem(profile, 'forbidden');
    const community = await ask(cast.url, 'deleteCommunity', { params: { id: scenes.public.community.id } }, access);
    expectProblem(community, 'forbidden');
    expectProblem(await ask(cast.url, 'getCommunity', { params: { id: scenes.private.community.id } }, access), 'not_found');
    const gone = await ask(cast.url, 'deactivateMember', { params: { id: leaver.memberId as string } }, access);
    expect(gone.status).toBe(204);
    expectProblem(await knock(cast.url, '/api/members', { token: await token(leaver) }), 'unauthenticated');
  });

  it('14 has changed nothing where it refused', async () => {
    for (const visibility of visibilities) {
      const scene = scenes[visibility];
      const { owner, muted } = cast.people;
      const get = (id: string) => owner.rest('getMessage', { params: { id } });
      for (const [by, { message, thread }] of Object.entries(scene.works)) {
        expect(await get(message.id)).toMatchObject({ content: `by ${by}`, rev: message.rev });
        expect(await owner.rest('getThread', { params: { id: thread.id } })).toMatchObject({ title: `of ${by}`, is_pinned: false });
      }
      const { items } = await owner.rest('listMembersOfCommunity', { params: { id: scene.community.id } });
      const roles = Object.fromEntries(items.map((item) => [item.member.id, item.role]));
      expect(roles).toMatchObject({
        [owner.memberId as string]: 'owner',
        [cast.people.moderator.memberId as string]: 'moderator',
        [cast.people.member.memberId as string]: 'member',
        [muted.memberId as string]: 'member',
      });
      expect(roles).not.toHaveProperty(cast.people.banned.memberId as string);
      expect(roles).not.toHaveProperty(cast.people.stranger.memberId as string);
    }
  });

  it('47 forbids to store every answer to somebody who is signed in', () => {
    expect(storable).toEqual([]);
  });
});
