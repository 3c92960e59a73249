import { isIP } from 'node:net';
import { plainAddress } from '../address.js';

/**
 * By which names this server may be called. A browser sends the name that it looked up, so a stranger's name that is made to point
 * here (DNS rebinding) shows. Addresses cannot be made to point elsewhere; ports do not matter, since looking up gives none.
 */

export interface HostOptions {
  publicUrl: string | null;
  allowedHosts: readonly string[];
  /** Where the server listens: its own name, if it is one. */
  listensAt?: string;
}

const hostPort = /^(?<name>\[[0-9A-Fa-f:.]+\]|[^\s:[\]/?#@\\%,]+)(?::\d{1,5})?$/;

/** The name in a Host header, in small letters; an address in its one spelling. Undefined for what is no host. */
export const hostName = (host: string): string | undefined => {
  const name = hostPort.exec(host)?.groups?.name;
  if (name === undefined) return undefined;
  return name.startsWith('[') ? plainAddress(name) : name.toLowerCase();
};

const isLoopback = (name: string): boolean => name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
const isUnspecified = (name: string): boolean => name === '0.0.0.0' || name === '::';

export type HostRules = (host: string, at: { localAddress: string | undefined; probe: boolean }) => boolean;

/** Whether a host is one of this server's. A probe tells nothing of members, and whoever watches a node may know it by any address. */
export const createHostRules = ({ publicUrl, allowedHosts, listensAt }: HostOptions): HostRules => {
  const listed = [
    ...allowedHosts,
    ...(publicUrl === null ? [] : [new URL(publicUrl).hostname]),
    ...(listensAt === undefined ? [] : [listensAt]),
  ];
  const names = new Set(listed.map((name) => hostName(isIP(name) === 6 ? `[${name}]` : name)).filter((name) => name !== undefined));
  return (host, { localAddress, probe }) => {
    const name = hostName(host);
    if (name === undefined || isUnspecified(name)) return false;
    if (isLoopback(name) || names.has(name)) return true;
    return isIP(name) > 0 && (probe || name === plainAddress(localAddress ?? ''));
  };
};
