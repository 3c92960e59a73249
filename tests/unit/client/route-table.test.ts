import { describe, expect, it } from '@jest/globals';
import { openRoutes, routeTable } from '../../../src/client/route-table.js';
import { typingMs } from '../../../src/client/typing-marks.js';
import { bounds } from '../../../src/protocol/primitives.js';
import { type RouteName, routes } from '../../../src/protocol/routes.js';

describe("the client's plain copies of the protocol", () => {
  const names = Object.keys(routes) as RouteName[];

  it('has every route with its method and path', () => {
    expect(routeTable).toEqual(
      Object.fromEntries(names.map((name) => [name, `${routes[name].method.toUpperCase()} ${routes[name].path}`])),
    );
  });

  it('knows which routes take no token', () => {
    expect([...openRoutes].sort()).toEqual(names.filter((name) => routes[name].permission === 'anyone' || name === 'register').sort());
  });

  it('ends typing marks when the server does', () => {
    expect(typingMs).toBe(bounds.typingMs);
  });
});
