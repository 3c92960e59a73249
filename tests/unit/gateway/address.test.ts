import { IncomingMessage } from 'node:http';
import { isIPv6, Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createAddressReader, createForwardedHostReader, plainAddress } from '../../../src/gateway/address.js';
import { addressBlock, addressSite } from '../../../src/gateway/address-block.js';

const request = (remote: string | undefined, headers: Record<string, string> = {}): IncomingMessage => {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remote });
  return Object.assign(new IncomingMessage(socket), { headers });
};
const through = (list: string): IncomingMessage => request('10.0.0.1', { 'x-forwarded-for': list });

describe('addresses', () => {
  it('are the peer’s when no proxy is trusted, whatever the header says', () => {
    const addressOf = createAddressReader(0);
    const headers = { 'x-forwarded-for': '10.0.0.1, 10.0.0.2', forwarded: 'for=10.0.0.3' };
    expect(addressOf(request('203.0.113.9', headers))).toBe('203.0.113.9');
    expect(addressOf(request('::ffff:203.0.113.9', headers))).toBe('203.0.113.9');
    expect(addressOf(request('fe80::1%eth0'))).toBe('fe80::1');
    expect(addressOf(request(undefined))).toBe('unknown');
  });

  it('go back as far as the trusted proxies, not further', () => {
    expect(createAddressReader(1)(through('forged, 203.0.113.9'))).toBe('203.0.113.9');
    expect(createAddressReader(2)(through('198.51.100.1, 203.0.113.9:1, 10.0.0.2:80'))).toBe('203.0.113.9');
    expect(createAddressReader(9)(through('198.51.100.1, 203.0.113.9'))).toBe('198.51.100.1');
    expect(createAddressReader(['10.0.0.1'])(through('1.1.1.1, 203.0.113.9'))).toBe('203.0.113.9');
    expect(createAddressReader(['10.0.0.0/8'])(through('1.1.1.1, 203.0.113.9, 10.0.0.7:4711'))).toBe('203.0.113.9');
    expect(createAddressReader(['10.0.0.1'])(request('198.51.100.7', { 'x-forwarded-for': '1.1.1.1' }))).toBe('198.51.100.7');
  });

  it('have one spelling', () => {
    const table: [string, string | undefined][] = [
      ['203.0.113.9', '203.0.113.9'],
      [' 203.0.113.9 ', '203.0.113.9'],
      ['203.0.113.9:4711', '203.0.113.9'],
      ['"203.0.113.9:4711"', '203.0.113.9'],
      ['203.0.113.9:_port', '203.0.113.9'],
      ['2001:db8::1', '2001:db8::1'],
      ['[2001:db8::1]', '2001:db8::1'],
      ['[2001:db8::1]:4711', '2001:db8::1'],
      ['"[2001:DB8:0:0::0001]:4711"', '2001:db8::1'],
      ['fe80::1%eth0', 'fe80::1'],
      ['[fe80::1%25eth0]:80', 'fe80::1'],
      ['::ffff:203.0.113.9', '203.0.113.9'],
      ['::FFFF:cb00:7109', '203.0.113.9'],
      ['[::ffff:203.0.113.9]:4711', '203.0.113.9'],
      ['0:0:0:0:0:ffff:cb00:7109', '203.0.113.9'],
      ['', undefined],
      ['unknown', undefined],
      ['_hidden', undefined],
      ['_hidden:80', undefined],
      ['203.0.113.9:', undefined],
      ['203.0.113.9:123456', undefined],
      ['203.0.113.9:80:80', undefined],
      ['203.0.113', undefined],
      ['203.0.113.256', undefined],
      ['0203.0.113.9', undefined],
      ['0xcb.0.113.9', undefined],
      ['3405803785', undefined],
      ['[203.0.113.9]', undefined],
      ['[203.0.113.9]:80', undefined],
      ['[2001:db8::1', undefined],
      ['2001:db8::1]:80', undefined],
      ['2001:db8:::1', undefined],
      ['localhost', undefined],
      ['evil.example', undefined],
      ['\u0000', undefined],
    ];
    for (const [text, plain] of table) expect([text, plainAddress(text)]).toEqual([text, plain]);
  });

  it('are one for one client, whatever port and spelling a proxy adds, in either header', () => {
    const port = fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined });
    const four = fc.tuple(fc.ipV4(), port).map(([ip, at]) => ({ plain: ip, spelt: at === undefined ? ip : `${ip}:${at}` }));
    const mapped = fc
      .tuple(fc.ipV4(), port)
      .map(([ip, at]) => ({ plain: ip, spelt: at === undefined ? `::ffff:${ip}` : `[::FFFF:${ip}]:${at}` }));
    const six = fc.tuple(fc.ipV6(), port, fc.boolean(), fc.constantFrom('', '%eth0')).map(([ip, at, loud, zone]) => ({
      plain: plainAddress(ip) as string,
      spelt: at === undefined ? `${loud ? ip.toUpperCase() : ip}${zone}` : `[${loud ? ip.toUpperCase() : ip}${zone}]:${at}`,
    }));
    const forged = fc.array(
      fc.string({ maxLength: 20 }).filter((text) => !/[",]/.test(text)),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(fc.oneof(four, mapped, six), forged, fc.constantFrom('', ' ', ',', ' , ,'), ({ plain, spelt }, before, empty) => {
        expect(createAddressReader(1)(through([...before, `${spelt}${empty}`].join(', ')))).toBe(plain);
        if (!spelt.includes('%')) expect(createAddressReader(1)(request('10.0.0.1', { forwarded: `for="${spelt}"` }))).toBe(plain);
      }),
    );
  });

  it('are the proxy’s own where it names nobody', () => {
    for (const list of ['', ' , ,', 'unknown', '_hidden', 'junk', '203.0.113.9, junk', 'x'.repeat(15_000), ','.repeat(15_000)]) {
      expect([list.slice(0, 30), createAddressReader(1)(through(list))]).toEqual([list.slice(0, 30), '10.0.0.1']);
    }
    expect(createAddressReader(3)(through('203.0.113.9, junk, 10.0.0.2'))).toBe('10.0.0.2');
  });

  it('come from the Forwarded header where there is no other, or where the installation says so', () => {
    const addressOf = createAddressReader(1);
    const table: [string, string][] = [
      ['for=203.0.113.9', '203.0.113.9'],
      ['For="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
      ['for=198.51.100.1, for="203.0.113.9:4711";proto=https;by=10.0.0.1', '203.0.113.9'],
      ['for=_hidden', '10.0.0.1'],
      ['for=unknown', '10.0.0.1'],
      ['proto=https', '10.0.0.1'],
      ['for="203.0.113.9', '10.0.0.1'],
      ['junk', '10.0.0.1'],
    ];
    for (const [forwarded, address] of table)
      expect([forwarded, addressOf(request('10.0.0.1', { forwarded }))]).toEqual([forwarded, address]);
    const both = request('10.0.0.1', { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=198.51.100.66' });
    expect(addressOf(both)).toBe('203.0.113.9');
    expect(createAddressReader(1, 'x-forwarded-for')(both)).toBe('203.0.113.9');
    expect(createAddressReader(1, 'forwarded')(both)).toBe('198.51.100.66');
    expect(createAddressReader(1, 'x-forwarded-for')(request('10.0.0.1', { forwarded: 'for=198.51.100.66' }))).toBe('10.0.0.1');
  });

  it('hosts that were asked for are believed of a trusted proxy alone', () => {
    const headers = { 'x-forwarded-host': 'a.example, b.example:80', forwarded: 'for=1.2.3.4;host="c.example"' };
    expect(createForwardedHostReader(1)(request('10.0.0.1', headers))).toEqual(['a.example', 'b.example:80', 'c.example']);
    expect(createForwardedHostReader(0)(request('10.0.0.1', headers))).toEqual([]);
    expect(createForwardedHostReader(['10.0.0.2'])(request('10.0.0.1', headers))).toEqual([]);
  });

  it('count by IPv4 address or IPv6 /64', () => {
    expect(addressBlock('203.0.113.9')).toBe('203.0.113.9');
    expect(addressBlock('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(addressBlock('2001:0DB8:0001:0002:ffff::1')).toBe('2001:db8:1:2::/64');
    expect(addressBlock('2001:db8::1')).toBe('2001:db8::/64');
    expect(addressBlock('fe80::1%eth0')).toBe('fe80::/64');
    expect(addressBlock('::1')).toBe('::/64');
    expect(addressBlock('unknown')).toBe('unknown');
    fc.assert(
      fc.property(fc.ipV6(), (ip) => {
        const plain = plainAddress(ip) as string;
        if (isIPv6(plain)) expect(addressBlock(plain)).toBe(addressBlock(ip.toUpperCase()));
      }),
    );
  });

  it('lie in a site: an IPv6 /48, or one IPv4 address', () => {
    for (const address of ['2001:db8:1:2:3:4:5:6', '2001:0DB8:0001:ffff::1', '2001:db8:1:2:3:4:203.0.113.9'])
      expect(addressSite(addressBlock(address))).toBe('2001:db8:1::/48');
    expect(addressSite(addressBlock('2001:db8::1'))).toBe('2001:db8::/48');
    expect(addressSite(addressBlock('203.0.113.9'))).toBe('203.0.113.9');
    expect(addressSite(addressBlock('unknown'))).toBe('unknown');
  });
});
