import { bumpLua, nowLua, type Script } from './script.js';

/**
 * A first lease.
 *   KEYS 1 leases (sorted set, score: end in ms)  2 members (hash: instance -> record)  3 version
 *   ARGV 1 instance  2 record (JSON)  3 lease in ms  4 channel
 *   Answers the version.
 */
export const join: Script = {
  keys: 3,
  lua: `${nowLua}${bumpLua}
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return bump(KEYS[3], ARGV[4])
`,
};
