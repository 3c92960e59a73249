import type { ActorKind } from '../runtime/actor.js';
import { CommunityActor } from './community/actor.js';
import type { DomainPorts } from './ports.js';
import { ThreadActor } from './thread/actor.js';
import { UserActor } from './user/actor.js';

/** Every kind of actor that Parley has. */
export const domainKinds = (ports: DomainPorts): ActorKind[] =>
  [
    { name: 'thread', create: (context) => new ThreadActor(context, ports), idleMs: 5 * 60_000, mailboxLimit: 10_000 },
    { name: 'community', create: (context) => new CommunityActor(context, ports), idleMs: 10 * 60_000, mailboxLimit: 20_000 },
    { name: 'user', create: (context) => new UserActor(context, ports), idleMs: 3 * 60_000, mailboxLimit: 1_000 },
  ] satisfies ActorKind<never>[] as unknown as ActorKind[];
