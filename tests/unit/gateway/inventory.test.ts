import { describe, expect, it } from '@jest/globals';
import { isOpen } from '../../../src/authority/allow.js';
import type { Bound } from '../../../src/catalogue/bound.js';
import { defectsOf, fieldsOfPath, waysOf } from '../../../src/catalogue/catalogue.js';
import { opensAt } from '../../../src/catalogue/operation.js';
import { features } from '../../../src/features/index.js';
import { byPrecedence } from '../../../src/gateway/rest/api.js';
import { restForm } from '../../../src/gateway/rest/input.js';
import { limits } from '../../../src/protocol/access.js';

const all: Bound[] = features.flatMap(({ operations }) => [...operations]);

describe('the inventory of operations', () => {
  it.each(all.map((bound) => [bound.operation.name, bound] as const))(
    '%s declares who may, its limit and its form, and is carried out',
    (_name, { operation, run }) => {
      expect(defectsOf(operation)).toEqual([]);
      expect(Object.keys(limits)).toContain(operation.limit);
      expect(typeof run).toBe('function');
      expect(operation.input.safeParse({ ...operation.example, surprise: 1 }).success).toBe(false);
      expect((['rest', 'socket'] as const).some((door) => opensAt(operation, door))).toBe(true);
      // Before sign-in there is no member to count by.
      if (isOpen(operation.allow)) expect(limits[operation.limit].by).toBe('address');
    },
  );

  it.each(all.flatMap(({ operation }) => waysOf(operation).map((way) => [`${way.method} ${way.path}`, operation, way] as const)))(
    '%s divides the input in three, strictly, and says where each field is',
    (_way, operation, way) => {
      const { path, query, body } = restForm(operation, { ...operation.rest!, ...way });
      for (const part of [path, query, body]) expect(part.safeParse({ surprise: 1 }).success).toBe(false);
      expect(Object.keys(path.shape).sort()).toEqual(fieldsOfPath(way.path).sort());
      const fields = [path, query, body].flatMap(({ shape }) => Object.keys(shape));
      expect(fields.sort()).toEqual(Object.keys(operation.input.shape).sort());
      expect(Object.keys((way.method === 'get' ? body : query).shape)).toEqual([]);
    },
  );

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

  it('has no way that another one takes before it', () => {
    const ways = all.flatMap(({ operation }) => waysOf(operation)).sort((a, b) => byPrecedence(a.path, b.path));
    const example = (path: string): string => path.replace(/:\w+/g, '665f1c2ab3d4e5f60718293a');
    for (const way of ways) {
      const first = ways.find(({ method, path }) => {
        const pattern = new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`);
        return method === way.method && pattern.test(example(way.path));
      });
      expect(first?.path.replace(/:\w+/g, ':')).toBe(way.path.replace(/:\w+/g, ':'));
    }
  });
});
