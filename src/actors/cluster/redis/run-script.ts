import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Script } from './scripts/script.js';

/** Runs a script; its arguments are the keys, then the others. */
export type RunScript = (script: Script, args: (string | number)[]) => Promise<unknown>;

/**
 * By hash, and by text where Redis does not know it (any more): a restarted Redis has forgotten all scripts. One that must be carried
 * out where no answer comes back is sent by text at once: nobody would hear that its hash is unknown.
 */
export const scriptRunner = (redis: Redis): RunScript => {
  const hashes = new Map<Script, string>();
  return async (script, args) => {
    if (script.unheard) return redis.eval(script.lua, script.keys, ...args);
    let hash = hashes.get(script);
    if (hash === undefined) {
      hash = createHash('sha1').update(script.lua).digest('hex');
      hashes.set(script, hash);
    }
    try {
      return await redis.evalsha(hash, script.keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(script.lua, script.keys, ...args);
    }
  };
};
