import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { waysOf } from '../../../src/catalogue/catalogue.js';
import { features } from '../../../src/features/index.js';
import { oddSpelling, plainPath } from '../../../src/gateway/rest/spelling.js';
import { otherSpellings } from '../../security/spellings.js';

const known = ['/metrics', '/healthz', '/readyz', '/api/communities', '/socket.io/', '/docs', '/openapi.json', '/assets/index-abc123.js'];

describe('a path', () => {
  it('is taken as it is written in the tables', () => {
    const ways = features.flatMap(({ operations }) => operations.flatMap(({ operation }) => waysOf(operation)));
    expect(ways.length).toBeGreaterThan(60);
    const ofOperations = ways.map(({ path }) => `/api${path.replace(/:\w+/g, '665f1c2ab3d4e5f60718293a')}`);
    for (const path of [
      '/',
      '/c/665f1c2ab3d4e5f60718293a',
      '/api/members/username/a_b.c-d',
      '/api/members/username/%C3%A9',
      ...known,
      ...ofOperations,
    ]) {
      expect([path, plainPath(path), plainPath(`${path}?q=//..;%2e/`)]).toEqual([path, path, path]);
    }
  });

  it('is taken in no other spelling', () => {
    for (const path of known) {
      for (const other of otherSpellings(path)) expect([other, plainPath(other) === path]).toEqual([other, false]);
    }
    for (const target of ['', '*', 'http://evil.example/metrics', 'metrics', '//evil.example/metrics'])
      expect(plainPath(target)).toBeUndefined();
  });

  it('has one spelling, whichever letters are encoded and however it goes up and down', () => {
    const edit = fc.constantFrom<(path: string, at: number) => string>(
      (path, at) => `${path.slice(0, at)}%${path.charCodeAt(at).toString(16).padStart(2, '0')}${path.slice(at + 1)}`,
      (path, at) => `${path.slice(0, at)}%${path.charCodeAt(at).toString(16).padStart(2, '0').toUpperCase()}${path.slice(at + 1)}`,
      (path) => `/.${path}`,
      (path) => `/x/..${path}`,
      (path) => `/${path}`,
      (path) => `${path}/`,
      (path) => `${path}/.`,
      (path) => `${path};v=1`,
    );
    fc.assert(
      fc.property(fc.constantFrom('/metrics', '/healthz', '/api/communities'), edit, fc.nat(), (path, change, at) => {
        expect(plainPath(change(path, at % path.length))).toBeUndefined();
      }),
    );
  });

  it('is judged by the shipped proxy with the same expression', () => {
    expect(readFileSync('deploy/nginx.conf', 'utf8')).toContain(`"~${oddSpelling.source}" 1;`);
  });
});
