import { bumpLua, nowLua, type Script } from './script.js';

/**
 * Frees slots that are still claimed exactly so.
 *   KEYS 1 slots  2 version
 *   ARGV 1 channel  2... slot, instance:epoch, ...
 *   Answers the slots that were freed.
 */
export const release: Script = {
  keys: 2,
  lua: `${nowLua}${bumpLua}
local freed = {}
for i = 2, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
    redis.call('HDEL', KEYS[1], ARGV[i])
    freed[#freed + 1] = tonumber(ARGV[i])
  end
end
if #freed > 0 then bump(KEYS[2], ARGV[1]) end
return freed
`,
};
