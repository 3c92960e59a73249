import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/kernel/clock.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { until } from '../../until.js';
import { changed } from './people.js';
import { RestHouse } from './rest-house.js';

/** The keys of an object that is written as JSON, at any depth, each as often as it is written. */
const keysOf = (line: string): string[] => [...line.matchAll(/"((?:[^"\\]|\\.)*)":/g)].map(([, key]) => key!);

describe('the access log', () => {
  let house: RestHouse;
  afterEach(() => house.close());

  /** The line of a request, by its id. */
  const lineOf = async (id: string): Promise<string> => {
    const found = (): string[] => house.lines.filter((line) => line.includes(id) && line.includes('"msg":"request"'));
    await until('the line of the request', () => found().length > 0);
    expect(found()).toHaveLength(1);
    return found()[0]!;
  };

  it('says each thing once, however a request ends', async () => {
    const store = createMemoryStore({ clock: systemClock });
    let broken = false;
    const failing = changed(store.communities, {
      list: (...all) => (broken ? Promise.reject(new TypeError('a defect')) : store.communities.list(...all)),
    });
    house = await RestHouse.open({ store: { ...store, communities: failing } });
    const ada = await house.person('ada');
    const cases: [string, string, number, string, boolean][] = [
      ['GET', '/api/communities', 200, '/api/communities', true],
      ['GET', '/api/communities', 401, '/api/communities', false],
      ['GET', '/api/communities?limit=x', 400, '/api/communities', true],
      ['GET', '/api/communities', 503, '/api/communities', true],
      ['PATCH', '/api/communities', 405, '/api/communities', false],
      ['GET', '/nowhere', 404, 'other', false],
    ];
    for (const [at, [method, path, status, route, isKnown]] of cases.entries()) {
      broken = status === 503;
      const id = `request-number-${at}`;
      const answer = await house.ask(method, path, { by: isKnown ? ada : undefined, headers: { 'x-request-id': id } });
      expect(answer.status).toBe(status);
      const line = await lineOf(id);
      expect([line, keysOf(line).length]).toEqual([line, new Set(keysOf(line)).size]);
      expect(JSON.parse(line)).toEqual({
        level: status === 503 ? 40 : 30,
        time: expect.any(String),
        node: 'test',
        req: { method },
        request_id: id,
        route,
        ...(isKnown && { member_id: ada.id }),
        res: { status },
        ms: expect.any(Number),
        msg: 'request',
      });
    }
  });
});
