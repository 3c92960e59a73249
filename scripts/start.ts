/** `npm start`: see `--help`. First whether this Node can run it at all: what follows may not even load in an older one. */
import { nodeTooOld } from './start/node-version.js';

const tooOld = nodeTooOld(process.versions.node);
if (tooOld) {
  console.error(`parley: ${tooOld}`);
  process.exit(1);
}
const { start } = await import('./start/start.js');
await start();
