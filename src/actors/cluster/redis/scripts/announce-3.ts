import { bumpLua, nowLua, type Script } from './script.js';

/**
 * Replaces a member's record while its lease stands.
 *   KEYS 1 leases  2 members  3 version
 *   ARGV 1 instance  2 record (JSON)  3 channel
 *   Answers 1, or 0 without a lease.
 */
export const announce: Script = {
  keys: 3,
  lua: `${nowLua}${bumpLua}
local ends = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not ends or tonumber(ends) <= now then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
bump(KEYS[3], ARGV[3])
return 1
`,
};
