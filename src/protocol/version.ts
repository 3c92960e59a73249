/** The public contract's version, as the API documents state it. */
export const contractVersion = '1.0.0';
/** The version of what actors say to each other between nodes. Nodes of another major version do not join. */
export const envelopeVersion = 1;
