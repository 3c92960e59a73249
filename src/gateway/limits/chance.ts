import { hash32, randomToken } from '../../kernel/ids.js';

/** A number in [0, 1), from the kernel's one source of chance, so that whoever seeds that repeats this too. */
export const chance = (): number => hash32(randomToken(6)) / 2 ** 32;
