import { describe, expect, it } from '@jest/globals';
import type { Operations } from '../../../src/gateway/operations/operations.js';
import { byPrecedence } from '../../../src/gateway/rest/api.js';
import { createHandlers } from '../../../src/gateway/rest/handlers.js';
import { limits, permissions } from '../../../src/protocol/access.js';
import { type Route, routes } from '../../../src/protocol/routes.js';

/** Handlers only close over operations, so none are needed to list them. */
const handlers = createHandlers({} as Operations);

describe('the inventory of routes', () => {
  it.each(Object.entries<Route>(routes))('%s declares who may, its limit and its form, and is carried out', (name, route) => {
    expect(Object.keys(permissions)).toContain(route.permission);
    expect(Object.keys(limits)).toContain(route.limit);
    expect(Object.hasOwn(handlers, name)).toBe(true);
    const inPath = [...route.path.matchAll(/:([a-z_]+)/g)].map((match) => match[1]);
    for (const schema of [route.params, route.query, route.body]) {
      expect(schema.safeParse({ surprise: 1 }).success).toBe(false);
    }
    expect(Object.keys((route.params as unknown as { shape: object }).shape)).toEqual(inPath);
    // Before sign-in there is no member to count by.
    if (route.permission === 'anyone' || route.permission === 'sign_up') expect(limits[route.limit].by).toBe('address');
  });

  it('has no handler without a route', () => {
    expect(Object.keys(handlers).filter((name) => !Object.hasOwn(routes, name))).toEqual([]);
  });

  it('is matched fixed addresses first', () => {
    const paths = [
      '/threads/:id',
      '/threads/search',
      '/messages/:id',
      '/messages/thread/:thread_id',
      '/messages/search',
      '/members/:id/activity',
      '/members/username/:username',
    ];
    const sorted = [...paths].sort(byPrecedence);
    for (const [fixed, open] of [
      ['/threads/search', '/threads/:id'],
      ['/messages/search', '/messages/:id'],
      ['/members/username/:username', '/members/:id/activity'],
    ] as const) {
      expect(sorted.indexOf(fixed)).toBeLessThan(sorted.indexOf(open));
    }
  });
});
