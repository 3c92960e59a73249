/** The public contract's version, as the API documents state it. */
export const contractVersion = '1.0.0';
