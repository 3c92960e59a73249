import { beforeEach, expect, it } from '@jest/globals';
import { communityAddress } from '../../../src/actors/domain/community/messages.js';
import { privately } from '../../../src/actors/domain/thread/override-policy.js';
import type { Kind } from '../../../src/authority/snapshot.js';
import type { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import { aCommunity, aMember, aMembership, aThread } from '../../conformance/store/records.js';
import { Stage } from './stage.js';

const [ada, bob, eve] = [newId(10), newId(11), newId(12)];
const talk = newId(20);
const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'ok',
    (error: Fault) => error.code,
  );
let stage: Stage;

beforeEach(() => {
  stage = new Stage();
});

/** As it is stored: a community of its kind with one closed thread. */
const opened = async (kind: Kind): Promise<void> => {
  const { members, communities, memberships, threads } = stage.base;
  for (const id of [ada, bob, eve]) await members.insert(aMember({ id }));
  await communities.insert(aCommunity({ id: talk, kind, is_public: false, owner_id: ada, created_by: ada }));
  for (const member_id of [ada, bob]) await memberships.put(aMembership({ community_id: talk, member_id }));
  await threads.insert(aThread({ id: stage.closed, community_id: talk, created_by: ada, overrides: privately(talk, [ada, bob]) }));
};

it.each(['direct', 'group'] as const)('a %s conversation is its people’s alone, and nobody in it stands above the others', async (kind) => {
  await opened(kind);
  const said = { type: 'send', content: 'x', reply_to: null, attachments: [], mentions: [] };
  const send = (by: string, message_id = newId(5)) => stage.inClosed({ ...said, by, nonce: by, message_id });
  const first = newId(5);
  expect(await Promise.all([codeOf(send(ada, first)), codeOf(send(bob)), codeOf(send(eve))])).toEqual(['ok', 'ok', 'not_found']);
  const act = (message: { type: string } & Record<string, unknown>) => codeOf(stage.inClosed(message));
  expect(await act({ type: 'delete', by: bob, message_id: first })).toBe('forbidden');
  expect(await act({ type: 'delete', by: ada, message_id: first })).toBe('ok');
  for (const by of [ada, bob])
    expect(await act({ type: 'set_override', by, subject: `member:${eve}`, allow: ['view'], deny: [] })).toBe('forbidden');
  const place = (message: object) => codeOf(stage.actors.ask(communityAddress(talk), message as never));
  for (const by of [ada, bob]) {
    for (const message of [
      { type: 'delete' },
      { type: 'update', patch: { is_public: true } },
      { type: 'create_thread', thread_id: newId(30), title: 't', content: null, tags: [] },
      { type: 'change_membership', member_id: bob, role: 'moderator' },
      { type: 'remove_member', member_id: by === ada ? bob : ada },
    ]) {
      expect([message.type, await place({ by, ...message })]).toEqual([message.type, 'forbidden']);
    }
  }
  for (const type of ['get', 'join']) expect([type, await place({ type, by: eve })]).toEqual([type, 'not_found']);
  expect(stage.published.filter(({ room, audience }) => room === `c:${talk}` && audience !== stage.closed)).toEqual([]);
});
