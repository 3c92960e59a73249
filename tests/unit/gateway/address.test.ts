import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { addressBlock, createAddressReader } from '../../../src/gateway/address.js';

const request = (remote: string, forwarded?: string): IncomingMessage => {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remote });
  const message = new IncomingMessage(socket);
  if (forwarded !== undefined) message.headers['x-forwarded-for'] = forwarded;
  return message;
};

describe('addresses', () => {
  it('are the peer’s when no proxy is trusted, whatever the header says', () => {
    const addressOf = createAddressReader(0);
    expect(addressOf(request('203.0.113.9', '10.0.0.1'))).toBe('203.0.113.9');
    expect(addressOf(request('::ffff:203.0.113.9', '10.0.0.1, 10.0.0.2'))).toBe('203.0.113.9');
  });

  it('go back as far as the trusted proxies, not further', () => {
    expect(createAddressReader(1)(request('10.0.0.1', 'forged, 203.0.113.9'))).toBe('203.0.113.9');
    expect(createAddressReader(['10.0.0.1'])(request('10.0.0.1', '1.1.1.1, 203.0.113.9'))).toBe('203.0.113.9');
    expect(createAddressReader(['10.0.0.1'])(request('198.51.100.7', '1.1.1.1'))).toBe('198.51.100.7');
  });

  it('count by IPv4 address or IPv6 /64', () => {
    expect(addressBlock('203.0.113.9')).toBe('203.0.113.9');
    expect(addressBlock('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(addressBlock('2001:0DB8:0001:0002:ffff::1')).toBe('2001:db8:1:2::/64');
    expect(addressBlock('2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(addressBlock('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
    expect(addressBlock('::1')).toBe('0:0:0:0::/64');
    expect(addressBlock('unknown')).toBe('unknown');
  });
});
