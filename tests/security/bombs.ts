import { bounds } from '../../src/protocol/primitives.js';

/** JSON nested so many deep, as text: JSON.stringify itself would not survive it. */
export const arrays = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
export const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

/** From one deeper than is allowed to as deep as a frame can hold. */
export const deep = [bounds.depth + 1, 5_000, 100_000].flatMap((depth) => [arrays(depth), objects(depth)]);
/** Never closed. */
export const unclosed = ['['.repeat(5_000), '{"a":'.repeat(5_000)];
