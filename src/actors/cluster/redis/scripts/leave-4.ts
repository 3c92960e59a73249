import { bumpLua, nowLua, type Script } from './script.js';

/**
 * Ends a lease and frees all its slots.
 *   KEYS 1 leases  2 members  3 slots (hash: slot -> instance:epoch)  4 version
 *   ARGV 1 instance  2 channel
 */
export const leave: Script = {
  keys: 4,
  unheard: true,
  lua: `${nowLua}${bumpLua}
local any = redis.call('ZREM', KEYS[1], ARGV[1]) + redis.call('HDEL', KEYS[2], ARGV[1])
local all = redis.call('HGETALL', KEYS[3])
local prefix = ARGV[1] .. ':'
for i = 1, #all, 2 do
  if string.sub(all[i + 1], 1, #prefix) == prefix then
    redis.call('HDEL', KEYS[3], all[i])
    any = any + 1
  end
end
if any > 0 then bump(KEYS[4], ARGV[2]) end
return any
`,
};
