import type { IncomingMessage } from 'node:http';
import { isIP, SocketAddress } from 'node:net';
import { parse } from 'forwarded-parse';
import proxyAddr from 'proxy-addr';

/** The header in which proxies name the caller. Null: X-Forwarded-For, and Forwarded where there is none. */
export type ForwardedHeader = 'x-forwarded-for' | 'forwarded' | null;

/** Whether a neighbour, so many hops away, is one of the installation's own proxies. */
type Trust = (address: string, hop: number) => boolean;

const trustOf = (trustProxy: number | readonly string[]): Trust =>
  typeof trustProxy === 'number' ? (_address, hop) => hop < trustProxy : proxyAddr.compile([...trustProxy]);

/** `203.0.113.9:4711`, `[2001:db8::1]:4711`, `[2001:db8::1]`, or the address alone. A port may be obfuscated (RFC 7239). */
const node = /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:]+))(?::(?:\d{1,5}|_[A-Za-z0-9._-]{1,64}))?$/;

/**
 * The one spelling of a network address: no port, no brackets, no zone, IPv6 as RFC 5952 writes it, and an IPv4 address that came
 * in IPv6's clothes as that IPv4 address. Undefined for what is no address (`unknown`, `_hidden`, junk).
 */
export const plainAddress = (text: string): string | undefined => {
  const trimmed = text.trim().replace(/^"(.*)"$/, '$1');
  const parts = isIP(trimmed) ? undefined : node.exec(trimmed)?.groups;
  const bare = (parts ? (parts.six ?? parts.four ?? '') : trimmed).split('%')[0] ?? '';
  const version = isIP(bare);
  if (version === 0 || (parts && (version === 6) !== (parts.six !== undefined))) return undefined;
  if (version === 4) return bare;
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
};

/** Node joins the lines of a header that came several times. */
const headerOf = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};

const forwardedPairs = (request: IncomingMessage): Record<string, string>[] => {
  try {
    return parse(headerOf(request, 'forwarded') ?? '');
  } catch {
    // A proxy of ours writes none that cannot be read; what cannot be read says nothing.
    return [];
  }
};

/** Who is said to have called, the nearest first. */
const chainOf = (request: IncomingMessage, header: ForwardedHeader): string[] => {
  const listed = header === 'forwarded' ? undefined : headerOf(request, 'x-forwarded-for');
  const chain =
    listed === undefined && header !== 'x-forwarded-for'
      ? forwardedPairs(request).map((pair) => pair.for ?? '')
      : (listed ?? '').split(',').filter((part) => part.trim() !== '');
  return chain.reverse();
};

const peerOf = (request: IncomingMessage): string => plainAddress(request.socket.remoteAddress ?? '') ?? 'unknown';

/**
 * Where a request comes from: for REST, for sockets, for limits and lists of sessions. What proxies say counts only as far as those
 * that the installation names, a number of hops or their addresses; with 0 it counts for nothing. One client is one address,
 * whatever port or spelling a proxy adds. Where a trusted proxy names nobody, it is itself the one who calls.
 */
export const createAddressReader = (
  trustProxy: number | readonly string[],
  header: ForwardedHeader = null,
): ((request: IncomingMessage) => string) => {
  const trusted = trustOf(trustProxy);
  return (request) => {
    let address = peerOf(request);
    if (!trusted(address, 0)) return address;
    for (const [hop, named] of chainOf(request, header).entries()) {
      if (!trusted(address, hop)) break;
      const next = plainAddress(named);
      if (next === undefined) break;
      address = next;
    }
    return address;
  };
};

/** The hosts for which a trusted proxy says it was asked. They are further names to be checked, never a reason to believe another. */
export const createForwardedHostReader = (trustProxy: number | readonly string[]): ((request: IncomingMessage) => string[]) => {
  const trusted = trustOf(trustProxy);
  return (request) => {
    if (!trusted(peerOf(request), 0)) return [];
    const listed = (headerOf(request, 'x-forwarded-host') ?? '').split(',');
    return [...listed, ...forwardedPairs(request).map((pair) => pair.host ?? '')].map((host) => host.trim()).filter((host) => host !== '');
  };
};

/** Whether a connection's other end is one of the proxies that the installation names. */
export const createProxyCheck = (trustProxy: number | readonly string[]): ((address: string) => boolean) => {
  if (typeof trustProxy === 'number') return () => trustProxy > 0;
  const trusted = trustOf(trustProxy);
  return (address) => trusted(address, 0);
};
