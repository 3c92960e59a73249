import { nowLua, type Script } from './script.js';

/**
 * The whole table at one moment.
 *   KEYS 1 leases  2 members  3 slots  4 version
 *   Answers {version, {record, ...} of members with a lease, {slot, instance:epoch, ...}}.
 */
export const read: Script = {
  keys: 4,
  lua: `${nowLua}
local records = {}
for _, instance in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', now), '+inf')) do
  local record = redis.call('HGET', KEYS[2], instance)
  if record then records[#records + 1] = record end
end
return {tonumber(redis.call('GET', KEYS[4]) or '0'), records, redis.call('HGETALL', KEYS[3])}
`,
};
