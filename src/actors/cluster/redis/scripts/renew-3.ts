import { bumpLua, nowLua, type Script } from './script.js';

/**
 * Removes members whose lease has ended, then extends one's own if it has not.
 *   KEYS 1 leases  2 members  3 version
 *   ARGV 1 instance  2 lease in ms  3 channel
 *   Answers {1 extended or 0 ended, version}.
 */
export const renew: Script = {
  keys: 3,
  lua: `${nowLua}${bumpLua}
local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)
for _, instance in ipairs(dead) do
  redis.call('ZREM', KEYS[1], instance)
  redis.call('HDEL', KEYS[2], instance)
end
if #dead > 0 then bump(KEYS[3], ARGV[3]) end
local alive = 0
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
  alive = 1
end
return {alive, tonumber(redis.call('GET', KEYS[3]) or '0')}
`,
};
