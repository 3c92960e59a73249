import { type Permission, permissions } from './permissions.js';

/**
 * A set of permissions, a bit each in the order of the table. For memory only: what is kept or sent are names, since a number says
 * nothing without the table.
 */
export type Bits = number;

const names = Object.keys(permissions) as Permission[];
if (names.length > 31) throw new Error('there are more permissions than bits of a whole number');
const places = new Map(names.map((name, place) => [name, 1 << place]));

export const none: Bits = 0;
export const all: Bits = names.reduce((bits, _, place) => bits | (1 << place), none);

export const bitOf = (name: Permission): Bits => places.get(name) as Bits;
export const bitsOf = (some: Iterable<Permission>): Bits => {
  let bits = none;
  for (const name of some) bits |= bitOf(name);
  return bits;
};
export const has = (bits: Bits, name: Permission): boolean => (bits & bitOf(name)) !== 0;
/** In the order of the table. */
export const namesOf = (bits: Bits): Permission[] => names.filter((name) => has(bits, name));
