import type { Script } from './script.js';

/**
 * Lifts the epoch counter.
 *   KEYS 1 epoch
 *   ARGV 1 at least
 *   Answers what it was.
 */
export const raiseEpoch: Script = {
  keys: 1,
  lua: `
local was = tonumber(redis.call('GET', KEYS[1]) or '0')
if was < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
return was
`,
};
