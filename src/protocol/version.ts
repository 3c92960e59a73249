/** The public contract's version, as the API documents state it. */
export const contractVersion = '1.0.0';
/** Versions of it that a client may speak, ascending. */
export const protocols = [1, 2] as const;
