/** What comes in by one connection at once, whoever it is. */
export const inletBounds = {
  /** A frame or a polling body before its sender has signed in: one CONNECT with its token. */
  entryBytes: 16_384,
  /** Packets in one polling payload, before signing in and after. */
  entryPackets: 4,
  payloadPackets: 1_000,
  /** Frames of which one WebSocket message is made, and pieces in which they come. */
  fragments: 256,
  pieces: 4_096,
  /** A ping is answered while no more than this waits for its sender. */
  pongBytes: 65_536,
  /** How long a closing handshake may take, ms. */
  closeMs: 2_000,
} as const;
