import { beforeEach, expect, test } from '@jest/globals';
import type { Caller } from '../../../src/catalogue/caller.js';
import type { Hub } from '../../../src/gateway/socket/hub.js';
import { Removals } from '../../../src/gateway/socket/removals.js';
import { Roster } from '../../../src/gateway/socket/roster.js';
import { Subscriber } from '../../../src/gateway/socket/subscriber.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { withScope } from '../../../src/kernel/scope.js';

let log: string[];
let asking: Subscriber;
let removals: Removals;

beforeEach(() => {
  log = [];
  const socketOf = (id: string) => ({
    emit: (event: string, { reason }: { reason: string }) => void log.push(`${id} ${event} ${reason}`),
    disconnect: () => void log.push(`${id} is closed`),
  });
  const sockets = new Map(['asking', 'other'].map((id) => [id, socketOf(id)]));
  const hub = {
    announcements: { on: () => undefined },
    sessions: { onEnded: () => undefined },
    io: { of: () => ({ sockets }) },
  } as unknown as Hub;
  const roster = new Roster();
  const [first, other] = ['asking', 'other'].map(
    (id) =>
      new Subscriber({ id, join: () => undefined, leave: () => undefined, give: () => undefined }, {
        member_id: 'm',
        session_id: 's',
      } as Caller),
  ) as [Subscriber, Subscriber];
  asking = first;
  roster.add(asking);
  roster.add(other);
  const logger = createLogger({ level: 'silent', node: 'test' });
  removals = new Removals({ hub, roster, clock: new FakeClock(), logger, isMember: async () => true });
});

const end = (request_id: string) => withScope({ request_id }, () => removals.endSession('s', 'signed_out'));

test('whoever ends their own session is answered before the connection closes; others close at once', () => {
  asking.asks('mine');
  end('mine');
  expect(log).toEqual(['other session_ended signed_out', 'other is closed']);
  log = [];
  expect(() => asking.asks('one more')).toThrow('This session is over');
  asking.answered('another');
  expect(log).toEqual([]);
  asking.answered('mine');
  expect(log).toEqual(['asking session_ended signed_out', 'asking is closed']);
});

test('a session that is ended from elsewhere has no last word, whatever it has asked', () => {
  asking.asks('mine');
  end('of another connection');
  expect(log).toContain('asking is closed');
});
