import { isIPv4 } from 'node:net';

/** Whether an address can only mean this machine. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));

/** Load is for one's own machine: another one must be named and owned. Throws otherwise. */
export const targetOf = (url: string, ownsHost: boolean): string => {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new Error(`${url} is not an http address`);
  if (!isLoopback(parsed.hostname) && !ownsHost) {
    throw new Error(`${parsed.host} is another machine: load on a machine of others is an attack. If it is yours, add --i-own-this-host`);
  }
  return parsed.origin;
};
