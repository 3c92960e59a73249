import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decide } from '../../src/authority/decide.js';
import { fieldsOfPath } from '../../src/catalogue/catalogue.js';
import { type Operation, opensAt } from '../../src/catalogue/operation.js';
import type { Asked, PayloadOf } from '../../src/client/asked.js';
import { features } from '../../src/features/index.js';
import { Fault } from '../../src/protocol/problem.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { token } from '../cluster/people.js';
import { operationCases } from './operation-cases.js';
import { type Standing, standings, type Visibility } from './permission-table.js';
import { expectProblem, knock, outcomeOf } from './rest-door.js';
import { type Cast, closeCast, Scene, signUpCast } from './scene.js';

const operations: Operation[] = features.flatMap((feature) => feature.operations.map(({ operation }) => operation));
const visibilities: Visibility[] = ['public', 'private'];

/** How somebody with this name stands to the scene's community. */
const standingOf = (standing: Standing, visibility: Visibility) => ({
  is_public: visibility === 'public',
  role:
    standing === 'owner' || standing === 'moderator'
      ? standing
      : standing === 'member' || standing === 'muted'
        ? ('member' as const)
        : null,
  is_banned: standing === 'banned',
  muted_until: standing === 'muted' ? Number.POSITIVE_INFINITY : null,
});

/** What the statement of an operation says of somebody. */
const expectedOf = (operation: Operation, standing: Standing, visibility: Visibility): string => {
  const asker = standing === 'nobody' ? undefined : { member_id: 'them', is_admin: false };
  return decide(operation.allow, asker, standingOf(standing, visibility), {}, 0)?.code ?? 'ok';
};

describe('every operation of the catalogue, for everyone, through every door', () => {
  let cluster: TestCluster;
  let cast: Cast;
  const scenes = {} as Record<Visibility, Scene>;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    cast = await signUpCast(cluster.urls[0] as string);
    await Promise.all(Object.values(cast.people).map((person) => person.connect()));
    for (const visibility of visibilities) scenes[visibility] = await Scene.set(cast, visibility);
  });
  afterAll(async () => {
    if (cast) closeCast(cast);
    await cluster?.stop();
  });

  for (const visibility of visibilities) {
    it.each(operations)(`14 $name, in a ${visibility} community`, async (operation) => {
      const scene = scenes[visibility];
      const { make, but } = operationCases[operation.name] ?? {};
      const expected: Record<string, string> = {};
      const seen: Record<string, string> = {};
      for (const standing of standings) {
        const client = scene.who(standing);
        const outcome = but?.(visibility, standing) ?? expectedOf(operation, standing, visibility);
        const input = async (): Promise<Record<string, unknown>> => ({
          ...('community_id' in operation.input.shape && { community_id: scene.community.id }),
          ...operation.example,
          ...(await make?.({ scene, standing, client, visibility })),
        });
        if (operation.rest && opensAt(operation, 'rest')) {
          expected[`${standing}, REST`] = outcome;
          const answer = await byRest(operation, await input(), client && (await token(client)));
          seen[`${standing}, REST`] = outcomeOf(answer);
          if (outcome === 'ok') expect([operation.rest.status, operation.rest.alsoStatus]).toContain(answer.status);
          else if (outcomeOf(answer) === outcome) expectProblem(answer, outcome as Fault['code']);
        }
        if (client && opensAt(operation, 'socket')) {
          expected[`${standing}, socket`] = outcome;
          seen[`${standing}, socket`] = await client.emit(operation.name as Asked, (await input()) as PayloadOf<Asked>).then(
            () => 'ok',
            (thrown: unknown) => Fault.from(thrown).code,
          );
        }
      }
      expect(seen).toEqual(expected);
    });
  }

  const byRest = ({ rest }: Operation, input: Record<string, unknown>, accessToken: string | null) => {
    const { method, path } = rest!;
    const named = fieldsOfPath(path);
    const filled = path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(input[key])));
    const others = Object.entries(input).filter(([field]) => !named.includes(field));
    const query =
      method === 'get' && others.length > 0 ? `?${new URLSearchParams(others.map(([field, value]) => [field, String(value)]))}` : '';
    return knock(cast.url, `/api${filled}${query}`, {
      method: method.toUpperCase(),
      token: accessToken,
      ...(method !== 'get' && others.length > 0 && { json: Object.fromEntries(others) }),
    });
  };
});
