import ipaddr from 'ipaddr.js';

const networkOf = (address: string, bits: number): string =>
  `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/${bits}`).toString()}/${bits}`;

/** What a limit by address counts: one IPv4 address, or an IPv6 /64, since one household has the whole of it. */
export const addressBlock = (address: string): string => {
  const bare = address.split('%')[0] ?? '';
  return ipaddr.IPv6.isValid(bare) ? networkOf(bare, 64) : address;
};

/** The IPv6 /48 that a block lies in: one customer may have the whole of it, which is 65,536 blocks. An IPv4 address is its own. */
export const addressSite = (block: string): string => (ipaddr.IPv6.isValidCIDR(block) ? networkOf(block.split('/')[0] ?? '', 48) : block);
