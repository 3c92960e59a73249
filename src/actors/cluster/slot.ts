import { hash32 } from '../../kernel/ids.js';
import type { Address } from '../runtime/actor.js';

/** How many slots all addresses are spread over. Part of the protocol between nodes: changing it needs an empty cluster. */
export const SLOTS = 512;

/** The slot of an address; the same on every node. */
export const slotOf = (address: Address): number => hash32(`${address.kind}/${address.key}`) % SLOTS;
