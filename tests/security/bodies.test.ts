import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Operation, RestWay } from '../../src/catalogue/operation.js';
import { restForm } from '../../src/gateway/rest/input.js';
import { bodyBytesOf, isEmpty } from '../../src/protocol/body-bytes.js';
import { bounds } from '../../src/protocol/primitives.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { token } from '../cluster/people.js';
import { deep, unclosed } from './bombs.js';
import { Bystander } from './bystander.js';
import { operationNamed, operations, restWaysOf, type Way } from './doors.js';
import { rawAnswer } from './raw-answer.js';
import { expectProblem, knock } from './rest-door.js';

const bodyOf = (operation: Operation, way: Way) => restForm(operation, { ...(operation.rest as RestWay), ...way }).body;
/** The largest body that one way of an operation takes. */
const bytesOf = (operation: Operation, way: Way): number => bodyBytesOf({ ...operation.rest, body: bodyOf(operation, way) });
const takesBody = ({ operation, way }: { operation: Operation; way: Way }): boolean =>
  ['post', 'put', 'patch'].includes(way.method) || (way.method === 'delete' && !isEmpty(bodyOf(operation, way)));
const communityBytes = bytesOf(operationNamed('create_community'), { method: 'post', path: '/communities' });

describe('hostile bodies', () => {
  let cluster: TestCluster;
  let url: string;
  let access: string;
  let bystander: Bystander;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    url = cluster.urls[0] as string;
    bystander = await Bystander.on(cluster.nodes[0] as TestCluster['nodes'][0]);
    access = await token(bystander.client);
  });
  afterEach(() => bystander.isUnharmed());
  afterAll(async () => {
    bystander?.close();
    await cluster?.stop();
  });

  const post = (raw: string | Uint8Array, headers: Record<string, string> = {}, path = '/api/communities') =>
    knock(url, path, { token: access, raw, headers });

  it('28 nesting bombs by REST', async () => {
    for (const bomb of deep) {
      for (const raw of [bomb, `{"name":${bomb}}`, `{"name":"x","tags":${bomb}}`, `{"name":"x","more":${bomb}}`]) {
        // Refused before it is parsed, and not only because no schema is so deep; a larger one is not even read.
        if (raw.length > communityBytes) expectProblem(await post(raw), 'payload_too_large');
        else expect(expectProblem(await post(raw), 'validation_failed').detail).toContain('deep');
        expect(expectProblem(await knock(url, '/api/auth/login', { raw }), 'validation_failed').detail).toContain('deep');
      }
    }
    for (const raw of [...unclosed, `{"name":"${'\\'.repeat(5_000)}`]) expectProblem(await post(raw), 'validation_failed');
    const query = `q${'[a]'.repeat(2_000)}=1`;
    expectProblem(await knock(url, `/api/communities?${query}`, { token: access }), 'validation_failed');
  });

  it('28 what is not JSON, not an object, not UTF-8, or not what it says, by REST', async () => {
    for (const raw of [
      'null',
      '[]',
      '"text"',
      '1',
      'true',
      '',
      ' ',
      '{',
      '{"name":}',
      "{'name':1}",
      'name=x',
      '\u0000',
      '{"name":"x"}{',
      'NaN',
    ]) {
      const answer = await post(raw);
      expectProblem(answer, 'validation_failed');
      if (raw.length > 3) expect(answer.text).not.toContain(raw);
    }
    expectProblem(await post(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])), 'validation_failed');
    expectProblem(await post(Buffer.from('{"name":"x"}', 'utf16le')), 'validation_failed');
    for (const type of [
      'text/plain',
      'application/octet-stream',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      'x',
    ]) {
      expectProblem(await post('{"name":"x"}', { 'content-type': type }), 'validation_failed', 415);
    }
    for (const charset of ['utf-7', 'nonsense', 'utf-16le']) {
      expectProblem(await post('{"name":"x"}', { 'content-type': `application/json; charset=${charset}` }), 'validation_failed', 415);
    }
    for (const encoding of ['gzip', 'br', 'nonsense']) {
      expectProblem(await post('{"name":"not so encoded"}', { 'content-encoding': encoding }), 'validation_failed', 415);
    }
    expectProblem(await knock(url, '/api/threads/%E0%A4%A', { token: access }), 'validation_failed');
    expectProblem(await knock(url, '/api/nowhere', { token: access }), 'not_found');
    const patch = await knock(url, '/api/communities', { method: 'PATCH', token: access });
    expect([patch.status, patch.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
    expect(patch.body).toMatchObject({ code: 'validation_failed', status: 405, request_id: expect.any(String) });
  });

  it('29 each route takes what it can need, and what is too large is refused before it has come', async () => {
    const all = operations.flatMap((operation) => restWaysOf(operation).map((way) => ({ operation, way })));
    const most = new Map<string, number>();
    for (const { operation, way } of all.filter(takesBody)) {
      const { name } = operation;
      const path = `/api${way.path.replace(/:\w+/g, '665f1c2ab3d4e5f60718293a')}`;
      const head = `${way.method.toUpperCase()} ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${access}\r\nContent-Type: application/json\r\n`;
      const limit = bytesOf(operation, way);
      expect([name, limit < 300_000 || operation.rest?.path.startsWith('/auth/')]).toEqual([name, true]);
      // By each way the same.
      expect([name, limit]).toEqual([name, most.get(name) ?? limit]);
      most.set(name, limit);
      // Nothing of the body is ever sent: whoever waited for it would not answer.
      const answer = await rawAnswer(url, `${head}Content-Length: 99999999\r\n\r\n`);
      expect([name, answer]).toEqual([name, expect.stringMatching(/^HTTP\/1\.1 413 /)]);
      // Nor is it asked for.
      const asked = await rawAnswer(url, `${head}Expect: 100-continue\r\nContent-Length: ${limit + 1}\r\n\r\n`);
      expect([name, asked]).toEqual([name, expect.stringMatching(/^HTTP\/1\.1 413 /)]);
    }
    const host = new URL(url).host;
    const chunked = `POST /api/communities HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${access}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(await rawAnswer(url, `${chunked}20000\r\n${' '.repeat(0x20000)}\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
    const with2 = `HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${access}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
    for (const line of ['GET /api/communities', 'HEAD /api/communities', 'DELETE /api/auth/sessions', 'GET /api/operations']) {
      expect([line, (await rawAnswer(url, `${line} ${with2}`)).slice(0, 12)]).toEqual([line, 'HTTP/1.1 400']);
    }
  });

  it('29 a body of the limit is read, one of a byte more is refused, however it is packed', async () => {
    const padded = (bytes: number): string => `{"name":"${'x'.repeat(bytes - 11)}"}`;
    expectProblem(await post(padded(communityBytes)), 'validation_failed');
    expectProblem(await post(padded(communityBytes + 1)), 'payload_too_large');
    expectProblem(await post(padded(bounds.frameBytes)), 'payload_too_large');
    expectProblem(await post(padded(2_000_001), {}, '/api/auth/login'), 'payload_too_large');
    const zipped = await post(gzipSync(Buffer.alloc(100_000_000, 'x')), { 'content-encoding': 'gzip' });
    expectProblem(zipped, 'validation_failed', 415);
    // The other transport, should it be open.
    const greeting = await knock(url, '/socket.io/?EIO=4&transport=polling');
    if (greeting.status === 200) {
      const { sid } = JSON.parse(greeting.text.slice(1)) as { sid: string };
      const headers = { 'content-type': 'text/plain' };
      const path = `/socket.io/?EIO=4&transport=polling&sid=${sid}`;
      const answer = await knock(url, path, { raw: 'x'.repeat(bounds.frameBytes + 1), headers }).catch(() => ({ status: 413 }));
      expect(answer.status).toBeGreaterThanOrEqual(400);
    } else expect(greeting.status).toBe(400);
  });
});
