import type { Envelope } from '../runtime/envelope.js';

/** The actors of this process, as its router sees them. */
export interface LocalActors {
  /** The slot is served here, now. */
  serves(slot: number): boolean;
  /** The slot is coming or going: envelopes for it wait here. */
  settling(slot: number): boolean;
  deliver(envelope: Envelope): void;
}
