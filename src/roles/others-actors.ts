import { ClusterSender } from '../actors/cluster/sender.js';
import type { Lifecycle } from '../kernel/lifecycle.js';
import type { Foundation } from './foundation.js';
import type { Actors } from './ports.js';

/** All actors live in other processes; this one only sends to them. */
export const othersActors =
  ({ name, backbone, clock, logger, telemetry }: Pick<Foundation, 'name' | 'backbone' | 'clock' | 'logger' | 'telemetry'>) =>
  (parts: Lifecycle): Actors => ({ system: parts.use(new ClusterSender({ name, backbone, clock, logger, telemetry })) });
