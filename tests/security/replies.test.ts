import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import { found } from '../cluster/people.js';
import { codeOf, idOf, say, Trio } from './trio.js';

describe('what may be answered, at either door', () => {
  let trio: Trio;
  beforeAll(async () => {
    trio = await Trio.meet();
  });
  afterAll(() => trio?.part());

  it('a message of this thread that is not deleted; of others nothing is told', async () => {
    const { owner, member } = trio;
    const here = await found(owner, [member]);
    const elsewhere = await found(owner, [member]);
    const hidden = await found(owner);
    const [live, deleted, other, otherDeleted, secret] = await Promise.all([
      say(owner, here.thread.id, 'live'),
      say(owner, here.thread.id, 'deleted'),
      say(owner, elsewhere.thread.id, 'elsewhere'),
      say(owner, elsewhere.thread.id, 'deleted elsewhere'),
      say(owner, hidden.thread.id, 'hidden'),
    ]);
    for (const { id } of [deleted, otherDeleted]) await owner.operations.deleteMessage({ message_id: id });
    const expected: [what: string, id: string, code: string][] = [
      ['live', live.id, 'ok'],
      ['deleted', deleted.id, 'conflict'],
      ['elsewhere', other.id, 'validation_failed'],
      ['deleted elsewhere', otherDeleted.id, 'validation_failed'],
      ['hidden', secret.id, 'validation_failed'],
      ['never there', newId(1), 'validation_failed'],
    ];
    for (const [what, reply_to, code] of expected) {
      const byRest = await trio.rest(member, 'POST', `/messages/thread/${here.thread.id}`, { content: what, reply_to });
      const bySocket = await codeOf(
        trio.emit(member, 'send_message', {
          thread_id: here.thread.id,
          content: what,
          reply_to,
          nonce: `socket ${what}`.replaceAll(' ', '-'),
        }),
      );
      const restCode = byRest.status === 201 ? 'ok' : (byRest.body as { code: string }).code;
      expect([what, restCode, bySocket]).toEqual([what, code, code]);
    }
    const { items } = await owner.operations.listReplies({ thread_id: here.thread.id, message_id: deleted.id });
    expect(items).toEqual([]);
    const notified = await owner.operations.listNotifications({});
    expect(notified.items.filter(({ actor, message_id }) => actor === idOf(member) && message_id === deleted.id)).toEqual([]);
  });
});
