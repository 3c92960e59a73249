import { describe, expect, it } from '@jest/globals';
import { ParleyClient } from '../../../src/client/index.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import type { Member, SignedIn } from '../../../src/protocol/resources.js';
import { FakeWires } from './fake-wires.js';
import { me, other, threadId } from './thread-model.js';

const signedIn = (id: string): SignedIn => ({
  access_token: `a ${id}`,
  refresh_token: `r ${id}`,
  expires_in: 900,
  device_token: 'd',
  member: { id } as SignedIn['member'],
});

describe('whoever signs in next on the same client', () => {
  it('does not send what the one before wrote and could not send, nor knows whom they knew', async () => {
    const clock = new FakeClock();
    const wires = new FakeWires();
    const client = new ParleyClient({
      urls: ['http://one'],
      clock,
      random: () => 0.5,
      dial: wires.dial,
      fetch: async () => new Response('{}', { status: 404 }),
    });
    client.session.begin(signedIn(me));
    client.members.learn([{ id: me, username: 'ann' } as Member]);
    client.connection.start();
    wires.all[0]!.open();
    const sent = expect(client.send(threadId, { content: 'by Ann' })).rejects.toMatchObject({ code: 'unauthenticated' });
    await clock.advance(10);
    expect(wires.all[0]!.sent).toHaveLength(1);
    // The answer is lost, so it will be tried again; before that Ann leaves and somebody else comes.
    wires.all[0]!.lose();
    await clock.advance(0);
    client.session.end('signed_out');
    client.session.begin(signedIn(other));
    client.connection.start();
    wires.all.at(-1)!.open();
    await clock.advance(30_000);
    await sent;
    expect(wires.all.slice(1).flatMap((wire) => wire.sent)).toEqual([]);
    expect(client.members.get(me)).toBeUndefined();
    client.close();
  });
});
