import { expect, test } from '@jest/globals';
import { inReadingOrder } from '../../../src/store/mongo/backup/order.js';

const all = inReadingOrder([
  ...['members', 'threads', 'communities', 'memberships', 'messages', 'epochs', 'progress', 'search', 'reads', 'notifications'],
  ...['sessions', 'refresh_tokens', 'invites', 'invite_uses', 'migrations', 'installation', 'ledger_items', 'ledger_commits', 'emoji'],
]);

test.each([
  ['progress', 'search', 'what is marked as indexed is there'],
  ['progress', 'notifications', 'what is marked as told of is there'],
  ['search', 'messages', 'what can be found is there'],
  ['reads', 'messages', 'nothing counts as read that is not there'],
  ['messages', 'memberships', 'nothing is shown to who has left before it was said'],
  ['messages', 'threads', 'nothing is shown that was said after a thread was closed'],
  ['messages', 'communities', 'nothing is shown that was said after a community was closed'],
  ['memberships', 'threads', 'whoever came back is out of closed threads'],
  ['invite_uses', 'invites', 'a use has its invite'],
  ['ledger_items', 'ledger_commits', 'what is projected was committed'],
  ['sessions', 'members', 'whoever was signed out everywhere is'],
])('%s are read before %s: %s', (before, after) => {
  expect(all.indexOf(before)).toBeGreaterThanOrEqual(0);
  expect(all.indexOf(before)).toBeLessThan(all.indexOf(after));
});

test('epochs come last: nothing is there that was written under a later one', () => {
  expect(all.at(-1)).toBe('epochs');
});

test('what is not known here comes along by itself; the name of the life and what is the server’s do not', () => {
  expect(inReadingOrder(['later', 'a new one', 'system.views', 'installation', 'messages', 'threads'])).toEqual([
    ...['messages', 'a new one', 'later', 'threads'],
  ]);
});
