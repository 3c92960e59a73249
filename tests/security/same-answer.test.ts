import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { opensAt } from '../../src/catalogue/operation.js';
import { Fault } from '../../src/protocol/problem.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { token } from '../cluster/people.js';
import { byRest, closePlain, inputFor, operations, plainly, restWaysOf } from './doors.js';
import { expectedOf } from './expectation.js';
import { operationCases } from './operation-cases.js';
import type { SignedIn, Subject } from './permission-table.js';
import { type Cast, closeCast, Scene, signUpCast } from './scene.js';

/** What differs from one request to the next by nature; everything else must not. */
const levelled = (value: unknown, key = ''): unknown => {
  if (typeof value === 'number') return ['limit', 'size', 'seconds'].includes(key) ? value : 'a number';
  if (typeof value === 'string') {
    if (/^made \d+$/.test(value)) return 'a name made for it';
    if (/^[0-9a-f]{24}$/.test(value)) return 'an id';
    if (/^\d{4}-\d\d-\d\dT/.test(value)) return 'a time';
    // Of a community that was founded to be used up, or of a role.
    if (/^(c|made) [a-z0-9]+$/.test(value)) return 'a name';
    return ['access_token', 'refresh_token', 'device_token', 'next_cursor', 'code', 'url', 'nonce', 'email'].includes(key)
      ? `a ${key}`
      : value;
  }
  // How many of them there are by now is not what is compared, but what each is like.
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(levelled(item))))].sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, levelled(item, name)]));
};

const refusal = ({ code, message, errors }: { code: string; message: string; errors?: unknown }) => ({ code, message, errors });

/** Those who differ most in what they may, and in what they may know of. */
const askers: SignedIn[] = ['owner', 'member', 'stranger'];
const open = operations.filter((operation) => restWaysOf(operation).length > 0 && opensAt(operation, 'socket'));

describe('the same request through every door', () => {
  let cluster: TestCluster;
  let cast: Cast;
  let scene: Scene;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    cast = await signUpCast(cluster.urls[0] as string);
    await Promise.all(Object.values(cast.people).map((person) => person.connect()));
    scene = await Scene.set(cast, 'private');
  });
  afterAll(async () => {
    if (cast) {
      closePlain(Object.values(cast.people));
      closeCast(cast);
    }
    await cluster?.stop();
  });

  it.each(open)('$name gives the same answer, and the same refusal', async (operation) => {
    for (const standing of askers) {
      const subject: Subject = standing === 'stranger' ? 'other' : 'own';
      const allowed = expectedOf(operation, scene, standing, subject) === 'ok';
      const asker = { scene, visibility: 'private' as const, standing, client: scene.who(standing), subject, allowed };
      const ask = async (how: 'rest' | 'socket' | 'websocket', more: object): Promise<unknown> => {
        const client = ((await operationCases[operation.name]?.instead?.(asker)) ?? asker.client)!;
        const input = { ...(await inputFor(operation, { ...asker, client })), ...more };
        try {
          if (how === 'rest') {
            const { status, body } = await byRest(cast.url, restWaysOf(operation)[0]!, input, await token(client));
            const failed = body as { code: string; detail: string; errors?: unknown };
            if (status >= 400) return refusal({ ...failed, message: failed.detail });
            const answer = body ?? {};
            return levelled(operation.wrapped === undefined ? answer : { [operation.wrapped]: answer });
          }
          if (how === 'websocket') {
            const { ok, data, error } = await plainly(cast.url, client, operation.name, input);
            return ok ? levelled(data) : refusal(error!);
          }
          await client.connect();
          return levelled(await client.emit(operation.name as 'join_thread', input as unknown as { thread_id: string }));
        } catch (thrown) {
          return refusal(Fault.from(thrown));
        } finally {
          if (client !== asker.client) client.close();
        }
      };
      for (const more of [{}, { of_no_operation: 1 }]) {
        const [rest, socket, websocket] = [await ask('rest', more), await ask('socket', more), await ask('websocket', more)];
        // Only REST can say in which part of a request a field is too many.
        const told = (answer: unknown) => ('of_no_operation' in more ? (answer as { code?: unknown }).code : answer);
        expect([standing, told(socket)]).toEqual([standing, told(rest)]);
        expect([standing, websocket]).toEqual([standing, socket]);
      }
    }
  });
});
