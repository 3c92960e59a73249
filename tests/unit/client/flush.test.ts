import { describe, expect, it } from '@jest/globals';
import { ParleyClient } from '../../../src/client/index.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import type { SignedIn } from '../../../src/protocol/resources.js';
import { FakeWires } from './fake-wires.js';
import { hexId, me } from './thread-model.js';

describe('a client whose page may end', () => {
  it('sends the read marks of its open threads by requests that outlive the page', async () => {
    const clock = new FakeClock();
    const wires = new FakeWires();
    const asked: { url: string; method?: string; keepalive?: boolean; authorization: string | null; body: unknown }[] = [];
    const client = new ParleyClient({
      urls: ['http://one'],
      clock,
      random: () => 0.5,
      dial: wires.dial,
      fetch: async (url, { method, keepalive, headers, body } = {}) => {
        const authorization = new Headers(headers).get('authorization');
        asked.push({ url: String(url), method: method!, keepalive: keepalive!, authorization, body: JSON.parse(String(body)) });
        return new Response('{"read_seq":3}');
      },
    });
    const tokens = { access_token: 'a', refresh_token: 'r', expires_in: 900, device_token: 'd' };
    client.session.begin({ ...tokens, member: { id: me } as SignedIn['member'] });
    client.connection.start();
    wires.last.open();
    const [one, two, three] = [hexId(11), hexId(12), hexId(13)];
    client.openThread(one).markRead(3);
    client.openThread(two);
    client.openThread(three).markRead(8);
    client.closeThread(three);
    client.flush();
    client.flush();
    await clock.advance(0);
    const url = `http://one/api/threads/${one}/read`;
    expect(asked).toEqual([{ url, method: 'PUT', keepalive: true, authorization: 'Bearer a', body: { seq: 3 } }]);
    await clock.advance(5_000);
    const marked = wires.last.sent.filter(({ event }) => event === 'mark_read').map(({ payload }) => payload);
    expect(marked).toEqual([{ thread_id: three, seq: 8 }]);
    client.close();
  });
});
