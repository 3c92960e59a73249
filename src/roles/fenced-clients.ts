import type { ClusterNode } from '../actors/cluster/node.js';
import type { Clock, Timer } from '../kernel/clock.js';

const retryAfterMs = 200;
/** Redis may only have blinked: clients are not moved for less. */
const patienceMs = 3_000;

export interface FencedClientsPort {
  /** Sends every client to another node and lets nobody in. */
  moveAway(retryAfterMs: number): void;
  /** Lets clients in again. */
  takeBack(): void;
  /** Asks where every thread that is followed here stands, and tells members' actors anew which devices are here. */
  checkAll(): void;
}

/**
 * What becomes of a node's clients when it is fenced. After a stall (a pause past the lease) they were without service already:
 * they are moved at once. Without Redis it gets a moment to come back, then they are moved too. When Redis lost the lease (it
 * was restarted empty) every node is in the same state, so they stay, and look for what they missed once it has joined again.
 */
export const fencedClients = (cluster: Pick<ClusterNode, 'onFenced' | 'onRejoined'>, port: FencedClientsPort, clock: Clock): void => {
  let patience: Timer | undefined;
  cluster.onFenced((why) => {
    patience?.cancel();
    patience = undefined;
    if (why === 'stalled') port.moveAway(retryAfterMs);
    if (why === 'unreachable') patience = clock.after(patienceMs, () => port.moveAway(retryAfterMs));
  });
  cluster.onRejoined(() => {
    patience?.cancel();
    patience = undefined;
    port.takeBack();
    port.checkAll();
  });
};
