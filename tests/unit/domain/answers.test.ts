import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../../src/kernel/ids.js';
import { Stage } from './stage.js';

type Sent = { message: { id: string; seq: number }; created: boolean };

describe('what a message may answer', () => {
  let stage: Stage;
  const send = (reply_to: string | null, nonce = newId(7)) =>
    stage.ask<Sent>({ type: 'send', by: stage.owner, message_id: newId(8), content: 'x', reply_to, attachments: [], mentions: [], nonce });
  const codeOf = (sent: Promise<unknown>): Promise<string> =>
    sent.then(
      () => 'ok',
      (error: { code: string }) => error.code,
    );
  const erase = (message_id: string) => stage.ask({ type: 'delete', by: stage.owner, message_id });
  /** Far back, so that memory holds it no more. */
  const bury = async () => {
    for (let i = 0; i < 3; i++) await stage.send(`later ${i}`);
    await stage.changeOwner('handoff');
  };

  beforeEach(async () => {
    stage = await new Stage().open();
  });

  it('what stands here, not what was deleted, is elsewhere, or never was', async () => {
    const { message: original } = await stage.send('original');
    expect(await codeOf(send(original.id))).toBe('ok');
    await erase(original.id);
    expect(await codeOf(send(original.id))).toBe('conflict');
    await bury();
    expect(await codeOf(send(original.id))).toBe('conflict');
    expect(await codeOf(send(newId(9)))).toBe('validation_failed');

    const elsewhere = newId(10);
    const at = { type: 'create_thread', by: stage.owner, thread_id: elsewhere, title: 't', content: null, tags: [] };
    await stage.askCommunity(at);
    const message = { type: 'send', by: stage.owner, message_id: newId(11), content: 'x', attachments: [], mentions: [], nonce: 'n' };
    const there = await stage.actors.ask({ kind: 'thread', key: elsewhere }, { ...message, reply_to: null } as never);
    expect(await codeOf(send((there as Sent).message.id))).toBe('validation_failed');
    await stage.actors.ask({ kind: 'thread', key: elsewhere }, {
      type: 'delete',
      by: stage.owner,
      message_id: message.message_id,
    } as never);
    // Whether it was deleted is not told of what is elsewhere.
    expect(await codeOf(send(message.message_id))).toBe('validation_failed');
    expect((await stage.stored()).filter((m) => m.reply_to !== null)).toHaveLength(1);
  });

  it('an answer that was stored before the original was deleted is the same message when it is sent again', async () => {
    const { message: original } = await stage.send('original');
    const { message: answer } = await send(original.id, 'once');
    await erase(original.id);
    const again = { message: { id: answer.id }, created: false };
    expect(await send(original.id, 'once')).toMatchObject(again);
    await bury();
    expect(await send(original.id, 'once')).toMatchObject(again);
    // Also when the answer itself was deleted.
    await erase(answer.id);
    expect(await send(original.id, 'once')).toMatchObject(again);
    expect(await codeOf(send(original.id, 'another'))).toBe('conflict');
  });

  it('so is one that is on its way to the store when the original is deleted', async () => {
    const { message: original } = await stage.send('original');
    let store = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      store = resolve;
    });
    stage.append = async (real, records) => gate.then(() => real(records));
    const first = send(original.id, 'once');
    const erased = erase(original.id);
    const again = send(original.id, 'once');
    store();
    expect((await stage.during(first)).message.id).toBe((await stage.during(again)).message.id);
    await stage.during(erased);
    stage.append = undefined;
    expect(await codeOf(send(original.id))).toBe('conflict');
  });
});
