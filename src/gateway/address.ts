import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import proxyAddr from 'proxy-addr';

/** An IPv4 address that arrived over an IPv6 socket is still that IPv4 address. */
const plain = (address: string): string => (address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address);

/**
 * Where a request comes from. X-Forwarded-For counts only as far as the proxies that the installation names: a number of
 * hops, or their addresses; with 0 it counts for nothing, so a forged one changes neither limits nor session lists.
 */
export const createAddressReader = (trustProxy: number | readonly string[]): ((request: IncomingMessage) => string) => {
  const trusted = typeof trustProxy === 'number' ? (_: string, hop: number) => hop < trustProxy : proxyAddr.compile([...trustProxy]);
  return (request) => plain(proxyAddr(request, trusted) ?? '').slice(0, 64) || 'unknown';
};

/** What a limit by address counts: one IPv4 address, or an IPv6 /64, since one household has the whole of it. */
export const addressBlock = (address: string): string => {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const before = head.split(':').filter((part) => part !== '');
  const after = tail === undefined ? [] : tail.split(':').filter((part) => part !== '');
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
};
