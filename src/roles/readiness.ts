import type { RestDoorParts } from '../gateway/rest/door.js';
import type { Lifecycle } from '../kernel/lifecycle.js';
import type { House } from './ports.js';

/** Whether a node may be sent clients: not from the moment it begins to stop, nor without its slots, live events or store. */
export const readinessOf =
  (parts: Pick<Lifecycle, 'isStopping'>, { cluster, hub, store }: Pick<House, 'cluster' | 'hub' | 'store'>): RestDoorParts['readiness'] =>
  async () => {
    if (parts.isStopping) return { ok: false, reason: 'draining' };
    const slots = cluster?.ready();
    if (slots && !slots.ok) return { ok: false, reason: `slots: ${slots.reason}` };
    if (hub && !hub.connected) return { ok: false, reason: 'redis: live events are not connected' };
    return store.ping().then(
      () => ({ ok: true }) as const,
      () => ({ ok: false, reason: 'store: no answer' }) as const,
    );
  };
