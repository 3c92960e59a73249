import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { Arrivals } from '../../../src/gateway/socket/arrivals.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { until } from '../../until.js';

/** Real answers that nobody reads, beside one that somebody reads. */
test('an answer that nobody reads is ended, one that is read comes whole', async () => {
  const telemetry = new Telemetry();
  const MiB = 1_048_576;
  const arrivals = new Arrivals({
    bounds: { total: 10, perAddress: 10, perSite: 10, unreadPerAddress: MiB, unreadTotal: 2 * MiB },
    isProxy: () => false,
    addressOf: (request) => String(request.headers.from),
    clock: systemClock,
    telemetry,
  });
  const body = Buffer.alloc(64 * MiB);
  const http = createServer((request, answer) => answer.end(request.url === '/long' ? body : 'short'));
  arrivals.watch(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;

  const stuck = connect(port, '127.0.0.1');
  let isOver = false;
  stuck
    .on('error', () => undefined)
    .on('close', () => {
      isOver = true;
    });
  stuck.write('GET /long HTTP/1.1\r\nHost: x\r\nFrom: mallory\r\n\r\n');
  stuck.pause();
  const met = async (): Promise<number> =>
    (await telemetry.boundsMet.get()).values.find(({ labels }) => labels.bound === 'unread')?.value ?? 0;
  await until('it is ended', async () => (await met()) === 1);
  stuck.resume();
  await until('its connection is gone', () => isOver);
  for (let n = 0; n < 3; n++) {
    const answer = await fetch(`http://127.0.0.1:${port}/short`, { headers: { from: 'ada' } });
    expect(await answer.text()).toBe('short');
  }
  expect(await met()).toBe(1);

  arrivals.stop();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});
