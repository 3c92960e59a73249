import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FaultProxy, startProxy } from '../../proof/chaos/proxy.js';
import { until } from '../until.js';

describe.each(['a port', 'a Unix socket'])('The fault-injecting proxy before %s', (kind) => {
  let server: Server;
  let proxy: FaultProxy;
  /** What reached the server, over all connections. */
  let received: string;
  let served: Socket[];
  const clients: Socket[] = [];

  beforeEach(async () => {
    received = '';
    served = [];
    server = createServer((socket) => {
      served.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        received += bytes.toString();
        socket.write(`re:${bytes.toString()}`);
      });
    });
    if (kind === 'a Unix socket') {
      const path = join(mkdtempSync(join(tmpdir(), 'parley-proxy-')), 'x.sock');
      await new Promise<void>((resolve) => server.listen(path, resolve));
      proxy = await startProxy({ target: { path } });
    } else {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      proxy = await startProxy({ target: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } });
    }
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    for (const socket of served) socket.destroy();
    await proxy.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  const open = async (): Promise<{ socket: Socket; got: () => string; ended: Promise<string> }> => {
    const socket = connect(proxy.port, '127.0.0.1');
    clients.push(socket);
    let got = '';
    socket.on('data', (bytes) => {
      got += bytes.toString();
    });
    const ended = new Promise<string>((resolve) => {
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
      socket.on('close', () => resolve('closed'));
    });
    await once(socket, 'connect');
    return { socket, got: () => got, ended };
  };
  const asked = async (client: Awaited<ReturnType<typeof open>>, text: string): Promise<void> => {
    client.socket.write(text);
    await until('it to arrive', () => client.got().endsWith(`re:${text}`));
  };

  it('passes bytes and closings both ways', async () => {
    const client = await open();
    await asked(client, 'a');
    client.socket.end();
    expect(await client.ended).toBe('closed');
    await until('it to be closed', () => proxy.open === 0);
  });

  it('keeps the order under latency with jitter, and ends it at once when cleared', async () => {
    const client = await open();
    proxy.latency(20, 60);
    for (const letter of 'abcdefghij') {
      client.socket.write(letter);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await until('it to arrive', () => received === 'abcdefghij');
    await until('it to arrive', () => client.got().replaceAll('re:', '') === 'abcdefghij');
    proxy.latency(3_600_000);
    client.socket.write('z');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(received).not.toContain('z');
    proxy.clear();
    await until('it to arrive', () => client.got().endsWith('re:z'));
  });

  it('is a black hole when half open: accepts, passes nothing, and lets what was sent arrive late', async () => {
    const old = await open();
    await asked(old, 'a');
    proxy.halfOpen();
    old.socket.write('late');
    const young = await open();
    young.socket.write('b');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(received).toBe('a');
    expect(old.socket.destroyed || young.socket.destroyed).toBe(false);
    proxy.clear();
    await until('it to arrive', () => old.got() === 're:are:late' && young.got() === 're:b');
  });

  it('is half open in one direction alone', async () => {
    const client = await open();
    await asked(client, 'a');
    proxy.halfOpen('replies');
    client.socket.write('b');
    await until('it to arrive', () => received === 'ab');
    expect(client.got()).toBe('re:a');
  });

  it('resets what is open and takes what is new', async () => {
    const client = await open();
    await asked(client, 'a');
    const farSide = new Promise((resolve) => served[0]!.once('close', resolve));
    proxy.reset();
    expect(await client.ended).toBe('ECONNRESET');
    await farSide;
    await asked(await open(), 'b');
  });

  it('refuses what is new and keeps what is open', async () => {
    const client = await open();
    await asked(client, 'a');
    proxy.refuse();
    const late = connect(proxy.port, '127.0.0.1');
    clients.push(late);
    late.on('error', () => undefined);
    await new Promise((resolve) => late.once('close', resolve));
    expect(served.length).toBe(1);
    await asked(client, 'b');
  });

  it('cuts in the middle of a frame', async () => {
    const client = await open();
    await asked(client, 'a');
    proxy.cutMidFrame();
    client.socket.write('0123456789');
    expect(await client.ended).toBe('ECONNRESET');
    expect(received).toBe('a0123456789');
    expect(client.got()).toMatch(/^re:are:\d+$/);
    expect(client.got().length).toBeLessThan('re:are:0123456789'.length);
  });

  it('drops the reply after the request went through', async () => {
    const client = await open();
    await asked(client, 'a');
    proxy.dropReplies();
    client.socket.write('write this');
    expect(await client.ended).toBe('ECONNRESET');
    expect(received).toBe('awrite this');
    expect(client.got()).toBe('re:a');
    await asked(await open(), 'again');
  });

  it('holds a bounded amount for a receiver that does not read, and loses nothing of it', async () => {
    const client = await open();
    await asked(client, 'a');
    served[0]!.pause();
    const chunk = Buffer.alloc(64_000, 'x');
    let sent = 0;
    for (; sent < 64_000_000 && client.socket.write(chunk); sent += chunk.length) await new Promise((resolve) => setImmediate(resolve));
    for (let idle = 0; idle < 20 && sent < 64_000_000; idle++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      while (client.socket.writableLength === 0 && sent < 64_000_000) {
        client.socket.write(chunk);
        sent += chunk.length;
        idle = 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    // The sender was made to wait long before all was taken: the system's buffers and ours, nothing without bounds.
    expect(sent).toBeLessThan(64_000_000);
    const written = client.socket.bytesWritten;
    served[0]!.removeAllListeners('data');
    let arrived = 1;
    served[0]!.on('data', (bytes) => {
      arrived += bytes.length;
    });
    served[0]!.resume();
    await until('it to arrive', () => arrived >= written);
  });
});
