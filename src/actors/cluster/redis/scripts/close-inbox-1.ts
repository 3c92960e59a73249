import type { Script } from './script.js';

/**
 * Deletes an inbox; from then on its senders are told that there is none.
 *   KEYS 1 inbox (stream)
 *   ARGV 1 id of the last entry read
 *   Answers the entries behind it.
 */
export const closeInbox: Script = {
  keys: 1,
  lua: `
local rest = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+')
redis.call('DEL', KEYS[1])
return rest
`,
};
