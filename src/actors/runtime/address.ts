import type { Address } from './actor.js';

export const sameAddress = (a: Address, b: Address): boolean => a.key === b.key && a.kind === b.kind;

/** `kind/key`: for logs, hashing and the wire. A kind holds no slash, a key may. */
export const addressText = (address: Address): string => `${address.kind}/${address.key}`;

/** The reverse of `addressText`; undefined for text that never came from it. */
export const parseAddress = (text: string): Address | undefined => {
  const slash = text.indexOf('/');
  return slash > 0 ? { kind: text.slice(0, slash), key: text.slice(slash + 1) } : undefined;
};
