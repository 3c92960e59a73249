import { bumpLua, nowLua, type Script } from './script.js';

/**
 * Claims slots that are free, one's own already, or whose owner has no lease; all under one new epoch.
 *   KEYS 1 leases  2 slots  3 epoch  4 version
 *   ARGV 1 instance  2 channel  3... slots
 *   Answers {epoch, slot, ...}: the slots that were given.
 */
export const claim: Script = {
  keys: 4,
  lua: `${nowLua}${bumpLua}
local function alive(instance)
  local ends = redis.call('ZSCORE', KEYS[1], instance)
  return ends and tonumber(ends) > now
end
local answer = {tonumber(redis.call('GET', KEYS[3]) or '0')}
if not alive(ARGV[1]) then return answer end
local living = {}
for i = 3, #ARGV do
  local held = redis.call('HGET', KEYS[2], ARGV[i])
  local owner = held and string.match(held, '^(.*):%d+$')
  if owner and living[owner] == nil then living[owner] = alive(owner) or false end
  if not owner or owner == ARGV[1] or not living[owner] then
    if #answer == 1 then answer[1] = redis.call('INCR', KEYS[3]) end
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[1] .. ':' .. string.format('%.0f', answer[1]))
    answer[#answer + 1] = tonumber(ARGV[i])
  end
end
if #answer > 1 then bump(KEYS[4], ARGV[2]) end
return answer
`,
};
