import { bumpLua, nowLua, type Script } from './script.js';

/**
 * A first lease, unless a member shares no version with the newcomer: here, where all come one after the other, so that of two
 * such that join at once only one gets in.
 *   KEYS 1 leases (sorted set, score: end in ms)  2 members (hash: instance -> record)  3 version
 *   ARGV 1 instance  2 record (JSON)  3 lease in ms  4 channel
 *   Answers the version, or the record of that member.
 */
export const join: Script = {
  keys: 3,
  lua: `${nowLua}${bumpLua}
local mine = cjson.decode(ARGV[2])
for _, instance in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', now), '+inf')) do
  local record = redis.call('HGET', KEYS[2], instance)
  local other = record and cjson.decode(record)
  if other and ((mine.oldest or mine.protocol) > other.protocol or (other.oldest or other.protocol) > mine.protocol) then
    return record
  end
end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return bump(KEYS[3], ARGV[4])
`,
};
