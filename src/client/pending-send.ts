import type { Fault } from '../kernel/errors.js';
import type { Draft } from './delivery.js';

/** A send of one's own that the thread does not show yet: under way, or failed and waiting for a retry or its removal. */
export interface PendingSend extends Draft {
  nonce: string;
  created_at: number;
  /** Null while under way. A `timeout` means that it may be there all the same. */
  fault: Fault | null;
  /** Set by the acknowledgement: once the thread is at this rev, it shows the message. */
  rev: number | null;
}

export const withoutNonce = (pending: readonly PendingSend[], nonce: string): readonly PendingSend[] =>
  pending.some((send) => send.nonce === nonce) ? pending.filter((send) => send.nonce !== nonce) : pending;

/** Marks a send as failed, or (with null) as under way again. */
export const withFault = (pending: readonly PendingSend[], nonce: string, fault: Fault | null): readonly PendingSend[] =>
  pending.map((send) => (send.nonce === nonce ? { ...send, fault } : send));

/** Marks a send as acknowledged. */
export const withRev = (pending: readonly PendingSend[], nonce: string, rev: number): readonly PendingSend[] =>
  pending.map((send) => (send.nonce === nonce ? { ...send, rev, fault: null } : send));

/** Lets go of what the thread shows at this rev. */
export const withoutShown = (pending: readonly PendingSend[], rev: number): readonly PendingSend[] =>
  pending.some((send) => send.rev !== null && send.rev <= rev) ? pending.filter((send) => send.rev === null || send.rev > rev) : pending;
