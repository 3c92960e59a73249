import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { seedIds } from '../../src/kernel/ids.js';
import type { Random } from './random.js';

interface SocketIds {
  generateId(): string;
}

const require = createRequire(import.meta.url);
// Socket.IO's own maker of socket ids; which node a device is told with which beat hangs on them.
const { base64id } = require(join(dirname(require.resolve('socket.io')), 'contrib/base64id.js')) as { base64id: SocketIds };

/** From here on every id follows from the seed. Answers how to end that. */
export const seedAllIds = (random: Random): (() => void) => {
  const ids = random.fork('ids');
  const sockets = random.fork('sockets');
  const own = Object.getOwnPropertyDescriptor(base64id, 'generateId');
  seedIds((count) => ids.bytes(count));
  base64id.generateId = () => sockets.bytes(15).toString('base64url');
  return () => {
    seedIds();
    if (own) Object.defineProperty(base64id, 'generateId', own);
    else delete (base64id as Partial<SocketIds>).generateId;
  };
};
