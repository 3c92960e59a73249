import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { features } from '../../../src/features/index.js';

const page = readFileSync('docs/add-a-capability.md', 'utf8');

test('the walk names every file of the feature that it walks through, and no other', () => {
  const named = [...page.matchAll(/^\| `(src\/features\/invites\/[^`]+)` \|/gm)].map(([, file]) => file as string);
  const there = readdirSync('src/features/invites').map((file) => `src/features/invites/${file}`);
  expect(named.sort()).toEqual(there.sort());
});

test('everything else that it names is there', () => {
  const named = [...page.matchAll(/`((?:src|tests)\/[^`…]+)`/g)].map(([, file]) => file as string);
  expect(named.filter((file) => !existsSync(file))).toEqual([]);
  expect(features.map(({ name }) => name)).toContain('invites');
});
