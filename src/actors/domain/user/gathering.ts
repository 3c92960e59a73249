/**
 * So long what changes often is gathered for one commit, ms. Whoever has one device connected loses nothing by waiting.
 */
const gatherMs = { several: 2_000, one: 30_000 } as const;

export const gatherMsWith = (devices: number): number => (devices > 1 ? gatherMs.several : gatherMs.one);
