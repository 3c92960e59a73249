import type { LimitName } from '../protocol/access.js';

/** What a node does for clients, in the order in which it stops doing it when there is too much. */
export const shedOrder = ['signal', 'search', 'history', 'connect', 'send'] as const;

/**
 * `signal`: typing and presence. `search`: search. `history`: what is read by REST. `connect`: new connections, joins and
 * syncs (without which a connection is worth little) and sign-ins. `send`: everything else, sends first of all.
 */
export type Work = (typeof shedOrder)[number];

/** What is counted by a limit, to the load. */
export const workOfLimit: Record<LimitName, Work> = {
  search: 'search',
  read: 'history',
  sign_up: 'connect',
  sign_in: 'connect',
  // Without a new token whoever is connected must go.
  refresh: 'send',
  write: 'send',
  send: 'send',
  react: 'send',
  signal: 'signal',
  probe: 'connect',
};
