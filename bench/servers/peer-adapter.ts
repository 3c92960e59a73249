import { createAdapter, createShardedAdapter } from '@socket.io/redis-adapter';
import { createAdapter as createStreamsAdapter } from '@socket.io/redis-streams-adapter';
import { Redis } from 'ioredis';
import type { ServerOptions } from 'socket.io';
import type { PeerStart } from './peer-options.js';

/** As their manuals show them. Undefined: Socket.IO's own, in memory. */
export const peerAdapter = ({ adapter, redisUrl }: PeerStart): ServerOptions['adapter'] | undefined => {
  switch (adapter) {
    case 'none':
      return undefined;
    case 'plain':
      return createAdapter(new Redis(redisUrl), new Redis(redisUrl)) as ServerOptions['adapter'];
    case 'sharded':
      return createShardedAdapter(new Redis(redisUrl), new Redis(redisUrl), { subscriptionMode: 'dynamic' }) as ServerOptions['adapter'];
    case 'streams':
      return createStreamsAdapter(new Redis(redisUrl)) as ServerOptions['adapter'];
  }
};
