import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { permissions } from '../../../src/authority/permissions.js';
import { defaultRoles } from '../../../src/authority/roles.js';
import { operations } from '../../../src/features/roles/operations.js';

const page = readFileSync('docs/roles.md', 'utf8');

test('docs/roles.md has each permission, what it lets one do and whom it is given to at first', () => {
  const [moderator, everyone] = defaultRoles('c').map((role) => new Set<string>(role.permissions));
  const rows = Object.entries(permissions).map(
    ([name, lets]) => `| \`${name}\` | ${lets} | ${everyone?.has(name) ? 'yes' : ''} | ${moderator?.has(name) ? 'yes' : ''} |`,
  );
  expect(page.split('## Permissions')[1]?.trim().split('\n').slice(-rows.length)).toEqual(rows);
});

test('and each operation with its way', () => {
  for (const { operation } of operations) {
    const { method, path } = operation.rest!;
    const [, below] = path.replace(/:(\w+)/g, '{$1}').split('/communities/{community_id}');
    const row = page.split('\n').find((line) => line.startsWith(`| \`${operation.name}\` |`));
    expect(row).toContain(method.toUpperCase());
    expect(row).toContain(below);
  }
});
